/** Executables as the tests run them: with an empty environment, over real pipes. */

import { isMessage, type Message, parseMessage } from "../../lib/protocol/message.ts";
import { LineSplitter } from "../../lib/protocol/lines.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The path of an executable of this repository. */
export function bin(name: string): string {
  return `${ROOT}bin/${name}`;
}

/** Returns true if these executables are built and tests may run them. */
export function runnable(...names: string[]): boolean {
  const may = (["run", "read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  return may && names.every((name) => {
    try {
      return Deno.statSync(bin(name)).isFile;
    } catch {
      return false;
    }
  });
}

/** The outcome of a finished process. */
export interface Outcome {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an executable with an empty environment on the given input, to its end. */
export async function run(
  path: string,
  options: {
    readonly args?: readonly string[];
    readonly input?: string | Uint8Array<ArrayBuffer>;
    /** True if the process gets the tests' environment, which Deno itself may need. */
    readonly environment?: boolean;
  } = {},
): Promise<Outcome> {
  const child = new Deno.Command(path, {
    args: [...options.args ?? []],
    clearEnv: options.environment !== true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { input = "" } = options;
  const writer = child.stdin.getWriter();
  const fed = writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input)
    .then(() => writer.close()).catch(() => {}); // a process may end before it has read everything
  const { code, signal, stdout, stderr } = await child.output();
  await fed;
  const decoder = new TextDecoder();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs a line of `sh` in which `$BIN` is the executable; everything else of the environment is empty. */
export async function shell(script: string, name: string): Promise<Outcome> {
  const output = await new Deno.Command("/bin/sh", {
    args: ["-c", script],
    clearEnv: true,
    env: { BIN: bin(name), PATH: "/usr/bin:/bin" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const { code, signal, stdout, stderr } = output;
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Returns the messages on a node's stdout. Throws at the first line that is not a message. */
export function messagesIn(stdout: string): Message[] {
  const lines = stdout.split("\n");
  if (lines.pop() !== "") throw new Error("the last line has no end");
  return lines.map((line) => {
    const message = parseMessage(line);
    if (!isMessage(message)) throw new Error(`no message: ${line.slice(0, 200)}`);
    return message;
  });
}

/** A node as a process with which tests communicate. */
export class NodeProcess {
  readonly child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly #splitter = new LineSplitter();
  readonly #lines: string[] = [];

  constructor(
    path: string,
    options: { readonly args?: readonly string[]; readonly environment?: boolean } = {},
  ) {
    this.child = new Deno.Command(path, {
      args: [...options.args ?? []],
      clearEnv: options.environment !== true,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#stdin = this.child.stdin.getWriter();
    this.#stdout = this.child.stdout.getReader();
  }

  /** A node that has answered `init` as n1 of the given nodes. */
  static async started(
    path: string,
    options: { readonly id?: string; readonly args?: readonly string[]; readonly environment?: boolean } = {},
  ): Promise<NodeProcess> {
    const node = new NodeProcess(path, options);
    const { id = "n1" } = options;
    await node.write(line({ type: "init", msg_id: 1, node_id: id, node_ids: [id] }, { src: "c0", dest: id }));
    const reply = await node.message();
    if (reply.body.type !== "init_ok") throw new Error(`init was answered by ${JSON.stringify(reply)}`);
    return node;
  }

  async write(input: string | Uint8Array): Promise<void> {
    await this.#stdin.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
  }

  /** Returns the next message on stdout. Throws on a line that is not a message, and at the end. */
  async message(): Promise<Message> {
    while (this.#lines.length === 0) {
      const { value, done } = await this.#stdout.read();
      if (done) throw new Error("stdout has ended");
      this.#lines.push(...this.#splitter.push(value));
    }
    const line = this.#lines.shift() ?? "";
    const message = parseMessage(line);
    if (!isMessage(message)) throw new Error(`no message: ${line.slice(0, 200)}`);
    return message;
  }

  /** Ends its input. */
  async closeInput(): Promise<void> {
    await this.#stdin.close();
  }

  /** Closes the reader's end of its output. */
  async closeOutput(): Promise<void> {
    await this.#stdout.cancel();
  }

  /** Waits for its end, and closes its pipes. */
  async ended(): Promise<Deno.CommandStatus> {
    const status = await this.child.status;
    await this.#stdin.abort().catch(() => {});
    await this.#stdout.cancel().catch(() => {});
    return status;
  }
}

/** A message as a line, with its end. */
export function line(
  body: Readonly<Record<string, unknown>>,
  { src = "c1", dest = "n1" }: { readonly src?: string; readonly dest?: string } = {},
): string {
  return `${JSON.stringify({ src, dest, body })}\n`;
}

/** The first line of every node's input. */
export const INIT = line({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] }, { src: "c0" });
