/**
 * Raft's five safety properties (Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014, figure 3), over
 * the values that a node watches: `role`, `term`, `commit`, and `entries`, the end of its log as texts `INDEX.TERM.DIGEST`.
 *
 * Tested by `tests/bench/invariants/raft_test.ts`.
 */

import type { Step, WatchedValues } from "../workloads/invariant.ts";

/** An entry as a node shows it. */
interface Entry {
  readonly index: number;
  readonly term: number;
  readonly text: string;
}

/** A node that shows its role and term. */
interface Server {
  readonly node: string;
  readonly role: string;
  readonly term: number;
  readonly commit: number;
  /** Consecutive entries up to the end of the log. */
  readonly entries: readonly Entry[];
}

/** The entries of a value that was read before, because most steps change only one node. */
const entriesOf = new WeakMap<object, readonly Entry[]>();

function parseEntries(value: readonly unknown[]): readonly Entry[] {
  let entries = entriesOf.get(value);
  if (entries === undefined) {
    entries = value.map((text) => {
      const [index, term] = String(text).split(".");
      return { index: Number(index), term: Number(term), text: String(text) };
    });
    entriesOf.set(value, entries);
  }
  return entries;
}

function serverOf(node: string, values: WatchedValues | undefined): Server | undefined {
  const [role, term, commit] = [values?.get("role"), values?.get("term"), values?.get("commit")];
  const entries = values?.get("entries");
  const isServer = typeof role === "string" && typeof term === "number" && typeof commit === "number";
  return isServer && Array.isArray(entries)
    ? { node, role, term, commit, entries: parseEntries(entries) }
    : undefined;
}

function servers({ nodes }: Step): Server[] {
  return [...nodes].flatMap(([node, values]) => serverOf(node, values) ?? []);
}

/** Returns the server whose turn it was. Throws if the node is not one, because no property would be checked. */
function changedServer({ nodes, changed }: Step): Server {
  const server = serverOf(changed, nodes.get(changed));
  if (server === undefined) throw new Error(`${changed} does not watch role, term, commit and entries`);
  return server;
}

/** Returns the entry at an index; undefined if it is not among those that the server shows. */
function entryAt({ entries }: Server, index: number): Entry | undefined {
  return entries[index - (entries[0]?.index ?? 0)];
}

/** Checks election safety: at most one leader can be elected in a given term. */
export function electionSafety(step: Step): string | undefined {
  const server = changedServer(step);
  if (server.role !== "leader") return undefined;
  const key = String(server.term);
  const known = step.memory.get(key);
  step.memory.set(key, server.node);
  return known === undefined || known === server.node
    ? undefined
    : `${known} and ${server.node} were both leader in term ${server.term}`;
}

/** Checks that the leader only appends: a leader never overwrites or deletes entries in its log; it only appends new ones. */
export function leaderAppendOnly(step: Step): string | undefined {
  const server = changedServer(step);
  const before = step.memory.get(server.node) as Server | undefined;
  step.memory.set(server.node, server);
  if (before?.role !== "leader" || server.role !== "leader" || before.term !== server.term) return undefined;
  const first = server.entries[0]?.index ?? Infinity;
  const changed = before.entries.find((entry) =>
    entry.index >= first && entryAt(server, entry.index)?.text !== entry.text
  );
  return changed === undefined
    ? undefined
    : `${server.node}, leader in term ${server.term}, changed entry ${changed.index} of its own log`;
}

/** Checks log matching: if two logs have an entry with the same index and term, they are identical in all entries up to it. */
export function logMatching(step: Step): string | undefined {
  const server = changedServer(step);
  for (const other of servers(step)) {
    if (other.node === server.node) continue;
    let differs: Entry | undefined;
    for (const entry of server.entries) {
      const its = entryAt(other, entry.index);
      if (its === undefined) continue;
      if (its.text !== entry.text) differs ??= entry;
      if (its.term === entry.term && differs !== undefined) {
        return `${server.node} and ${other.node} both have entry ${entry.index} of term ${entry.term}, but differ in ` +
          `entry ${differs.index}`;
      }
    }
  }
  return undefined;
}

/** A committed entry, with the term of the first server that showed it as committed. */
interface Committed {
  readonly entry: Entry;
  readonly term: number;
  readonly node: string;
}

/** The memory's entry for the highest index that is known as committed. */
const HIGHEST = "highest";

/** Remembers the entries that a server shows as committed. Returns the first that differs from a known one. */
function commit(server: Server, memory: Step["memory"]): Committed | undefined {
  for (const entry of server.entries) {
    if (entry.index > server.commit) break;
    const known = memory.get(String(entry.index)) as Committed | undefined;
    if (known === undefined) {
      memory.set(String(entry.index), { entry, term: server.term, node: server.node });
      memory.set(HIGHEST, Math.max(Number(memory.get(HIGHEST) ?? 0), entry.index));
    } else if (known.entry.text !== entry.text) return known;
  }
  return undefined;
}

/** Checks leader completeness: an entry that is committed in a term is present in the logs of the leaders of all later terms. */
export function leaderCompleteness(step: Step): string | undefined {
  const server = changedServer(step);
  commit(server, step.memory);
  for (const leader of servers(step)) {
    const first = leader.entries[0]?.index;
    if (leader.role !== "leader" || first === undefined) continue;
    for (let index = first; index <= Number(step.memory.get(HIGHEST) ?? 0); index++) {
      const known = step.memory.get(String(index)) as Committed | undefined;
      if (known === undefined || known.term >= leader.term) continue;
      if (entryAt(leader, index)?.text !== known.entry.text) {
        return `${leader.node}, leader in term ${leader.term}, lacks entry ${index}, which ${known.node} showed as ` +
          `committed in term ${known.term}`;
      }
    }
  }
  return undefined;
}

/** Checks state machine safety: no two servers apply different entries at the same index. */
export function stateMachineSafety(step: Step): string | undefined {
  const server = changedServer(step);
  const known = commit(server, step.memory);
  return known === undefined
    ? undefined
    : `${server.node} and ${known.node} committed different entries at index ${known.entry.index}`;
}
