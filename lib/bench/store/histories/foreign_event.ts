/**
 * Converts operation maps of other tools' histories to events.
 *
 * Tested by `tests/bench/store/histories/read_history_test.ts`.
 */

import { type Event, NEMESIS } from "../../../checkers/history.ts";
import { HistoryError, isCount, isType } from "../../../checkers/history_builder.ts";
import { isWorkload, operationsOf } from "../../../checkers/workloads.ts";
import { valueText } from "../../../checkers/value_key.ts";
import { isObject } from "../../../protocol/schema.ts";
import type { Form, Place } from "./edn_reader.ts";

const EXPECTED =
  "an operation map such as {:process 0, :type :invoke, :f :read, :value nil}, or [process type f value]";

/** Converts forms to events. It numbers them in order, and rejects forms that are not operations. */
export class ForeignEvents {
  readonly #workload: string;
  #count = 0;
  #firstIndex: number | undefined;
  #lastIndex = -Infinity;
  /** The last index of each process. */
  readonly #lastIndexOf = new Map<unknown, number>();
  /** True as long as each process has indexes of its own, as in some histories written by hand. */
  #areIndexesPerProcess = true;

  constructor(workload: string) {
    this.#workload = workload;
  }

  /** @throws {HistoryError} for a form that is not an operation. */
  event(form: Form): Event {
    const map = operationMap(form);
    this.#requireIndexOrder(map["index"], map["process"], form);
    const { index: _, time, process, type, f, value, ...rest } = map;
    const who = processOf(process, form);
    if (!isType(type)) {
      throw refusal(form, `:type must be :invoke, :ok, :fail or :info${butIs(map, "type")}`);
    }
    const index = this.#count++;
    const further = Object.entries(rest).map(([key, each]) => [key.replace(/\?$/, ""), each]);
    return {
      ...Object.fromEntries(further),
      index,
      time: timeOf(time, index),
      process: who,
      type,
      f: this.#operationName(f, who, form),
      value: value ?? null,
    };
  }

  /**
   * Throws if an index decreases, which shows that events are out of order. Indexes may start anywhere and leave gaps, or
   * number the events of each process.
   */
  #requireIndexOrder(index: unknown, process: unknown, place: Place): void {
    if (typeof index !== "number") return;
    const last = this.#lastIndexOf.get(process);
    this.#firstIndex ??= index;
    this.#areIndexesPerProcess &&= index === (last === undefined ? this.#firstIndex : last + 1);
    if (index <= this.#lastIndex && !this.#areIndexesPerProcess) {
      throw refusal(place, `the index ${index} follows ${this.#lastIndex}: events are out of order`);
    }
    this.#lastIndex = index;
    this.#lastIndexOf.set(process, index);
  }

  #operationName(f: unknown, process: Event["process"], place: Place): string {
    if (typeof f === "string") return f;
    const [only, ...others] = isWorkload(this.#workload) ? operationsOf(this.#workload) : [];
    if (f === undefined && process !== NEMESIS && only !== undefined && others.length === 0) return only;
    throw refusal(
      place,
      `:f must be the operation's name${f === undefined ? "" : `, but is ${valueText(f)}`}`,
    );
  }
}

function operationMap(form: Form): Record<string, unknown> {
  if (isObject(form.value)) return form.value;
  if (Array.isArray(form.value) && form.value.length >= 3 && form.value.length <= 5) {
    const [process, type, f, value, error]: readonly unknown[] = form.value;
    return { process, type, f, value, ...(error === undefined ? {} : { error }) };
  }
  throw refusal(form, `expected ${EXPECTED}, but found ${brief(form.value)}`);
}

function processOf(process: unknown, place: Place): Event["process"] {
  if (process === NEMESIS || isCount(process)) return process;
  if (process === undefined || process === null) {
    throw refusal(
      place,
      "this event has no :process, so its client is unknown: expected a whole number from 0, or :nemesis",
    );
  }
  throw refusal(place, `:process must be a whole number from 0, or :nemesis, but is ${brief(process)}`);
}

/** Returns a time in ns. Without one, the event's position serves as its time, which keeps the order. */
function timeOf(time: unknown, index: number): number {
  return typeof time === "number" || typeof time === "bigint" ? Number(time) : index;
}

function butIs(map: Readonly<Record<string, unknown>>, key: string): string {
  return Object.hasOwn(map, key) ? `, but is ${brief(map[key])}` : ", but is missing";
}

const BRIEF_LENGTH_MAX = 60;

function brief(value: unknown): string {
  const text = valueText(value);
  return text.length > BRIEF_LENGTH_MAX ? `${text.slice(0, BRIEF_LENGTH_MAX)}…` : text;
}

function refusal({ line, column }: Place, reason: string): HistoryError {
  return new HistoryError(line, reason, column);
}
