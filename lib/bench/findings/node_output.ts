/** The output of a failed node as text: the exception first, then its last output. */

import { isObject } from "../../protocol/schema.ts";
import { exceptionIn } from "./exceptions.ts";

/** The recorded output of a node. */
export interface NodeOutput {
  readonly isRunning: boolean;
  /** The end of its stderr. */
  readonly stderr: string;
  /** Its last complete line on stdout. */
  readonly stdout: string;
  /** Its output after that line, without a line end. */
  readonly unfinished: string;
}

/** Maximum number of characters shown of an incomplete line. */
const UNFINISHED_SHOWN = 120;
/** Maximum number of stderr lines shown besides the exception. */
const STDERR_LINES_MAX = 12;

/** Returns a node's last output as text. */
export function describeOutput({ isRunning, stderr, stdout, unfinished }: NodeOutput): string {
  const exception = exceptionIn(stderr);
  const logged = stderr.trim();
  const parts = [
    ...(exception === undefined ? [] : [
      `${exception.language} exception: ${exception.error}${
        exception.frame === undefined ? "" : `\n    at ${exception.frame}`
      }`,
    ]),
    ...(stdout === "" ? [] : [...initProblem(stdout), `Its last line on stdout:\n${indent(stdout)}`]),
    ...(unfinished === "" ? [] : [
      "It wrote to stdout without a newline at the end. End each message with \\n. " +
      `It wrote:\n${indent(unfinished.slice(0, UNFINISHED_SHOWN))}`,
    ]),
    ...(stdout === "" && unfinished === "" && isRunning
      ? [
        "It is running but wrote nothing to stdout. Its output may still be buffered. Flush stdout after each message.",
      ]
      : []),
    ...(logged === "" ? [] : [`The end of its stderr:\n${indent(lastLines(logged))}`]),
  ];
  return parts.length === 0 ? "It wrote nothing." : parts.join("\n");
}

/** Returns the problems with an answer to `init`. */
function initProblem(line: string): string[] {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return [];
  }
  const body = isObject(message) && isObject(message["body"]) ? message["body"] : {};
  if (body["type"] !== "init_ok" || body["in_reply_to"] !== undefined) return [];
  return ["Its init_ok has no in_reply_to. Set it to the msg_id of the init message."];
}

function lastLines(text: string): string {
  const lines = text.split("\n");
  return lines.length <= STDERR_LINES_MAX ? text : `…\n${lines.slice(-STDERR_LINES_MAX).join("\n")}`;
}

function indent(text: string): string {
  return text.split("\n").map((line) => `    ${line}`).join("\n");
}

/** Exit statuses that shells and runtimes define. */
const STATUS_WORDS: Readonly<Record<number, string>> = {
  126: "the shell could not execute a command",
  127: "in a shell: a command was not found",
  134: "SIGABRT",
  137: "SIGKILL",
  139: "SIGSEGV",
  143: "SIGTERM",
  152: "SIGXCPU, its limit of CPU time",
  153: "SIGXFSZ, its limit of a file's size",
};

/** Returns how a process ended: `by SIGSEGV`, `with exit status 127 (in a shell: a command was not found)`. */
export function describeEnd(
  { code, signal }: { readonly code: number; readonly signal: string | null },
): string {
  if (signal !== null) return `by ${signal}`;
  const word = Object.hasOwn(STATUS_WORDS, code) ? STATUS_WORDS[code] : undefined;
  return `with exit status ${code}${word === undefined ? "" : ` (${word})`}`;
}
