/** What a test needs of a cluster, whether its nodes are processes or live in this one. */

import type { Message } from "../protocol/message.ts";

/** The nodes under test, by id. Operations on a node that is not in the right state do nothing. */
export interface Cluster {
  /** Starts a node (again): the program anew, with nothing in memory. Rejects when it cannot be started. */
  start(id: string): Promise<void> | void;
  /**
   * Hands a node a line; false if the node is dead, so that the line is lost. `message` is what the line says, where it
   * has been read already and belongs to nobody else.
   */
  deliver(id: string, line: string, message?: Message): boolean;
  /** Ends a node without warning. */
  kill(id: string): void;
  /** Stops a node from doing anything until it is resumed; what arrives meanwhile waits. */
  pause(id: string): void;
  resume(id: string): void;
  /** Ends all nodes. */
  stop(): Promise<void> | void;
}

/** Something that a node did which no correct node does; any of these makes a test invalid. */
export interface NodeFault {
  readonly node: string;
  /** `ended`: the node came to an end by itself; `stuck`: a handler does not return or floods; `stray`: see the text. */
  readonly kind: "ended" | "stuck" | "stray";
  readonly text: string;
}
