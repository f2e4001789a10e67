/**
 * Transcripts: commands drive a cluster, which prints what each of its nodes does. A file consists of paragraphs: a command, a line of
 * dashes, and its output. Lines that begin with # are comments. CHARYBDIS_REWRITE=1 rewrites the output, to be reviewed as a diff.
 * (The form is that of etcd's Raft tests.) The network has no clock: a message waits until a command delivers or drops it.
 */

import type { Entry, Membership, NodeId, Snapshot } from "../../../../lib/consensus/mod.ts";
import {
  type Message,
  type PersistentState,
  Raft,
  RAFT_DEFAULTS,
  type RaftConfig,
  type Ready,
} from "../../../../lib/consensus/raft/mod.ts";

interface Stored {
  term: number;
  vote: NodeId | undefined;
  snapshot: Snapshot | undefined;
  entries: Entry[];
}

interface Actor {
  readonly config: RaftConfig;
  readonly stored: Stored;
  raft: Raft | undefined;
  incarnation: number;
  readonly membership: Membership;
}

/** The cluster that a transcript drives. Only `tick` advances time, and messages wait until they are delivered. */
export class Cluster {
  #now = 0;
  #nextReadId = 1;
  readonly #actors = new Map<NodeId, Actor>();
  #network: Message[] = [];

  /** Executes a command and returns its output, one line per event. */
  run(line: string): string {
    const [verb = "", ...words] = line.split(" ");
    const output: string[] = [];
    this.#do(verb, words, output);
    return output.length === 0 ? "ok" : output.join("\n");
  }

  #do(verb: string, words: readonly string[], output: string[]): void {
    const [id = "", ...rest] = words;
    switch (verb) {
      case "nodes": // nodes a,b,c [key=value…]: nodes that are the voters; spare=d joins none; contacts=a,b are asked for the leader
        return this.#nodes(id.split(","), options(rest));
      case "tick": // tick ms: time passes, for all nodes
        this.#now += Number(id);
        for (const node of this.#running()) this.#input(node, (raft) => raft.tick(this.#now), output);
        return;
      case "tick-node": // tick-node a ms: time passes, and only a is ticked
        this.#now += Number(rest[0]);
        return this.#input(id, (raft) => raft.tick(this.#now), output);
      case "wait": // wait ms: time passes, and no node is ticked
        this.#now += Number(id);
        return;
      case "propose": // propose a x y …: commands, in one turn
        return this.#input(id, (raft) => this.#report(raft.propose(rest, this.#now), output), output);
      case "read":
        return this.#input(id, (raft) => {
          const number = this.#nextReadId++;
          output.push(raft.read(number, this.#now) ? `read ${number} taken` : `read ${number} refused`);
        }, output);
      case "add":
      case "learn":
      case "remove": {
        const [member = ""] = rest;
        const change = verb === "remove"
          ? { remove: member }
          : { add: member, as: verb === "learn" ? "learner" as const : "voter" as const };
        return this.#input(
          id,
          (raft) => this.#report(raft.changeMembership(change, this.#now), output),
          output,
        );
      }
      case "transfer":
        return this.#input(id, (raft) => {
          if (!raft.transfer(rest[0] ?? "", this.#now)) output.push("refused");
        }, output);
      case "compact": // compact a index [keep]
        return this.#input(id, (raft) => {
          const index = Number(rest[0]);
          raft.compact({ index, data: `state after ${index}`, keep: Number(rest[1] ?? 0) });
        }, output);
      case "restart":
        return this.#restart(id, output);
      case "stop":
        this.#actor(id).raft = undefined;
        return;
      case "deliver": // deliver [from>to] …: the messages that wait there (all, without), a turn for each receiver
        return this.#deliver(words, output);
      case "drop": // drop [from>to] …
        for (const message of this.#take(words)) output.push(`dropped ${show(message)}`);
        return;
      case "double": // double [from>to] …: the network makes a copy of each
        this.#network.push(...this.#network.filter((message) => matches(message, words)));
        return;
      case "swap": // swap from>to: the last message there overtakes the others
        return this.#swap(words);
      case "stabilize": // stabilize [from>to] …: delivers until no message waits there
        while (this.#network.some((message) => this.#arrives(message, words))) this.#deliver(words, output);
        return;
      case "status":
        for (const node of id === "" ? this.#running() : [id]) output.push(this.#status(node));
        return;
      case "log":
        output.push(...this.#actor(id).stored.entries.map(showEntry));
        return;
      default:
        throw new Error(`unknown command: ${verb}`);
    }
  }

  #report(proposed: ReturnType<Raft["propose"]>, output: string[]): void {
    if (typeof proposed === "string") output.push(`refused: ${proposed}`);
  }

  #nodes(ids: readonly NodeId[], { spare, contacts, ...settings }: Readonly<Record<string, string>>): void {
    const known = {
      electionTimeoutMs: 100,
      heartbeatMs: 20,
      retryMs: 40,
      lease: undefined,
      ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, JSON.parse(value)])),
    };
    const add = (id: NodeId, membership: Membership) => {
      const actor: Actor = {
        config: {
          ...RAFT_DEFAULTS,
          ...known,
          id,
          contacts: contacts?.split(",").filter((other) => other !== id) ?? [],
        },
        stored: { term: 0, vote: undefined, snapshot: undefined, entries: [] },
        raft: undefined,
        incarnation: 0,
        membership,
      };
      this.#actors.set(id, actor);
      this.#start(actor);
    };
    for (const id of ids) add(id, { voters: ids, learners: [] });
    for (const id of spare?.split(",") ?? []) add(id, { voters: [], learners: [] });
  }

  #start(actor: Actor): void {
    actor.incarnation++;
    const { config, membership } = actor;
    const isDiskless = config.incarnation !== undefined;
    if (isDiskless) {
      Object.assign(actor.stored, { term: 0, vote: undefined, snapshot: undefined, entries: [] });
    }
    const { term, vote, snapshot, entries } = actor.stored;
    const hardState = { term, vote, eligible: false };
    const persistent: PersistentState = { hardState, snapshot, entries: [...entries], membership };
    const incarnation = isDiskless ? { incarnation: `${config.id}${actor.incarnation}` } : {};
    // The random numbers grow in the order of the nodes, so that the first node times out first.
    const order = [...this.#actors.keys()].indexOf(config.id);
    actor.raft = new Raft({ ...config, ...incarnation }, persistent, {
      random: () => 0.1 + order * 0.1,
      now: this.#now,
    });
  }

  #restart(id: NodeId, output: string[]): void {
    const actor = this.#actor(id);
    this.#network = this.#network.filter((message) =>
      message.from !== id || actor.config.incarnation === undefined
    );
    this.#start(actor);
    this.#input(id, () => {}, output);
  }

  #actor(id: NodeId): Actor {
    const actor = this.#actors.get(id);
    if (actor === undefined) throw new Error(`there is no node ${id}`);
    return actor;
  }

  #running(): NodeId[] {
    return [...this.#actors].filter(([, actor]) => actor.raft !== undefined).map(([id]) => id);
  }

  #input(id: NodeId, act: (raft: Raft) => void, output: string[]): void {
    const actor = this.#actor(id);
    const { raft } = actor;
    if (raft === undefined) throw new Error(`${id} does not run`);
    const before = raft.status;
    act(raft);
    const ready = raft.ready(this.#now);
    store(actor.stored, ready);
    const lines = showReady(ready);
    if (before.role !== ready.role || before.term !== ready.term) {
      lines.unshift(`${ready.role} in term ${ready.term}`);
    }
    if (before.eligible !== raft.status.eligible) {
      lines.push(raft.status.eligible ? "is eligible to vote" : "is not eligible to vote");
    }
    output.push(...lines.map((line) => `${id}: ${line}`));
    this.#network.push(...ready.messages);
  }

  #take(words: readonly string[]): Message[] {
    const taken = this.#network.filter((message) => matches(message, words));
    this.#network = this.#network.filter((message) => !matches(message, words));
    return taken;
  }

  #arrives(message: Message, words: readonly string[]): boolean {
    return matches(message, words) && this.#actors.get(message.to)?.raft !== undefined;
  }

  #deliver(words: readonly string[], output: string[]): void {
    const arriving = this.#network.filter((message) => this.#arrives(message, words));
    this.#network = this.#network.filter((message) => !arriving.includes(message));
    const byReceiver = Map.groupBy(arriving, (message) => message.to);
    for (const [id, messages] of [...byReceiver].sort(([a], [b]) => a < b ? -1 : 1)) {
      this.#input(id, (raft) => {
        for (const message of messages) raft.step(message, this.#now);
      }, output);
    }
  }

  #swap(words: readonly string[]): void {
    const taken = this.#take(words);
    const last = taken.pop();
    if (last !== undefined) this.#network.push(last, ...taken);
  }

  #status(id: NodeId): string {
    const { raft } = this.#actor(id);
    if (raft === undefined) return `${id}: stopped`;
    const { role, term, vote, leader, commit, firstIndex, lastIndex, lastTerm, membership, eligible } =
      raft.status;
    const { voters, learners } = membership;
    return `${id}: ${role} term=${term} vote=${vote ?? "-"} leader=${leader ?? "-"} commit=${commit} ` +
      `log=${firstIndex}..${lastIndex}@${lastTerm} voters=${voters.join(",")}` +
      (learners.length === 0 ? "" : ` learners=${learners.join(",")}`) +
      (eligible ? "" : " not-eligible");
  }
}

function options(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => {
    const [key = "", value = ""] = word.split("=");
    return [key, value];
  }));
}

/** Returns true if a message is on one of these routes: `a>b`, `a>` (from a), `>b` (to b). No route means every route. */
function matches({ from, to }: Message, routes: readonly string[]): boolean {
  return routes.filter((route) => route !== "").length === 0 || routes.some((route) => {
    const [a = "", b = ""] = route.split(">");
    return (a === "" || a === from) && (b === "" || b === to);
  });
}

function store(stored: Stored, ready: Ready): void {
  const { hardState, snapshot, restore, truncateFrom, entries, discardBefore } = ready;
  if (hardState !== undefined) Object.assign(stored, hardState);
  if (snapshot !== undefined) stored.snapshot = snapshot;
  if (truncateFrom !== undefined) stored.entries = stored.entries.filter(({ index }) => index < truncateFrom);
  stored.entries.push(...entries);
  const base = Math.max(
    discardBefore ?? 0,
    restore || snapshot !== undefined ? (stored.snapshot?.index ?? 0) + 1 : 0,
  );
  stored.entries = stored.entries.filter(({ index }) => index >= base);
}

function showEntry({ index, term, payload }: Entry): string {
  const what = payload.kind === "command"
    ? JSON.stringify(payload.command)
    : payload.kind === "membership"
    ? `voters=${payload.membership.voters.join(",")} learners=${payload.membership.learners.join(",")}`
    : payload.kind === "rejoin"
    ? `rejoin ${payload.incarnation}`
    : "noop";
  return `${index}@${term} ${what}`;
}

function show(message: Message): string {
  const { from, to, type, term } = message;
  return `${from} -> ${to} ${type} term=${term}${details(message)}`;
}

function details(message: Message): string {
  switch (message.type) {
    case "pre_vote":
    case "vote":
      return ` last=${message.lastIndex}@${message.lastTerm}${message.transfer ? " transfer" : ""}`;
    case "pre_vote_ok":
    case "vote_ok":
      return message.granted ? " granted" : " refused";
    case "append": {
      const entries = message.entries.length === 0 ? "" : ` [${message.entries.map(showEntry).join(", ")}]`;
      return ` prev=${message.prevIndex}@${message.prevTerm} commit=${message.commit}${entries}`;
    }
    case "append_ok":
      return ` match=${message.match}`;
    case "append_rejected":
      return ` prev=${message.prevIndex} hint=${message.hintIndex}@${message.hintTerm}`;
    case "heartbeat":
      return ` commit=${message.commit}${message.ask ? " ask" : ""}`;
    case "snapshot":
      return ` ${message.meta.index}@${message.meta.term} ${message.offset}+${message.data.length}/${message.total}`;
    case "snapshot_ok":
      return ` ${message.index} offset=${message.offset}`;
    case "join":
      return ` round=${message.round}` +
        (message.nonce === undefined ? "" : ` nonce=${message.nonce}`);
    case "join_ok":
      return ` round=${message.round}${message.clean ? " clean" : " not clean"}` +
        (message.nonce === undefined ? "" : ` nonce=${message.nonce}`) +
        (message.members === undefined ? "" : ` members=${Object.values(message.members).sort().join(",")}`);
    case "located":
      return ` leader=${message.leader ?? "-"}` +
        (message.removedAt === 0 ? "" : ` removed-at=${message.removedAt}`);
    default:
      return "";
  }
}

function showReady(ready: Ready): string[] {
  const { hardState, snapshot, restore, truncateFrom, entries, discardBefore, messages, committed, reads } =
    ready;
  const lines: string[] = [];
  if (hardState !== undefined) {
    const { term, vote, eligible } = hardState;
    lines.push(`store term=${term} vote=${vote ?? "-"}${eligible ? "" : ", not eligible"}`);
  }
  if (snapshot !== undefined) {
    lines.push(`store snapshot ${snapshot.index}@${snapshot.term}${restore ? ", restore it" : ""}`);
  }
  if (truncateFrom !== undefined) lines.push(`truncate from ${truncateFrom}`);
  if (entries.length > 0) lines.push(`store ${entries.map(showEntry).join(", ")}`);
  if (discardBefore !== undefined) lines.push(`discard before ${discardBefore}`);
  for (const message of messages) lines.push(`send ${show(message)}`);
  if (committed.length > 0) lines.push(`apply ${committed.map(showEntry).join(", ")}`);
  for (const { id, index } of reads) lines.push(`read ${id} at ${index}`);
  return lines;
}

const RULE = "----";

/** Plays a transcript and returns it with its output. */
export function play(text: string): string {
  const cluster = new Cluster();
  return text.trimEnd().split(/\n\n+/).map((paragraph) => {
    const lines = paragraph.split("\n");
    const comments = lines.filter((line) => line.startsWith("#"));
    const command = lines.find((line) => line !== "" && !line.startsWith("#"));
    if (command === undefined) return comments.join("\n");
    return [...comments, command, RULE, cluster.run(command)].join("\n");
  }).join("\n\n") + "\n";
}
