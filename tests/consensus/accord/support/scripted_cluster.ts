/** A cluster of Accord replicas. A test lets its nodes act and delivers single parts of their messages. */

import { assert } from "@std/assert";
import { ACCORD_FORMS } from "../../../../lib/consensus/accord/messages.ts";
import { AccordReplica } from "../../../../lib/consensus/accord/replica.ts";
import type { AccordRules } from "../../../../lib/consensus/accord/safety_rules.ts";
import type { AccordMessage, Part } from "../../../../lib/consensus/accord/types.ts";
import { RecordStorage } from "../../../../lib/consensus/leaderless/record_storage.ts";
import type { StateMachine } from "../../../../lib/consensus/mod.ts";
import type { Json } from "../../../../lib/protocol/schema.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";
import { LossyDisk } from "../../raft/support/lossy_disk.ts";

/** One list of values. */
class Values implements StateMachine {
  values: Json[] = [];

  kind(): "write" {
    return "write";
  }

  apply(command: Json): Json {
    this.values.push(command);
    return command;
  }

  query(): undefined {}

  snapshot(): Json {
    return [...this.values];
  }

  restore(snapshot: Json): void {
    assert(Array.isArray(snapshot));
    this.values = [...snapshot];
  }
}

interface ScriptedNode {
  readonly disk: LossyDisk;
  machine: Values;
  replica: AccordReplica;
}

/** The settings of a cluster. */
export interface ScriptedClusterOptions {
  readonly nodes: number;
  readonly rules?: AccordRules | undefined;
  readonly snapshotRecords?: number;
}

/** Returns true if a part arrives, false if it is lost, and "held" if it waits until the test releases it. */
export type Filter = (part: Part, from: string, to: string) => boolean | "held";

/** The cluster. Its commands write one key. */
export class ScriptedCluster {
  now = 0;
  /** The nodes that answered a client, in order. */
  readonly answered: string[] = [];
  readonly ids: readonly string[];
  /** The timestamps at which nodes committed each transaction. */
  readonly decided = new Map<string, Set<number>>();
  readonly #options: ScriptedClusterOptions;
  readonly #nodes: ReadonlyMap<string, ScriptedNode>;
  #inTransit: AccordMessage[] = [];
  readonly #held: AccordMessage[] = [];
  #isSettling = false;

  constructor(options: ScriptedClusterOptions) {
    this.#options = options;
    this.ids = Array.from({ length: options.nodes }, (_, i) => `n${i}`);
    this.#nodes = new Map(this.ids.map((id) => {
      const disk = new LossyDisk();
      return [id, { disk, ...this.#started(id, disk) }];
    }));
    this.settle();
  }

  /** The values at each node, in the order of execution. */
  get values(): Readonly<Record<string, readonly Json[]>> {
    return Object.fromEntries([...this.#nodes].map(([id, { machine }]) => [id, machine.values]));
  }

  /** Submits a command. Its messages are in transit afterwards. */
  submit(id: string, command: Json): void {
    this.#at(id).replica.submit(command, this.now);
    this.#endTurn(id);
  }

  /** Lets a node act at its timers for a time. What it sends arrives as `deliver` says. */
  run(id: string, forMs: number, isOpen: Filter): void {
    for (const end = this.now + forMs; this.now < end;) {
      this.now += 20;
      this.#at(id).replica.tick(this.now);
      this.#endTurn(id);
      this.deliver(isOpen);
    }
  }

  /** Delivers the parts in transit that a test lets pass, and what follows from them. All others are lost. */
  deliver(isOpen: Filter): void {
    for (let message = this.#inTransit.shift(); message !== undefined; message = this.#inTransit.shift()) {
      const { from, to } = message;
      const parts = message.parts.filter((part) => {
        const passage = isOpen(part, from, to);
        if (passage === "held") this.#held.push({ ...message, parts: [part] });
        return passage === true;
      });
      if (parts.length === 0 && !this.#isSettling) continue;
      this.#at(to).replica.receive({ ...message, parts }, this.now);
      this.#endTurn(to);
    }
  }

  /** Puts the parts that were held back in transit. */
  release(): void {
    this.#inTransit.push(...this.#held.splice(0));
  }

  /** Delivers one message of a test's own, and returns the parts of the replies. */
  ask(to: string, from: string, parts: readonly Part[]): readonly Part[] {
    this.#at(to).replica.receive({
      from,
      to,
      incarnation: from,
      sentAt: 0,
      delays: undefined,
      executed: {},
      parts,
    }, this.now);
    this.#endTurn(to);
    const replies = this.#inTransit.filter((message) => message.from === to && message.to === from);
    this.#inTransit = [];
    return replies.flatMap((message) => message.parts);
  }

  /** Starts a node again from what it has stored. */
  restart(id: string): void {
    const node = this.#at(id);
    Object.assign(node, this.#started(id, node.disk));
  }

  /** Lets all nodes run and delivers everything. */
  settle(): void {
    this.#isSettling = true;
    for (let i = 0; i < 200; i++) {
      this.now += 20;
      for (const id of this.ids) {
        this.#at(id).replica.tick(this.now);
        this.#endTurn(id);
      }
      this.deliver(() => true);
    }
    this.#isSettling = false;
  }

  #started(id: string, disk: LossyDisk): Omit<ScriptedNode, "disk"> {
    const machine = new Values();
    const storage = new RecordStorage(disk, ACCORD_FORMS);
    const random = new SeededRandom(this.ids.indexOf(id));
    const replica = new AccordReplica({
      id,
      nodes: this.ids,
      incarnation: storage.incarnation(() => id),
      thrifty: true,
      retryMs: 100,
      recoveryMs: 1000,
      requestTimeoutMs: 60_000,
      pendingMax: 10,
      batchIntervalMs: 0,
      snapshotRecords: this.#options.snapshotRecords ?? 1000,
    }, {
      machine,
      keysOf: () => [{ key: "x", writes: true }],
      random: () => random.next(),
      rules: this.#options.rules,
      stored: storage.load(),
      now: this.now,
    });
    return { machine, replica };
  }

  #at(id: string): ScriptedNode {
    const node = this.#nodes.get(id);
    assert(node !== undefined, `no node is called ${id}`);
    return node;
  }

  #endTurn(id: string): void {
    const { replica, disk } = this.#at(id);
    const { batches, messages, completed } = replica.turn(this.now);
    const storage = new RecordStorage(disk, ACCORD_FORMS);
    for (const batch of batches) {
      storage.save(batch);
      for (const { id: name, phase, executeAt } of batch.records) {
        if (phase !== "committed") continue;
        const known = this.decided.get(name);
        if (known === undefined) this.decided.set(name, new Set([executeAt]));
        else known.add(executeAt);
      }
    }
    disk.sync();
    this.#inTransit.push(...messages);
    for (const _ of completed) this.answered.push(id);
  }
}
