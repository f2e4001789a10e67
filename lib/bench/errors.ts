/** Errors of the bench itself, and their texts. Tested by `tests/bench/cli/messages_test.ts`. */

/** Something that keeps the bench from doing its work; the message says what. Exit status 255. */
export class BenchError extends Error {
  constructor(text: string) {
    super(text);
    this.name = "BenchError";
  }
}

/** The error for a node that could not start; its message describes the node's behavior. */
export class StartError extends Error {
  readonly node: string;
  /** True if the message quotes the node's output. */
  readonly quotesOutput: boolean;

  constructor(node: string, text: string, { quotesOutput = false } = {}) {
    super(text);
    this.name = "StartError";
    this.node = node;
    this.quotesOutput = quotesOutput;
  }
}

/** Returns the message of an error, or a thrown value as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Removes the stack frames of the runtime and the bench. */
export function withoutOwnFrames(text: string): string {
  return text.split("\n").filter((line) =>
    !/^\s+at .*\/lib\/(bench|runtime|sim|protocol)\//.test(line) && !/^\s+at .*ext:/.test(line)
  ).join("\n");
}

/** Limits of a process that a user can raise, by the system's error number. */
const RAISED_BY: ReadonlyMap<string, string> = new Map([
  ["24", "Raise the limit with ulimit -n"], // EMFILE
  ["11", "Raise the limits of processes and memory with ulimit -u and ulimit -v"], // EAGAIN, of fork
  ["12", "Raise the limit of memory with ulimit -v"], // ENOMEM
]);

/**
 * Returns why something failed, in the error's words. The system's words lose the number and the call that follow them; for a limit
 * that can be raised, they gain the way to do so.
 */
export function reasonOf(error: unknown): string {
  const text = messageOf(error);
  const [, number] = / \(os error (\d+)\)/.exec(text) ?? [];
  const advice = RAISED_BY.get(number ?? "");
  return text.replace(/ \(os error \d+\).*$/s, advice === undefined ? "" : `. ${advice}`);
}
