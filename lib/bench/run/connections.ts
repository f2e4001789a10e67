/**
 * Makes the clients' connections of a run, and runs requests outside the workload: init, setup, convergence.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import type { Clock } from "../../runtime/host.ts";
import type { MessageRouter } from "../../sim/message_router.ts";
import type { RequestSequence } from "../workloads/operations.ts";
import { Connection } from "./connection.ts";
import type { Outcome } from "./request_steps.ts";
import type { RunSignals } from "./run_signals.ts";

/** The parts of a run that connections need. */
export interface ConnectionParts {
  readonly clock: Clock;
  readonly router: MessageRouter;
  readonly signals: RunSignals;
}

/** The connections of one run. Each has a client's id of its own. */
export class Connections {
  readonly #parts: ConnectionParts;
  #nextClient = 0;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Opens a connection to a node. */
  open(node: string): Connection {
    const { clock, router } = this.#parts;
    return new Connection({ clock, router, id: `c${this.#nextClient++}`, node });
  }

  /**
   * Runs requests to a node with a client that is used once.
   *
   * @param lingerMs the time from the last reply until the client leaves, in ms; Infinity if it stays
   */
  once<T>(node: string, requests: RequestSequence<T>, lingerMs = 0): Promise<Outcome<T>> {
    const { clock, signals } = this.#parts;
    const connection = this.open(node);
    return new Promise((resolve) =>
      connection.run(requests, (outcome) => {
        if (lingerMs === 0) connection.close();
        else if (lingerMs < Infinity) clock.after(lingerMs, () => connection.close());
        signals.settled();
        resolve(outcome);
      })
    );
  }
}
