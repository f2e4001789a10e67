/**
 * Starts nodes and waits until they answer `init`.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import { show } from "../../protocol/schema.ts";
import type { Cluster } from "../../sim/cluster.ts";
import type { MessageRouter } from "../../sim/message_router.ts";
import type { Observation } from "../../sim/remarks.ts";
import { messageOf, StartError } from "../errors.ts";
import { INIT_TIMEOUT_MS, introduce } from "../workloads/operations.ts";
import type { Connections } from "./connections.ts";
import type { RunSignals } from "./run_signals.ts";

/** The parts of a run that starting a node needs. */
export interface NodeStarterParts {
  readonly nodes: readonly string[];
  readonly cluster: Cluster;
  readonly router: MessageRouter;
  readonly connections: Connections;
  readonly signals: RunSignals;
}

/** Starts the nodes of one run. */
export class NodeStarter {
  readonly #parts: NodeStarterParts;
  /** The nodes that have not answered `init` yet. */
  readonly #starting = new Map<string, (error: StartError) => void>();

  constructor(parts: NodeStarterParts) {
    this.#parts = parts;
  }

  /** Starts a node and sends `init` to it. Rejects when the node does not answer `init` in time. */
  async start(node: string): Promise<void> {
    const { nodes, cluster, router, connections, signals } = this.#parts;
    router.attach(node, (delivery) => cluster.deliver(node, delivery));
    signals.settled();
    await cluster.start(node);
    const { promise: ended, reject } = Promise.withResolvers<never>();
    this.#starting.set(node, reject);
    try {
      const answer = connections.once(node, introduce({ node_id: node, node_ids: nodes }));
      const outcome = await Promise.race([answer, ended]);
      if (!("error" in outcome) || signals.isStopped) return;
      const why = messageOf(outcome.error) || `no answer within ${INIT_TIMEOUT_MS / 1000} s`;
      throw new StartError(node, `node ${node} did not answer init with init_ok: ${why}`);
    } finally {
      this.#starting.delete(node);
    }
  }

  /** Fails a pending start when the node's output cannot be read any more. */
  nodeMuted({ node, problem, line }: Observation): void {
    const wrote = line === undefined ? "" : `\nIt wrote: ${show(line)}`;
    const text =
      `node ${node} wrote a line before it answered init that Maelstrom refuses: ${problem}${wrote}`;
    this.#starting.get(node)?.(new StartError(node, text, { quotesOutput: line !== undefined }));
  }

  /** Fails a pending start when the node has ended by itself. `how` quotes its last output. */
  nodeEnded(node: string, how: string): void {
    this.#starting.get(node)?.(new StartError(node, `node ${node} ${how}`, { quotesOutput: true }));
  }
}
