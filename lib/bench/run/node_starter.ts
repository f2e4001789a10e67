/**
 * Starts nodes and waits until they answer `init`, and then the requests of the workload's setup.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import { show } from "../../protocol/schema.ts";
import type { Cluster } from "../../sim/cluster.ts";
import type { MessageRouter } from "../../sim/message_router.ts";
import type { Observation } from "../../sim/remarks.ts";
import { messageOf, StartError, withoutOwnFrames } from "../errors.ts";
import { INIT_TIMEOUT_MS, introduce, type RequestSequence } from "../workloads/operations.ts";
import type { Connections } from "./connections.ts";
import type { RunSignals } from "./run_signals.ts";

/**
 * The time from `init_ok` until its client leaves, in ms, at every second node; at the others it leaves at once. On Maelstrom, a
 * second `init_ok` silences a node if it loses a race with its client's end, which about half of the nodes do.
 */
const INIT_LINGER_MS = 20;

/** The parts of a run that starting a node needs. */
export interface NodeStarterParts {
  readonly nodes: readonly string[];
  readonly cluster: Cluster;
  readonly router: MessageRouter;
  readonly connections: Connections;
  readonly signals: RunSignals;
}

/** A node that has yet to answer a request before the test. */
interface Pending {
  /** The request, as in "before it answered the setup". */
  readonly request: string;
  readonly fail: (error: StartError) => void;
}

/** Starts the nodes of one run. */
export class NodeStarter {
  readonly #parts: NodeStarterParts;
  readonly #pending = new Map<string, Pending>();

  constructor(parts: NodeStarterParts) {
    this.#parts = parts;
  }

  /** Starts a node and sends `init` to it. Rejects when the node does not answer `init` in time. */
  async start(node: string): Promise<void> {
    const { nodes, cluster, router, signals } = this.#parts;
    router.attach(node, (delivery) => cluster.deliver(node, delivery));
    signals.settled();
    await cluster.start(node);
    await this.#answers(node, {
      request: "init with init_ok",
      steps: introduce({ node_id: node, node_ids: nodes }),
      silence: `no answer within ${INIT_TIMEOUT_MS / 1000} s`,
      lingerMs: nodes.indexOf(node) % 2 === 0 ? 0 : INIT_LINGER_MS,
    });
  }

  /**
   * Sends the requests of a workload's setup to a node. Their client stays until the end. Rejects when the node does not answer
   * them in time.
   */
  async setUp(node: string, steps: RequestSequence<void>): Promise<void> {
    await this.#answers(node, {
      request: "the setup",
      steps,
      silence: "no answer in time",
      lingerMs: Infinity,
    });
  }

  /** Fails a pending start when the node's output cannot be read any more. */
  nodeMuted({ node, problem, line }: Observation): void {
    const pending = this.#pending.get(node);
    if (pending === undefined) return;
    const wrote = line === undefined ? "" : `\nIt wrote: ${show(line)}`;
    const text =
      `node ${node} wrote a line before it answered ${pending.request} that Maelstrom refuses: ${problem}${wrote}`;
    pending.fail(new StartError(node, text, { quotesOutput: line !== undefined }));
  }

  /** Fails a pending start when the node has ended by itself. `how` quotes its last output. */
  nodeEnded(node: string, how: string): void {
    const pending = this.#pending.get(node);
    pending?.fail(new StartError(node, `node ${node} ${withoutOwnFrames(how)}`, { quotesOutput: true }));
  }

  async #answers(
    node: string,
    { request, steps, silence, lingerMs }: {
      readonly request: string;
      readonly steps: RequestSequence<void>;
      readonly silence: string;
      readonly lingerMs: number;
    },
  ): Promise<void> {
    const { connections, signals } = this.#parts;
    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    this.#pending.set(node, { request, fail });
    try {
      const outcome = await Promise.race([connections.once(node, steps, lingerMs), failed]);
      if (!("error" in outcome) || signals.isStopped) return;
      const why = messageOf(outcome.error) || silence;
      throw new StartError(node, `node ${node} did not answer ${request}: ${why}`);
    } finally {
      this.#pending.delete(node);
    }
  }
}
