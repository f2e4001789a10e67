/** The interface of a cluster, whose nodes are processes or run in this one. */

import type { Delivery } from "./message_router.ts";

/** The nodes under test, by id. Operations on a node that is not in the right state do nothing. */
export interface Cluster {
  /** Starts a node, or restarts it with nothing in memory. Rejects if it cannot be started. */
  start(id: string): Promise<void> | void;
  /** Hands a message to a node; returns false if the node is dead, so that the message is lost. */
  deliver(id: string, delivery: Delivery): boolean;
  /** Ends a node without warning. */
  kill(id: string): void;
  /** Stops a node from doing anything until it is resumed; what arrives meanwhile waits. */
  pause(id: string): void;
  resume(id: string): void;
  /** Ends all nodes. */
  stop(): Promise<void> | void;
}

/** An action of a node that no correct node takes. Any of these makes a test invalid. */
export interface NodeFault {
  readonly node: string;
  /** `ended`: the node ended by itself; `stuck`: a handler does not return or floods; `limit`: it used more than it may; `stray`: see the text. */
  readonly kind: "ended" | "stuck" | "limit" | "stray";
  readonly text: string;
}
