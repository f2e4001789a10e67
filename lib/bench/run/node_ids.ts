/** The nodes of a test, from its options. Tested by `tests/bench/run/command_line_test.ts`. */

import { ArgumentError } from "../../runtime/settings.ts";
import { reasonOf } from "../errors.ts";

/** The options that name nodes. */
interface GivenNodes {
  readonly nodes: readonly string[];
  readonly node: readonly string[];
  readonly nodeCount?: number | undefined;
  readonly nodesFile?: string | undefined;
}

/**
 * Returns the nodes' ids in Maelstrom's order: those of the file, of `--node-count` or else `--nodes`, and of each `--node`; or
 * the default ones.
 */
export function nodeIds(values: GivenNodes): readonly string[] {
  const fromFile = values.nodesFile === undefined ? [] : readNodesFile(values.nodesFile);
  const listed = values.nodeCount === undefined
    ? values.nodes
    : Array.from({ length: values.nodeCount }, (_, i) => `n${i}`);
  const ids = [...fromFile, ...listed, ...values.node];
  return ids.length === 0 ? ["n1", "n2", "n3", "n4", "n5"] : ids;
}

function readNodesFile(path: string): readonly string[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new ArgumentError(`--nodes-file ${path} cannot be read: ${reasonOf(error)}`);
  }
  const ids = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const odd = ids.find((id) => !isNodeId(id));
  if (odd !== undefined) {
    throw new ArgumentError(`--nodes-file ${path}: ${JSON.stringify(odd)} is not a node's id`);
  }
  return ids;
}

/** Returns true for an id that a node may have: `c` is for clients. */
export function isNodeId(id: string): boolean {
  return /^[\p{L}\p{N}_.-]+$/u.test(id) && !id.startsWith("c");
}
