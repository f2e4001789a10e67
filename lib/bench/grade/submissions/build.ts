/** Builds a submission, in the sandbox if there is one. Tested by `tests/bench/grade/submissions_test.ts`. */

import { reasonOf } from "../../errors.ts";
import { describeEnd } from "../../findings/node_output.ts";
import { sandboxCommand, type SandboxTools, SOURCE_FOLDER } from "../../sandbox/bubblewrap.ts";
import { BUILD_LIMITS } from "../../sandbox/limits.ts";
import { contentOf, type StagedSubmission } from "./stage.ts";
import { StagedFolder, SubmissionError } from "./staged_folder.ts";
import { unpackTar } from "./tar.ts";

/** The number of characters of a build's output that are kept, from its end. */
const OUTPUT_KEPT = 4000;
/** The size of the folder in which a sandboxed build works, in MB. */
const BUILD_MB = 2048;

/** The settings of a build. */
export interface BuildOptions {
  /** A command for /bin/sh. */
  readonly command: string;
  /** The tools of the sandbox; undefined if programs run with the rights of the bench. */
  readonly tools: SandboxTools | undefined;
  readonly readable: readonly string[];
  readonly hidden: readonly string[];
  readonly timeoutS: number;
  /** The new folder of the built submission. */
  readonly target: string;
}

/**
 * Builds a submission and returns the result in a new folder. Throws `SubmissionError` with the end of the output if the build
 * fails.
 *
 * A sandboxed build works on a copy in memory, of bounded size. Its result leaves the sandbox as an archive, which is unpacked like
 * a submission: so a build writes and links nothing outside, either.
 */
export async function buildSubmission(
  staged: StagedSubmission,
  options: BuildOptions,
): Promise<StagedSubmission> {
  const { command, tools, readable, hidden, target } = options;
  if (tools === undefined) {
    await runBuild(["/bin/sh", "-c", command], { ...options, cwd: staged.folder });
    return { ...contentOf(staged.folder), isSingle: false };
  }
  const script = `cp -a ${SOURCE_FOLDER}/. . && (${command}) >&2 && exec tar -cf - --hard-dereference .`;
  const access = { folder: staged.folder, buildMb: BUILD_MB, readable, hidden, limits: BUILD_LIMITS };
  const built = new StagedFolder(target);
  const line = sandboxCommand(tools, access, ["/bin/sh", "-c", script]);
  await runBuild(line, { ...options, cwd: "/", archive: (stream) => unpackTar(stream, built) });
  return { ...contentOf(target), isSingle: false };
}

async function runBuild(
  [command = "", ...args]: readonly string[],
  { cwd, timeoutS, archive = drain }: BuildOptions & {
    readonly cwd: string;
    readonly archive?: (stream: ReadableStream<Uint8Array>) => Promise<unknown>;
  },
): Promise<void> {
  const child = new Deno.Command(command, {
    args,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const kill = () => {
    try {
      Deno.kill(-child.pid, "SIGKILL");
    } catch {
      // the build has ended
    }
  };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, timeoutS * 1000);
  try {
    const [unpacked, said, status] = await Promise.allSettled([
      archive(child.stdout).finally(() => child.stdout.cancel().catch(() => {})),
      tailOf(child.stderr),
      child.status,
    ]);
    const output = said.status === "fulfilled" ? said.value.trim() : "";
    const quoted = output === "" ? "" : `. The end of its output:\n${output}`;
    if (isLate) throw new SubmissionError(`the build did not end within ${timeoutS.toFixed(0)} s${quoted}`);
    if (status.status === "fulfilled" && !status.value.success) {
      throw new SubmissionError(`the build ended ${describeEnd(status.value)}${quoted}`);
    }
    if (unpacked.status === "rejected") {
      const { reason } = unpacked;
      throw reason instanceof SubmissionError
        ? reason
        : new SubmissionError(`the build failed: ${reasonOf(reason)}`);
    }
  } finally {
    clearTimeout(timer);
    kill();
  }
}

async function drain(stream: ReadableStream<Uint8Array>): Promise<void> {
  await stream.pipeTo(new WritableStream());
}

async function tailOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text = (text + decoder.decode(chunk, { stream: true })).slice(-OUTPUT_KEPT);
  }
  return text;
}
