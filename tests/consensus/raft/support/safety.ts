/** Checks the five safety properties of Raft (§3.2, figure 3.2) over all nodes of a cluster, after every event. */

import type { Entry, NodeId } from "../../../../lib/consensus/mod.ts";
import type { PersistentState, Ready } from "../../../../lib/consensus/raft/mod.ts";

/** The error of a property that does not hold. */
export class SafetyViolation extends Error {
  readonly property: string;

  constructor(property: string, text: string) {
    super(`${property}: ${text}`);
    this.name = "SafetyViolation";
    this.property = property;
  }
}

/** A hash of a log up to an entry: equal for equal logs. */
type Chain = number;

function chain(before: Chain, { term, payload }: Entry): Chain {
  let hash = Math.imul(before ^ term, 0x01000193) >>> 0;
  const text = payload.kind === "command" ? commandKey(payload.command) : JSON.stringify(payload);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

function commandKey(command: unknown): string {
  if (typeof command === "object" && command !== null && "session" in command && "serial" in command) {
    return `${command.session}/${command.serial}`;
  }
  return JSON.stringify(command);
}

interface NodeLog {
  base: number;
  readonly chains: Chain[]; // chains[i] is that of entry base + i
  leading: number | undefined; // the term in which it leads
}

/** Watches the nodes of one cluster. */
export class Safety {
  readonly #logs = new Map<NodeId, NodeLog>();
  readonly #leaders = new Map<number, string>();
  readonly #chainOf = new Map<string, Chain>(); // by index and term
  readonly #committed: Chain[] = [0];
  readonly #committedIn: number[] = [0];
  readonly #snapshots = new Map<number, string>();

  /** The number of committed entries. */
  get committed(): number {
    return this.#committed.length - 1;
  }

  /** Records that a node starts, with the state of its disk. */
  started(id: NodeId, { snapshot, entries }: PersistentState): void {
    const base = snapshot?.index ?? 0;
    const log: NodeLog = { base, chains: [this.#committed[base] ?? 0], leading: undefined };
    this.#logs.set(id, log);
    for (const entry of entries) this.#append(id, log, entry);
  }

  /** Records that a node ended a turn. */
  turned(id: NodeId, ready: Ready, incarnation: string): void {
    const log = this.#logs.get(id);
    if (log === undefined) throw new Error(`${id} was never started`);
    const { truncateFrom, snapshot, restore, entries, committed, role, term } = ready;
    if (truncateFrom !== undefined && log.leading !== undefined && log.leading === term) {
      throw new SafetyViolation(
        "leader append-only",
        `${id} truncated at ${truncateFrom} in its term ${term}`,
      );
    }
    if (snapshot !== undefined) this.#snapshot(id, snapshot);
    if (restore && snapshot !== undefined && truncateFrom !== undefined) {
      log.base = snapshot.index;
      log.chains.splice(0, log.chains.length, this.#committed[snapshot.index] ?? 0);
    } else if (truncateFrom !== undefined) {
      log.chains.length = Math.min(log.chains.length, Math.max(1, truncateFrom - log.base));
    }
    for (const entry of entries) this.#append(id, log, entry);
    for (const entry of committed) this.#commit(id, log, { entry, term });
    if (role === "leader") {
      if (log.leading !== term) this.#elected(id, log, { term, incarnation });
      log.leading = term;
    } else log.leading = undefined;
  }

  #append(id: NodeId, log: NodeLog, entry: Entry): void {
    const at = entry.index - log.base;
    if (at > log.chains.length || at < 1) {
      throw new SafetyViolation(
        "log",
        `${id} wrote entry ${entry.index} after ${log.base + log.chains.length - 1}`,
      );
    }
    const link = chain(log.chains[at - 1] ?? 0, entry);
    log.chains.length = at;
    log.chains.push(link);
    const key = `${entry.index}:${entry.term}`;
    const known = this.#chainOf.get(key);
    if (known === undefined) this.#chainOf.set(key, link);
    else if (known !== link) {
      throw new SafetyViolation(
        "log matching",
        `entry ${entry.index} of term ${entry.term} at ${id} follows others`,
      );
    }
  }

  #commit(
    id: NodeId,
    log: NodeLog,
    { entry: { index }, term }: { readonly entry: Entry; readonly term: number },
  ): void {
    const link = log.chains[index - log.base];
    if (link === undefined) {
      throw new SafetyViolation("log", `${id} committed entry ${index}, which it never stored`);
    }
    const known = this.#committed[index];
    if (known === undefined) {
      this.#committed[index] = link;
      this.#committedIn[index] = term;
    } else if (known !== link) {
      throw new SafetyViolation(
        "state machine safety",
        `${id} applied another entry ${index} than others did`,
      );
    }
  }

  #elected(
    id: NodeId,
    log: NodeLog,
    { term, incarnation }: { readonly term: number; readonly incarnation: string },
  ): void {
    const known = this.#leaders.get(term);
    if (known !== undefined && known !== incarnation) {
      throw new SafetyViolation("election safety", `${known} and ${incarnation} lead term ${term}`);
    }
    this.#leaders.set(term, incarnation);
    let index = this.#committed.length - 1;
    while (index > 0 && (this.#committedIn[index] ?? 0) >= term) index--;
    if (index >= log.base && log.chains[index - log.base] !== this.#committed[index]) {
      throw new SafetyViolation(
        "leader completeness",
        `${id} leads term ${term} without the committed entry ${index}`,
      );
    }
  }

  #snapshot(id: NodeId, { index, data }: { readonly index: number; readonly data: string }): void {
    const known = this.#snapshots.get(index);
    if (known === undefined) this.#snapshots.set(index, data);
    else if (known !== data) {
      throw new SafetyViolation(
        "state machine safety",
        `${id} has another state after entry ${index} than others`,
      );
    }
  }
}
