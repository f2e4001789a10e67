/**
 * The order of execution: a transaction is executed after its dependencies that have earlier timestamps. No two wait for each other,
 * because timestamps are ordered. Tested by `tests/consensus/accord/execution_test.ts`.
 */

import { instanceId, type InstanceSet } from "../leaderless/instance_ids.ts";
import type { Commands, InstanceId } from "../leaderless/types.ts";
import type { AccordRules } from "./safety_rules.ts";
import type { Dependencies, Phase, Timestamp } from "./types.ts";

/** A transaction, as its execution sees it. */
export interface Executable {
  readonly id: InstanceId;
  readonly phase: Phase;
  readonly commands: Commands | undefined;
  readonly executeAt: Timestamp;
  readonly deps: Dependencies;
}

/** The surroundings of the execution. */
export interface ExecutionEnvironment {
  readonly transactionOf: (id: InstanceId) => Executable | undefined;
  /** The transactions that were executed, or that are empty. */
  readonly executed: InstanceSet;
  readonly rules: Pick<AccordRules, "mustWaitFor">;
  readonly execute: (transaction: Executable) => void;
}

/** A committed transaction that waits. */
interface Waiting {
  readonly transaction: Executable;
  /** The dependencies that were not executed when it was committed. */
  readonly deps: readonly InstanceId[];
  /** The number of them that it need not wait for any more. */
  passed: number;
}

/** Executes transactions when they are ready. Each one waits for one dependency at a time. */
export class Execution {
  readonly #environment: ExecutionEnvironment;
  readonly #waitersOf = new Map<InstanceId, Waiting[]>();

  constructor(environment: ExecutionEnvironment) {
    this.#environment = environment;
  }

  /** Takes transactions that were committed, and executes all that are ready. */
  committed(transactions: readonly Executable[]): void {
    const ready: Waiting[] = [];
    for (const transaction of transactions) {
      ready.push(this.#entered(transaction), ...this.#waitersFor(transaction.id));
    }
    for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
      if (this.#environment.executed.has(next.transaction.id)) continue;
      const blocker = this.#blockerOf(next);
      if (blocker === undefined) {
        this.#environment.executed.add(next.transaction.id);
        this.#environment.execute(next.transaction);
        ready.push(...this.#waitersFor(next.transaction.id));
        continue;
      }
      const waiters = this.#waitersOf.get(blocker);
      if (waiters === undefined) this.#waitersOf.set(blocker, [next]);
      else waiters.push(next);
    }
  }

  #entered(transaction: Executable): Waiting {
    const { ids, floor } = transaction.deps;
    const { executed } = this.#environment;
    const deps = new Set(ids);
    for (const [node, number] of Object.entries(floor)) {
      for (let each = executed.numberOf(node) + 1; each <= number; each++) deps.add(instanceId(node, each));
    }
    deps.delete(transaction.id);
    return { transaction, deps: [...deps].filter((id) => !executed.has(id)), passed: 0 };
  }

  #waitersFor(id: InstanceId): readonly Waiting[] {
    const waiters = this.#waitersOf.get(id) ?? [];
    this.#waitersOf.delete(id);
    return waiters;
  }

  /** Returns a dependency that must be decided or executed first. */
  #blockerOf(waiting: Waiting): InstanceId | undefined {
    const { executed, transactionOf, rules } = this.#environment;
    const { transaction, deps } = waiting;
    if (transaction.commands === null) return undefined;
    for (; waiting.passed < deps.length; waiting.passed++) {
      const id = deps[waiting.passed];
      if (id === undefined || executed.has(id)) continue;
      const dependency = transactionOf(id) ?? { phase: "unknown", executeAt: 0 };
      if (rules.mustWaitFor(transaction.executeAt, dependency)) return id;
    }
    return undefined;
  }
}
