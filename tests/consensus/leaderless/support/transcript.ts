/**
 * Transcripts of engines without a leader, in the form of Raft's (`tests/consensus/raft/support/transcript.ts`): commands drive a cluster,
 * which prints what each of its nodes does. The network has no clock: a message waits until a command delivers or drops it.
 * CHARYBDIS_REWRITE=1 rewrites the output, to be reviewed as a diff.
 */

import { assert } from "@std/assert";
import type { DrivenReplica } from "../../../../lib/consensus/driver.ts";
import type { StateMachine } from "../../../../lib/consensus/mod.ts";
import type { RecordStorage, StoredRecords } from "../../../../lib/consensus/leaderless/record_storage.ts";
import type { Commands, KeyUse, LeaderlessConfig } from "../../../../lib/consensus/leaderless/types.ts";
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
    assert(Array.isArray(snapshot), "a snapshot is a list of entries");
    for (const [key, value] of snapshot) this.values.set(String(key), String(value));
  }
}

/** Returns the key of a command of these transcripts. */
export function keysOf(command: Json): readonly KeyUse[] {
  const text = String(command);
  return [{ key: text.split("=")[0] ?? "", writes: text.includes("=") }];
}

/** The form of an engine's messages. */
interface MessageOf<Part> {
  readonly from: string;
  readonly to: string;
  readonly parts: readonly Part[];
}

/** The circumstances in which a node starts. */
export interface Start {
  readonly id: string;
  readonly ids: readonly string[];
  readonly incarnation: string;
  /** Undefined without a store. */
  readonly disk: LossyDisk | undefined;
  readonly machine: StateMachine;
  readonly now: number;
}

/** Returns the settings of a node. */
export function configOf<R, S>(
  { id, ids, incarnation }: Start,
  storage: RecordStorage<R, S> | undefined,
): LeaderlessConfig {
  return {
    id,
    nodes: ids,
    incarnation: storage?.incarnation(() => incarnation) ?? incarnation,
    thrifty: false,
    retryMs: 40,
    recoveryMs: 100,
    requestTimeoutMs: 10_000,
    pendingMax: 100,
    batchIntervalMs: 0,
    snapshotRecords: 1000,
  };
}

/** Returns what a node finds in its store. A new store counts as admitted, so that transcripts begin with the matter itself. */
export function storedBy<R, S>(storage: RecordStorage<R, S> | undefined): StoredRecords<R, S> {
  if (storage === undefined) return { snapshot: undefined, records: [], admission: undefined };
  const stored = storage.load();
  return { ...stored, admission: stored.admission ?? { isAdmitted: true, incarnations: {} } };
}

/** A node that runs. */
export interface Started<Message, Batch> {
  readonly replica: DrivenReplica<Message, Batch>;
  /** Stores a batch and returns its lines. */
  readonly save: (batch: Batch) => readonly string[];
  /** Returns the records that the node has. */
  readonly records: () => readonly string[];
}

/** An engine, as transcripts use it. */
export interface TranscriptEngine<Part, Message, Batch> {
  readonly start: (start: Start) => Started<Message, Batch>;
  readonly showPart: (part: Part) => string;
}

interface Actor<Message, Batch> {
  readonly id: string;
  readonly disk: LossyDisk;
  running: Started<Message, Batch> | undefined;
  machine: Values;
  /** The commands that the current turn executes. */
  applied: string[];
  incarnation: number;
}

/** The cluster that a transcript drives. Only `tick` and `wait` advance time, and messages wait until they are delivered. */
export class TranscriptCluster<
  Part extends { readonly type: string },
  Message extends MessageOf<Part>,
  Batch,
> {
  #now = 0;
  #hasStores = true;
  #network: Message[] = [];
  readonly #actors = new Map<string, Actor<Message, Batch>>();
  readonly #engine: TranscriptEngine<Part, Message, Batch>;

  constructor(engine: TranscriptEngine<Part, Message, Batch>) {
    this.#engine = engine;
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

  #do(verb: string, words: readonly string[], output: string[]): void {
    const [id = "", ...rest] = words;
    switch (verb) {
      case "nodes": // nodes a,b,c [store=none]
        return this.#nodes(id.split(","), rest, output);
      case "tick": // tick ms [a…]: time passes, and these nodes, or all, are ticked
        this.#now += Number(id);
        for (const node of rest.length > 0 ? rest : this.running) {
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
        this.#actor(id).running = undefined;
        return;
      case "restart": // restart a [lost]: from its store, or without it
        return this.#start(this.#actor(id), rest[0] === "lost", output);
      case "deliver": // deliver [from>to[:part]] …: the messages that wait there (all, without), a turn for each receiver
        return this.#deliver(words, output);
      case "drop": // drop [from>to[:part]] …
        for (const message of this.#take(words)) output.push(`dropped ${this.#show(message)}`);
        return;
      case "settle": // settle [from>to[:part]] …: delivers until no message waits there
        while (this.#network.some((message) => this.#arrives(message, words))) this.#deliver(words, output);
        return;
      case "status":
        for (const node of id === "" ? this.running : [id]) output.push(this.#status(node));
        return;
      default:
        throw new Error(`unknown command: ${verb}`);
    }
  }

  #nodes(ids: readonly string[], settings: readonly string[], output: string[]): void {
    this.#hasStores = !settings.includes("store=none");
    for (const id of ids) {
      const machine = new Values(() => {});
      const actor = { id, disk: new LossyDisk(), running: undefined, machine, applied: [], incarnation: 0 };
      this.#actors.set(id, actor);
    }
    for (const actor of this.#actors.values()) this.#start(actor, false, output);
  }

  #start(actor: Actor<Message, Batch>, isLost: boolean, output: string[]): void {
    actor.applied = [];
    actor.machine = new Values((text) => actor.applied.push(text));
    actor.running = this.#engine.start({
      id: actor.id,
      ids: [...this.#actors.keys()],
      incarnation: `${actor.id}${++actor.incarnation}`,
      disk: this.#hasStores && !isLost ? actor.disk : undefined,
      machine: actor.machine,
      now: this.#now,
    });
    this.#input(actor.id, (replica) => replica.tick(this.#now), output);
  }

  #actor(id: string): Actor<Message, Batch> {
    const actor = this.#actors.get(id);
    assert(actor !== undefined, `no node is called ${id}`);
    return actor;
  }

  /** The nodes that run. */
  get running(): string[] {
    return [...this.#actors.values()].filter(({ running }) => running !== undefined).map(({ id }) => id);
  }

  #input(id: string, act: (replica: DrivenReplica<Message, Batch>) => void, output: string[]): void {
    const { running, disk, applied } = this.#actor(id);
    assert(running !== undefined, `${id} does not run`);
    act(running.replica);
    const { batches, messages, completed } = running.replica.turn(this.#now);
    const lines = batches.flatMap((batch) => running.save(batch).map((record) => `store ${record}`));
    disk.sync();
    for (const message of messages) lines.push(`send ${this.#show(message)}`);
    if (applied.length > 0) lines.push(`execute ${applied.splice(0).join(" ")}`);
    for (const { id: request, outcome } of completed) {
      const result = outcome.kind === "result" ? JSON.stringify(outcome.result) : outcome.kind;
      lines.push(`answer ${request}: ${result}`);
    }
    output.push(...lines.map((line) => `${id}: ${line}`));
    this.#network.push(...messages);
  }

  #take(words: readonly string[]): Message[] {
    const taken = this.#network.filter((message) => isOn(message, words));
    this.#network = this.#network.filter((message) => !taken.includes(message));
    return taken;
  }

  #arrives(message: Message, words: readonly string[]): boolean {
    return isOn(message, words) && this.#actors.get(message.to)?.running !== undefined;
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
    const { running } = this.#actor(id);
    if (running === undefined) return `${id}: stopped`;
    return `${id}: ${this.valuesOf(id) || "no values"}; ${running.records().join(", ") || "no records"}`;
  }

  #show({ from, to, parts }: Message): string {
    const shown = parts.map((part) => this.#engine.showPart(part)).join(", ");
    return `${from} -> ${to} ${shown || "executed"}`;
  }
}

/** Returns true if a message is on one of these routes: `a>b`, `a>` (from a), `>b` (to b), each with `:part`. No route means every route. */
function isOn({ from, to, parts }: MessageOf<{ readonly type: string }>, routes: readonly string[]): boolean {
  return routes.length === 0 || routes.some((route) => {
    const [path = "", type] = route.split(":");
    const [a = "", b = ""] = path.split(">");
    const isOnPath = (a === "" || a === from) && (b === "" || b === to);
    return isOnPath && (type === undefined || parts.some((part) => part.type === type));
  });
}

/** Returns commands as transcripts show them. */
export function showCommands(commands: Commands | undefined): string {
  return commands === undefined ? "unknown" : commands === null ? "none" : `[${commands.join(" ")}]`;
}

const RULE = "----";

/** Plays a transcript and returns it with its output. */
export function play(text: string, cluster: { readonly run: (command: string) => string }): string {
  return text.trimEnd().split(/\n\n+/).map((paragraph) => {
    const lines = paragraph.split("\n");
    const comments = lines.filter((line) => line.startsWith("#"));
    const command = lines.find((line) => line !== "" && !line.startsWith("#"));
    if (command === undefined) return comments.join("\n");
    return [...comments, command, RULE, cluster.run(command)].join("\n");
  }).join("\n\n") + "\n";
}
