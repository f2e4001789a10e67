/** `charybdis test`: runs a test and judges it. */

import manifest from "../../deno.json" with { type: "json" };
import type { Event } from "../checkers/history.ts";
import { parseHistory } from "../checkers/parse.ts";
import { mergeValidity, type Validity } from "../checkers/result.ts";
import { ArgumentError, describeSettings } from "../runtime/settings.ts";
import { say, styleFor } from "./console.ts";
import { parseTest, runSettings, testSettings } from "./options.ts";
import type { RunFacts } from "./outcome.ts";
import { loadProgram } from "./programs.ts";
import { Progress } from "./progress.ts";
import { eventLine, fileHead, makeRunStore, type RunStore } from "./store.ts";
import { summarize } from "./summary.ts";
import { exitStatus, judge, type TestResult } from "./verdict.ts";
import { runVirtual } from "./virtual.ts";
import { runWall } from "./wall.ts";

/** Where results go unless `--store` says otherwise. */
const STORE = "store";

type Parsed = ReturnType<typeof parseTest>;

/** Runs the command and returns its exit status. */
export async function testCommand(args: readonly string[]): Promise<number> {
  const parsed = parseTest(args);
  if (parsed.run.help) {
    say(usage());
    return 0;
  }
  let valid: Validity = true;
  for (let count = 0; count < parsed.run.testCount; count++) {
    const { result, interrupted } = await runOnce(parsed, args);
    valid = mergeValidity([valid, result.valid]);
    if (valid !== true || interrupted) break;
  }
  return exitStatus(valid);
}

async function runOnce(
  parsed: Parsed,
  argv: readonly string[],
): Promise<{ result: TestResult; interrupted: boolean }> {
  const { test, run, nodeArguments } = parsed;
  const seed = run.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const started = new Date();
  const store = run.virtual && run.store === undefined
    ? undefined
    : makeRunStore(run.store ?? STORE, { workload: test.workload, started });
  const head = {
    ...fileHead(),
    argv,
    test,
    nodeArguments,
    seed,
    virtual: run.virtual,
    started: started.toISOString(),
  };
  store?.writeJson("test.json", { ...head, state: "running" });
  const { history, facts } = run.virtual
    ? await virtually(parsed, { seed, store })
    : await onTheWall(parsed, {
      seed,
      store: store ?? makeRunStore(STORE, { workload: test.workload, started }),
    });
  const result = judge(history, { test, facts });
  store?.writeJson("results.json", result);
  store?.writeJson("test.json", {
    ...head,
    state: facts.interrupted ? "interrupted" : "done",
    valid: result.valid,
    seconds: (Date.now() - started.getTime()) / 1000,
  });
  report(result, { parsed, seed, store });
  return { result, interrupted: facts.interrupted };
}

/** What a run gives to the judge. */
interface Ran {
  readonly history: readonly Event[];
  readonly facts: RunFacts;
}

async function virtually(
  { test, run, nodeArguments }: Parsed,
  { seed, store }: { readonly seed: number; readonly store: RunStore | undefined },
): Promise<Ran> {
  if (run.bin !== undefined) {
    throw new ArgumentError("--bin and --virtual exclude each other: processes need real time");
  }
  const program = await loadProgram({ workload: test.workload, module: run.node, args: nodeArguments });
  const history: Event[] = [];
  const facts = await runVirtual({
    test,
    seed,
    program,
    storage: test.faults.includes("kill") && !run.noData,
    record: (event) => history.push(event),
  });
  if (store !== undefined) {
    const file = store.lines("history.jsonl");
    for (const event of history) file.write(eventLine(event));
    file.close();
  }
  return { history, facts };
}

async function onTheWall(
  { test, run, nodeArguments }: Parsed,
  { seed, store }: { readonly seed: number; readonly store: RunStore },
): Promise<Ran> {
  const bin = executable(run.bin);
  const history = store.lines("history.jsonl");
  const logs = new Map(test.nodes.map((node) => [node, store.nodeLog(node)]));
  const progress = new Progress({ quiet: run.json, timeLimitS: test.timeLimitS });
  const interrupt = () => progress.note("interrupted: what has been recorded is kept");
  let onSignal = () => {};
  try {
    const facts = await runWall({
      test,
      seed,
      bin,
      args: () => nodeArguments,
      record: (event) => {
        history.write(eventLine(event));
        progress.count(event);
      },
      stderr: (node, chunk) => {
        logs.get(node)?.writeSync(chunk);
        if (run.logStderr) say(`${node}: ${new TextDecoder().decode(chunk).trimEnd()}`, "stderr");
      },
      progress: (phase) => progress.phase(phase),
      interruptible: (stop) => {
        onSignal = () => {
          interrupt();
          stop();
        };
        for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, onSignal);
      },
    });
    history.flush();
    const text = Deno.readTextFileSync(`${store.directory}/history.jsonl`);
    return { history: parseHistory(text), facts };
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, onSignal);
    progress.end();
    history.close();
    for (const log of logs.values()) log.close();
  }
}

/** The path of a node's executable, found to be one. */
function executable(bin: string | undefined): string {
  if (bin === undefined) {
    throw new ArgumentError(
      "--bin FILE is missing: the executable that runs a node (or --virtual, for a built-in one)",
    );
  }
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(bin);
  } catch {
    throw new ArgumentError(`--bin ${bin}: there is no such file`);
  }
  if (!info.isFile) throw new ArgumentError(`--bin ${bin} is not a file`);
  if (info.mode !== null && (info.mode & 0o111) === 0) {
    throw new ArgumentError(`--bin ${bin} is not executable: chmod +x ${bin}`);
  }
  return Deno.realPathSync(bin);
}

function report(
  result: TestResult,
  { parsed, seed, store }: {
    readonly parsed: Parsed;
    readonly seed: number;
    readonly store: RunStore | undefined;
  },
): void {
  const { test, run } = parsed;
  if (run.json) {
    say(JSON.stringify(result));
    return;
  }
  if (run.verbose) say(JSON.stringify(result, undefined, 1));
  const where = store === undefined ? {} : { store: store.directory };
  if (run.virtual) say(`seed          ${seed}`);
  for (const line of summarize(result, { test, style: styleFor("stdout"), ...where })) say(line);
}

function usage(): string {
  return [
    "Usage: charybdis test -w WORKLOAD --bin FILE [options] [-- arguments of the node]",
    "       charybdis test -w WORKLOAD --virtual [--seed N] [options]",
    "",
    "Starts nodes, lets clients ask them, injects faults, and judges what came of it. The test:",
    describeSettings(testSettings),
    "",
    "How it is run, and what is kept:",
    describeSettings(runSettings),
    "",
    "Exit status: 0 valid, 1 invalid, 2 unknown, 254 wrong arguments, 255 the bench failed.",
    `Charybdis ${manifest.version}`,
  ].join("\n");
}
