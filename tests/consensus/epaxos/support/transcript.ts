/**
 * Transcripts of EPaxos, in the form of Raft's (`tests/consensus/raft/support/transcript.ts`): commands drive a cluster, which prints what
 * each of its nodes does. The network has no clock: a message waits until a command delivers or drops it. CHARYBDIS_REWRITE=1 rewrites the
 * output, to be reviewed as a diff.
 */

import type { StateMachine } from "../../../../lib/consensus/mod.ts";
import { EpaxosReplica } from "../../../../lib/consensus/epaxos/replica.ts";
import type { EpaxosRules } from "../../../../lib/consensus/epaxos/safety_rules.ts";
import { EpaxosStorage } from "../../../../lib/consensus/epaxos/storage.ts";
import type { Deps, EpaxosMessage, InstanceRecord, Part } from "../../../../lib/consensus/epaxos/types.ts";
import { isUpTo } from "../../../../lib/consensus/leaderless/instance_ids.ts";
import type { Commands, KeyUse } from "../../../../lib/consensus/leaderless/types.ts";
import type { Json } from "../../../../lib/protocol/schema.ts";
import { LossyDisk } from "../../raft/support/lossy_disk.ts";

/** The state machine: keys with values. `x=1` writes, `x` reads. Reports what it executes. */
class Values implements StateMachine {
  readonly values = new Map<string, string>();
  readonly #onApply: (text: string) => void;

  constructor(onApply: (text: string) => void) {
    this.#onApply = onApply;
  }

  kind(command: Json): "read" | "write" {
    return String(command).includes("=") ? "write" : "read";
  }

  apply(command: Json): Json {
    const [key = "", value] = String(command).split("=");
    this.#onApply(String(command));
    if (value !== undefined) this.values.set(key, value);
    return this.values.get(key) ?? null;
  }

  query(): undefined {}

  snapshot(): Json {
    return [...this.values];
  }

  restore(snapshot: Json): void {
    this.values.clear();
    if (!Array.isArray(snapshot)) throw new TypeError("a snapshot is a list of entries");
    for (const [key, value] of snapshot) this.values.set(String(key), String(value));
  }
}

function keysOf(command: Json): readonly KeyUse[] {
  const text = String(command);
  return [{ key: text.split("=")[0] ?? "", writes: text.includes("=") }];
}

function doConflict(a: readonly Json[], b: readonly Json[]): boolean {
  const uses = b.flatMap(keysOf);
  return a.flatMap(keysOf).some(({ key, writes }) =>
    uses.some((other) => other.key === key && (writes || other.writes))
  );
}

interface Actor {
  readonly id: string;
  readonly disk: LossyDisk;
  replica: EpaxosReplica | undefined;
  machine: Values;
  /** The commands that the current turn executes. */
  applied: string[];
  incarnation: number;
}

/** The cluster that a transcript drives. Only `tick` and `wait` advance time, and messages wait until they are delivered. */
export class Cluster {
  #now = 0;
  #settings: Readonly<Record<string, string>> = {};
  #network: EpaxosMessage[] = [];
  readonly #actors = new Map<string, Actor>();
  readonly #rules: EpaxosRules | undefined;

  constructor(rules?: EpaxosRules) {
    this.#rules = rules;
  }

  /** Executes a command and returns its output, one line per event. */
  run(line: string): string {
    const [verb = "", ...words] = line.split(" ");
    const output: string[] = [];
    this.#do(verb, words, output);
    return output.length === 0 ? "ok" : output.join("\n");
  }

  /** Returns the values of a node, as `x=1 y=2`. */
  valuesOf(id: string): string {
    return [...this.#actor(id).machine.values].map(([key, value]) => `${key}=${value}`).sort().join(" ");
  }

  /** Returns how the running nodes disagree: two decisions for an instance, or two independent ones that conflict. */
  get disagreement(): string | undefined {
    const committed = new Map<string, InstanceRecord>();
    for (const id of this.#running()) {
      for (const record of this.#actor(id).replica?.records ?? []) {
        if (record.phase !== "committed") continue;
        const other = committed.get(record.id) ?? record;
        committed.set(record.id, other);
        const [known, found] = [other, record].map(({ commands, deps }) =>
          `${showCommands(commands)} ${showDeps(deps)}`
        );
        if (known !== found) return `${record.id} is ${known} and ${found}`;
      }
    }
    for (const a of committed.values()) {
      for (const b of committed.values()) {
        const areOrdered = a === b || isUpTo(a.deps, b.id) || isUpTo(b.deps, a.id);
        if (!areOrdered && doConflict(a.commands ?? [], b.commands ?? [])) {
          return `${a.id} and ${b.id} are independent`;
        }
      }
    }
    return undefined;
  }

  #do(verb: string, words: readonly string[], output: string[]): void {
    const [id = "", ...rest] = words;
    switch (verb) {
      case "nodes": // nodes a,b,c [key=value…]
        return this.#nodes(id.split(","), options(rest), output);
      case "tick": // tick ms [a…]: time passes, and these nodes, or all, are ticked
        this.#now += Number(id);
        for (const node of rest.length > 0 ? rest : this.#running()) {
          this.#input(node, (replica) => replica.tick(this.#now), output);
        }
        return;
      case "wait": // wait ms: time passes, and no node is ticked
        this.#now += Number(id);
        return;
      case "propose": // propose a x=1 y …: commands, in one turn
        return this.#input(id, (replica) => {
          for (const command of rest) replica.submit(command, this.#now);
        }, output);
      case "stop":
        this.#actor(id).replica = undefined;
        return;
      case "restart": // restart a [lost]: from its store, or without it
        return this.#start(this.#actor(id), rest[0] === "lost", output);
      case "deliver": // deliver [from>to[:part]] …: the messages that wait there (all, without), a turn for each receiver
        return this.#deliver(words, output);
      case "drop": // drop [from>to[:part]] …
        for (const message of this.#take(words)) output.push(`dropped ${show(message)}`);
        return;
      case "stabilize": // stabilize [from>to[:part]] …: delivers until no message waits there
        while (this.#network.some((message) => this.#arrives(message, words))) this.#deliver(words, output);
        return;
      case "status":
        for (const node of id === "" ? this.#running() : [id]) output.push(this.#status(node));
        return;
      default:
        throw new Error(`unknown command: ${verb}`);
    }
  }

  #nodes(ids: readonly string[], settings: Readonly<Record<string, string>>, output: string[]): void {
    this.#settings = settings;
    for (const id of ids) {
      const machine = new Values(() => {});
      this.#actors.set(id, {
        id,
        disk: new LossyDisk(),
        replica: undefined,
        machine,
        applied: [],
        incarnation: 0,
      });
    }
    for (const actor of this.#actors.values()) this.#start(actor, false, output);
  }

  #start(actor: Actor, isLost: boolean, output: string[]): void {
    const { id } = actor;
    const hasStore = this.#settings["store"] !== "none" && !isLost;
    const storage = new EpaxosStorage(actor.disk);
    const incarnation = `${id}${++actor.incarnation}`;
    actor.machine = new Values((text) => actor.applied.push(text));
    actor.applied = [];
    actor.replica = new EpaxosReplica({
      id,
      nodes: [...this.#actors.keys()],
      incarnation: hasStore ? storage.incarnation(() => incarnation) : incarnation,
      hasStore,
      thrifty: false,
      retryMs: 40,
      recoveryMs: 100,
      requestTimeoutMs: 10_000,
      pendingMax: 100,
      batchIntervalMs: 0,
      snapshotRecords: 1000,
    }, {
      machine: actor.machine,
      keysOf,
      rules: this.#rules,
      random: () => 0,
      stored: hasStore ? storage.load() : { snapshot: undefined, records: [] },
      now: this.#now,
    });
    this.#input(id, (replica) => replica.tick(this.#now), output);
  }

  #actor(id: string): Actor {
    const actor = this.#actors.get(id);
    if (actor === undefined) throw new Error(`there is no node ${id}`);
    return actor;
  }

  #running(): string[] {
    return [...this.#actors.values()].filter(({ replica }) => replica !== undefined).map(({ id }) => id);
  }

  #input(id: string, act: (replica: EpaxosReplica) => void, output: string[]): void {
    const actor = this.#actor(id);
    const { replica, disk } = actor;
    if (replica === undefined) throw new Error(`${id} does not run`);
    act(replica);
    const { batches, messages, completed } = replica.turn(this.#now);
    const storage = new EpaxosStorage(disk);
    const lines: string[] = [];
    for (const batch of batches) {
      storage.save(batch);
      for (const record of batch.records) lines.push(`store ${showRecord(record)}`);
    }
    disk.sync();
    for (const message of messages) lines.push(`send ${show(message)}`);
    if (actor.applied.length > 0) lines.push(`execute ${actor.applied.splice(0).join(" ")}`);
    for (const { id: request, outcome } of completed) {
      lines.push(
        `answer ${request}: ${outcome.kind === "result" ? JSON.stringify(outcome.result) : outcome.kind}`,
      );
    }
    output.push(...lines.map((line) => `${id}: ${line}`));
    this.#network.push(...messages);
  }

  #take(words: readonly string[]): EpaxosMessage[] {
    const taken = this.#network.filter((message) => matches(message, words));
    this.#network = this.#network.filter((message) => !taken.includes(message));
    return taken;
  }

  #arrives(message: EpaxosMessage, words: readonly string[]): boolean {
    return matches(message, words) && this.#actors.get(message.to)?.replica !== undefined;
  }

  #deliver(words: readonly string[], output: string[]): void {
    const arriving = this.#network.filter((message) => this.#arrives(message, words));
    this.#network = this.#network.filter((message) => !arriving.includes(message));
    const byReceiver = Map.groupBy(arriving, (message) => message.to);
    for (const [id, messages] of [...byReceiver].sort(([a], [b]) => a < b ? -1 : 1)) {
      this.#input(id, (replica) => {
        for (const message of messages) replica.receive(message, this.#now);
      }, output);
    }
  }

  #status(id: string): string {
    const { replica } = this.#actor(id);
    if (replica === undefined) return `${id}: stopped`;
    const instances = replica.records.map(showRecord).join(", ");
    return `${id}: ${this.valuesOf(id) || "no values"}; ${instances || "no instances"}`;
  }
}

function options(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => {
    const [key = "", value = ""] = word.split("=");
    return [key, value];
  }));
}

/** Returns true if a message is on one of these routes: `a>b`, `a>` (from a), `>b` (to b), each with `:part`. No route means every route. */
function matches({ from, to, parts }: EpaxosMessage, routes: readonly string[]): boolean {
  return routes.length === 0 || routes.some((route) => {
    const [path = "", type] = route.split(":");
    const [a = "", b = ""] = path.split(">");
    const isOnPath = (a === "" || a === from) && (b === "" || b === to);
    return isOnPath && (type === undefined || parts.some((part) => part.type === type));
  });
}

function showDeps(deps: Deps): string {
  return `{${
    Object.entries(deps).filter(([, number]) => number > 0).map(([node, number]) => `${node}.${number}`)
      .sort().join(" ")
  }}`;
}

function showCommands(commands: Commands | undefined): string {
  return commands === undefined ? "unknown" : commands === null ? "none" : `[${commands.join(" ")}]`;
}

function showRecord({ id, ballot, phase, commands, deps }: InstanceRecord): string {
  const promised = ballot === 0 ? "" : ` ballot=${ballot}`;
  if (phase === "unknown") return `${id} unknown${promised}`;
  return `${id} ${phase}${promised} ${showCommands(commands)} after ${showDeps(deps)}`;
}

function show({ from, to, parts }: EpaxosMessage): string {
  return `${from} -> ${to} ${parts.map(showPart).join(", ") || "executed"}`;
}

function showPart(part: Part): string {
  switch (part.type) {
    case "announce":
      return `announce ${part.id} [${part.uses.map(([key, writes]) => writes ? `${key}=` : key).join(" ")}]`;
    case "pre_accept":
    case "commit":
      return `${part.type} ${part.id} ${showCommands(part.commands)} after ${showDeps(part.deps)}`;
    case "accept":
    case "validate":
      return `${part.type} ${part.id} ballot=${part.ballot} ${showCommands(part.commands)} after ${
        showDeps(part.deps)
      }`;
    case "pre_accept_ok":
      return `pre_accept_ok ${part.id} after ${showDeps(part.deps)}`;
    case "recover_ok":
      return `recover_ok ${showRecord(part.record)}`;
    case "validate_ok": {
      const conflicts = part.conflicts.map(([id, isCommitted]) => isCommitted ? `${id} (committed)` : id);
      return `validate_ok ${part.id} ballot=${part.ballot} conflicts: ${conflicts.join(" ") || "none"}`;
    }
    case "waiting":
      return `waiting ${part.id} unchanged=${part.count}`;
    case "incarnation":
      return "incarnation";
    case "incarnation_ok":
      return `incarnation_ok ${part.incarnation}`;
    case "accept_ok":
    case "recover":
    case "refused":
      return `${part.type} ${part.id} ballot=${part.ballot}`;
    case "fetch":
      return `fetch ${part.id}`;
  }
}

const RULE = "----";

/** Plays a transcript and returns it with its output. A planted rule may take the place of one. */
export function play(text: string, cluster = new Cluster()): string {
  return text.trimEnd().split(/\n\n+/).map((paragraph) => {
    const lines = paragraph.split("\n");
    const comments = lines.filter((line) => line.startsWith("#"));
    const command = lines.find((line) => line !== "" && !line.startsWith("#"));
    if (command === undefined) return comments.join("\n");
    return [...comments, command, RULE, cluster.run(command)].join("\n");
  }).join("\n\n") + "\n";
}
