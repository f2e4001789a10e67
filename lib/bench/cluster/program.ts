/**
 * Converts a module's exports into a program that can run on a node.
 *
 * Tested by `tests/bench/run/message_forms_test.ts`.
 */

import type { Node } from "../../runtime/node.ts";
import { ArgumentError, parseSettings, type Settings } from "../../runtime/settings.ts";

/** A program with its arguments, ready to run on a node. */
export type NodeProgram = (node: Node) => void;

/**
 * Returns the program, which is the single function that a module exports, with its exported `settings` read from `args`.
 * Throws
 * `ArgumentError` if the module does not export exactly one function, or if the arguments are invalid.
 */
export function programOf(
  exported: Readonly<Record<string, unknown>>,
  { name, args }: { readonly name: string; readonly args: readonly string[] },
): NodeProgram {
  const programs = Object.values(exported).filter((value) => typeof value === "function");
  const [program] = programs;
  if (program === undefined || programs.length > 1) {
    throw new ArgumentError(`${name} must export one function, the program, but exports ${programs.length}`);
  }
  const settings = settingsOf((exported["settings"] ?? {}) as Settings, args);
  return (node) => program(node, settings);
}

function settingsOf(settings: Settings, args: readonly string[]): unknown {
  try {
    return parseSettings(settings, args);
  } catch (error) {
    throw error instanceof ArgumentError
      ? new ArgumentError(`the node's arguments: ${error.message}`)
      : error;
  }
}
