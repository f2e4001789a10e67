/**
 * A solution of lesson 8: a linearizable key-value store that Raft replicates.
 *
 * Every operation, reads too, is an entry of a log. An entry is committed once a majority has it; every node applies committed entries
 * in the same order. A leader per term appends entries, and a node needs the votes of a majority to become leader.
 * Source: Ongaro, "Consensus: Bridging Theory and Practice" (Stanford, 2014), chapter 3.
 *
 * Tested by `tests/bench/learn/solutions_test.ts`.
 */

import {
  type Body,
  CODE,
  type DeferredReply,
  type Json,
  type Node,
  RpcError,
  serve,
} from "@charybdis/charybdis";
import { kv } from "@charybdis/charybdis/protocol";

/** Intervals in ms. An election timeout is drawn between the minimum and its double. */
const HEARTBEAT_MS = 50;
const ELECTION_MS_MIN = 400;
const APPEND_TIMEOUT_MS = 300;
const FORWARD_TIMEOUT_MS = 2000;

type Command =
  | readonly ["none"]
  | readonly ["read", Json]
  | readonly ["write", Json, Json]
  | readonly ["cas", Json, Json, Json];

interface Entry {
  readonly term: number;
  readonly command: Command;
}

/** Stores values by key, replicated by Raft. */
export function linKv(node: Node): void {
  const raft = new Raft(node);
  node.on(kv.read, async ({ key }) => ({ value: await raft.submit(["read", key]) }));
  node.on(kv.write, async ({ key, value }) => {
    await raft.submit(["write", key, value]);
    return {};
  });
  node.on(kv.cas, async ({ key, from, to }) => {
    await raft.submit(["cas", key, from, to]);
    return {};
  });
}

class Raft {
  readonly #node: Node;
  // Step 1: the election.
  #role: "follower" | "candidate" | "leader" = "follower";
  #term = 0;
  #votedFor: string | null = null;
  #votes = new Set<string>();
  #leader: string | undefined;
  #electionAt = 0;
  // Step 2: the log. Index 0 is a sentinel, so that each entry has a previous one.
  readonly #log: Entry[] = [{ term: 0, command: ["none"] }];
  readonly #next = new Map<string, number>();
  readonly #match = new Map<string, number>();
  readonly #appending = new Set<string>();
  // Step 3: what is committed, and the clients that wait for it.
  #committed = 0;
  #applied = 0;
  readonly #values = new Map<string, Json>();
  readonly #waiting = new Map<number, DeferredReply<Json>>();

  constructor(node: Node) {
    this.#node = node;
    this.#load();
    this.#postponeElection();
    node.on("vote", (body, from) => this.#onVote(body, from));
    node.on("append", (body, from) => this.#onAppend(body, from));
    node.on("forward", async ({ command }) => ({ result: await this.#propose(command as Command) }));
    node.every(HEARTBEAT_MS, () => this.#tick());
    node.watch("role", () => this.#role);
    node.watch("term", () => this.#term);
    node.watch("log", () => this.#log.slice(1).map(({ term }) => term));
    node.watch("committed", () => this.#committed);
  }

  /** Runs a command at the leader and resolves to its result. Rejects with the error of the operation. */
  async submit(command: Command): Promise<Json> {
    if (this.#role === "leader") return await this.#propose(command);
    if (this.#leader === undefined) throw new RpcError(CODE.temporarilyUnavailable, "there is no leader");
    const forward = { type: "forward", command };
    return (await this.#node.rpc(this.#leader, forward, { timeoutMs: FORWARD_TIMEOUT_MS }))["result"] as Json;
  }

  #propose(command: Command): Promise<Json> {
    if (this.#role !== "leader") {
      throw new RpcError(CODE.temporarilyUnavailable, "this node is not the leader");
    }
    this.#append({ term: this.#term, command });
    const reply = this.#node.deferReply<Json>();
    this.#waiting.set(this.#lastIndex, reply);
    for (const peer of this.#node.peers) this.#replicate(peer);
    this.#commit();
    return reply.promise;
  }

  // --- Step 1: the election

  #tick(): void {
    if (this.#role === "leader") { for (const peer of this.#node.peers) this.#replicate(peer); }
    else if (this.#node.now() >= this.#electionAt) this.#campaign();
  }

  #postponeElection(): void {
    this.#electionAt = this.#node.now() + ELECTION_MS_MIN * (1 + this.#node.random.next());
  }

  #campaign(): void {
    this.#enterTerm(this.#term + 1);
    this.#role = "candidate";
    this.#leader = undefined;
    this.#vote(this.#node.id);
    this.#votes = new Set([this.#node.id]);
    const term = this.#term;
    const request = {
      type: "vote",
      term,
      lastIndex: this.#lastIndex,
      lastTerm: this.#termAt(this.#lastIndex),
    };
    for (const peer of this.#node.peers) {
      this.#node.rpc(peer, request, { timeoutMs: ELECTION_MS_MIN }).then((reply) => {
        this.#observe(Number(reply["term"]));
        if (this.#role !== "candidate" || this.#term !== term || reply["granted"] !== true) return;
        this.#votes.add(peer);
        this.#leadWithMajority();
      }, () => {});
    }
    this.#leadWithMajority();
  }

  #leadWithMajority(): void {
    if (this.#votes.size <= this.#node.ids.length / 2) return;
    this.#role = "leader";
    this.#leader = this.#node.id;
    for (const peer of this.#node.peers) {
      this.#next.set(peer, this.#lastIndex + 1);
      this.#match.set(peer, 0);
    }
    // Entries of earlier terms are committed with the first entry of this one, so the leader appends one at once.
    this.#append({ term: this.#term, command: ["none"] });
    for (const peer of this.#node.peers) this.#replicate(peer);
    this.#commit();
  }

  #onVote(
    { term, lastIndex, lastTerm }: Body,
    from: string,
  ): { readonly term: number; readonly granted: boolean } {
    this.#observe(Number(term));
    const own = this.#termAt(this.#lastIndex);
    const isComplete = Number(lastTerm) > own || (lastTerm === own && Number(lastIndex) >= this.#lastIndex);
    const granted = term === this.#term && isComplete && (this.#votedFor === null || this.#votedFor === from);
    if (granted) {
      this.#vote(from);
      this.#postponeElection();
    }
    return { term: this.#term, granted };
  }

  /** Follows a later term than its own, and answers clients that the outcome is unknown. */
  #observe(term: number): void {
    if (term <= this.#term) return;
    this.#enterTerm(term);
    this.#leader = undefined;
    if (this.#role === "leader") this.#postponeElection();
    this.#role = "follower";
    for (const reply of this.#waiting.values()) {
      reply.fail(new RpcError(CODE.timeout, "the leader changed, and the entry may still be committed"));
    }
    this.#waiting.clear();
  }

  // --- Step 2: the log

  get #lastIndex(): number {
    return this.#log.length - 1;
  }

  #termAt(index: number): number {
    return this.#log[index]?.term ?? -1;
  }

  /** Sends a peer the entries that it lacks, or none as a heartbeat. At most one such message is on its way. */
  #replicate(peer: string): void {
    if (this.#appending.has(peer)) return;
    this.#appending.add(peer);
    const term = this.#term;
    const next = this.#next.get(peer) ?? 1;
    const entries = this.#log.slice(next);
    const request = {
      type: "append",
      term,
      previous: next - 1,
      previousTerm: this.#termAt(next - 1),
      entries,
      committed: this.#committed,
    };
    this.#node.rpc(peer, request, { timeoutMs: APPEND_TIMEOUT_MS }).then((reply) => {
      this.#appending.delete(peer);
      this.#observe(Number(reply["term"]));
      if (this.#role !== "leader" || this.#term !== term) return;
      if (reply["ok"] !== true) {
        this.#next.set(peer, Math.max(1, Math.min(next - 1, Number(reply["last"]) + 1)));
        this.#replicate(peer);
        return;
      }
      this.#match.set(peer, next - 1 + entries.length);
      this.#next.set(peer, next + entries.length);
      this.#commit();
      if (this.#lastIndex >= next + entries.length) this.#replicate(peer);
    }, () => void this.#appending.delete(peer));
  }

  #onAppend(
    { term, previous, previousTerm, entries, committed }: Body,
    from: string,
  ): { readonly term: number; readonly ok: boolean; readonly last: number } {
    this.#observe(Number(term));
    if (term !== this.#term) return { term: this.#term, ok: false, last: this.#lastIndex };
    this.#role = "follower";
    this.#leader = from;
    this.#postponeElection();
    const before = Number(previous);
    if (this.#termAt(before) !== previousTerm) {
      return { term: this.#term, ok: false, last: Math.min(before - 1, this.#lastIndex) };
    }
    const sent = entries as readonly Entry[];
    for (const [i, entry] of sent.entries()) {
      const index = before + 1 + i;
      if (this.#termAt(index) === entry.term) continue;
      this.#truncate(index);
      this.#append(entry);
    }
    this.#apply(Math.min(Number(committed), before + sent.length));
    return { term: this.#term, ok: true, last: before + sent.length };
  }

  // --- Step 3: the commit

  /** Commits what a majority has, if its last entry is of the leader's own term. */
  #commit(): void {
    const matched = [this.#lastIndex, ...this.#match.values()].sort((a, b) => b - a);
    const index = matched[Math.floor(matched.length / 2)] ?? 0;
    if (this.#role === "leader" && this.#termAt(index) === this.#term) this.#apply(index);
  }

  #apply(committed: number): void {
    this.#committed = Math.max(this.#committed, committed);
    while (this.#applied < this.#committed) {
      const index = ++this.#applied;
      const reply = this.#waiting.get(index);
      this.#waiting.delete(index);
      try {
        const result = this.#execute(this.#log[index]?.command ?? ["none"]);
        reply?.send(result);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        reply?.fail(error);
      }
    }
  }

  #execute([kind, key = null, ...values]: Command): Json {
    const id = JSON.stringify(key);
    const now = this.#values.get(id);
    const [first = null, second = null] = values;
    if (kind === "none") return null;
    if (kind === "write") {
      this.#values.set(id, first);
      return null;
    }
    if (now === undefined) throw new RpcError(CODE.keyDoesNotExist, `key ${id} does not exist`);
    if (kind === "read") return now;
    if (JSON.stringify(now) !== JSON.stringify(first)) {
      throw new RpcError(CODE.preconditionFailed, `${id} is ${JSON.stringify(now)}`);
    }
    this.#values.set(id, second);
    return null;
  }

  // --- Step 4: the restart. Everything stored in a turn is on the disk before the turn's messages leave.

  #enterTerm(term: number): void {
    this.#term = term;
    this.#vote(null);
    this.#postponeElection();
  }

  #vote(candidate: string | null): void {
    this.#votedFor = candidate;
    this.#node.storage?.put("vote", JSON.stringify([this.#term, candidate]));
  }

  #append(entry: Entry): void {
    this.#log.push(entry);
    this.#node.storage?.append("log", JSON.stringify(entry));
  }

  #truncate(index: number): void {
    if (index > this.#lastIndex) return;
    this.#log.length = index;
    this.#node.storage?.truncate("log", index - 1);
  }

  #load(): void {
    const { storage } = this.#node;
    if (storage === undefined) return;
    const [term, votedFor] = JSON.parse(storage.get("vote") ?? "[0, null]") as [number, string | null];
    this.#term = term;
    this.#votedFor = votedFor;
    for (const { value } of storage.read("log")) this.#log.push(JSON.parse(value) as Entry);
  }
}

if (import.meta.main) await serve(linKv, { storage: true });
