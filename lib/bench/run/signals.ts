/**
 * Signals of a run: what happened in which states of the nodes, as hashes. A run that gives rare signals is worth varying.
 *
 * Tested by `tests/bench/sweep/guided_test.ts`.
 */

import { type Event, NEMESIS } from "../../checkers/history.ts";
import { isClient } from "../../protocol/message.ts";
import type { Envelope } from "../../sim/envelope.ts";
import { murmur3 } from "../../sim/random.ts";
import type { StateJournal } from "../../sim/watches.ts";
import { readSwitch } from "../nemesis/faults.ts";
import type { MessageSink } from "./message_journal.ts";

/** The maximum number of signals of a run. Later ones are left out. */
const SIGNALS_MAX = 5000;

/** The maximum length of a text that is part of a state as it is. */
const WORD_LENGTH_MAX = 24;

/**
 * Collects the signals of a run. Four kinds of events give one:
 *
 * 1. a message arrives or is lost, with its type and the receiver's state;
 * 2. the state of a node changes, with the message before it and the node's or all nodes' states;
 * 3. a fault starts or ends, with the states of all nodes;
 * 4. an operation ends, with its outcome and the active faults.
 *
 * The state of a node is what it watches, without numbers and values: see {@linkcode wordOf}.
 */
export class SignalCollector implements MessageSink, StateJournal {
  readonly #signals = new Set<number>();
  readonly #words = new Map<string, Map<string, string>>(); // by node, then by name
  readonly #states = new Map<string, string>(); // by node
  readonly #events = new Map<string, string>(); // the last message by node
  readonly #active = new Set<string>(); // kinds of faults

  /** The signals so far. */
  get signals(): ReadonlySet<number> {
    return this.#signals;
  }

  sent(): void {}

  resolved(_timeMs: number, _id: number, deliveryStatus: string, { src, dest, body }: Envelope): void {
    if (isClient(dest)) return;
    const type = isClient(src) ? `client ${body["type"]}` : String(body["type"]);
    if (deliveryStatus === "received") this.#events.set(dest, type);
    this.#add(`${deliveryStatus} ${type} ${this.#states.get(dest) ?? ""}`);
  }

  changed(node: string, values: ReadonlyMap<string, string>): void {
    let words = this.#words.get(node);
    if (words === undefined) this.#words.set(node, words = new Map());
    for (const [name, text] of values) words.set(name, wordOf(text, node));
    const before = this.#states.get(node) ?? "";
    const state = [...words].map(([name, word]) => `${name}=${word}`).join();
    if (state === before) return;
    this.#states.set(node, state);
    const event = this.#events.get(node) ?? "";
    this.#add(`${before} > ${event} > ${state}`);
    this.#add(`${event} ${this.#allStates()} ${[...this.#active].sort().join()}`);
  }

  ended(node: string): void {
    this.#words.delete(node);
    this.#states.delete(node);
    this.#events.delete(node);
  }

  /** Adds the signals of an event of the history. */
  recorded({ process, type, f }: Event): void {
    if (process !== NEMESIS) {
      if (type !== "invoke") this.#add(`${f} ${type} ${[...this.#active].sort().join()}`);
      return;
    }
    const { kind, starts } = readSwitch(f) ?? { kind: f, starts: true };
    if (starts) this.#active.add(kind);
    else this.#active.delete(kind);
    this.#add(`${f} ${this.#allStates()}`);
  }

  #allStates(): string {
    return [...this.#states.values()].sort().join(";");
  }

  #add(text: string): void {
    if (this.#signals.size < SIGNALS_MAX) this.#signals.add(murmur3(text, 1));
  }
}

/**
 * Returns what matters of a watched value's JSON: a short word as it is, the node itself or a peer for a node's id, and
 * for all else only its type and if it is empty or zero. Otherwise each count would give a signal of its own.
 */
export function wordOf(text: string, node: string): string {
  if (text === "") return "";
  const value: unknown = JSON.parse(text);
  if (typeof value === "number") return value === 0 ? "0" : "+";
  if (typeof value === "string") {
    if (/^n\d+$/.test(value)) return value === node ? "self" : "peer";
    return /^[a-z ]*$/i.test(value) && value.length <= WORD_LENGTH_MAX ? value : "text";
  }
  if (Array.isArray(value)) return value.length === 0 ? "[]" : "[+]";
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0 ? "{}" : "{+}";
  return String(value);
}
