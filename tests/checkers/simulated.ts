/** Histories of correct simulated stores, and changes of histories, all by seed. */

import type { Event, History } from "../../lib/checkers/mod.ts";

/** Random numbers from 0 to 1 by seed: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Events without the fields that follow from their place. */
export type Draft = Pick<Event, "process" | "type" | "f" | "value" | "error" | "final">;

/** Numbers drafts and gives them times a millisecond apart. */
export function historyOf(drafts: readonly Draft[]): Event[] {
  return drafts.map((draft, index) => ({ ...draft, index, time: index * 1_000_000 }));
}

/** A client's operation, and the store's reply at the moment of its effect. */
interface Step {
  readonly f: string;
  readonly value: unknown;
  readonly final?: boolean;
  /** Executes the operation. Returns the value and the type of its completion. */
  readonly happen: () => { readonly type: "ok" | "fail"; readonly value: unknown };
}

/** The number of operations and clients, and the fraction of indeterminate operations. */
export interface Load {
  readonly seed: number;
  readonly operations: number;
  readonly clients?: number;
  readonly doubt?: number;
}

/** Runs a store under concurrent clients: each operation happens at one moment between invocation and completion. */
function run(load: Load, next: (random: () => number, client: number) => Step): Draft[] {
  const { seed, operations, clients = 5, doubt = 0 } = load;
  const random = randomOf(seed);
  const drafts: Draft[] = [];
  const idle = Array.from({ length: clients }, (_, client) => client);
  let newProcess = clients;
  type Pending = { process: number; step: Step; outcome: ReturnType<Step["happen"]> | null; lost: boolean };
  const pending: Pending[] = [];
  let invoked = 0;
  while (invoked < operations || pending.length > 0) {
    if (invoked < operations && idle.length > 0 && (pending.length === 0 || random() < 0.5)) {
      const process = idle.splice(Math.floor(random() * idle.length), 1)[0] ?? 0;
      const step = next(random, process);
      const final = step.final === true ? { final: true } : {};
      drafts.push({ process, type: "invoke", f: step.f, value: step.value, ...final });
      pending.push({ process, step, outcome: null, lost: random() < doubt });
      invoked++;
      continue;
    }
    const at = Math.floor(random() * pending.length);
    const operation = pending[at];
    if (operation === undefined) continue;
    const { process, step, outcome, lost } = operation;
    if (outcome === null && !(lost && random() < 0.5)) {
      operation.outcome = step.happen();
      if (!lost) continue;
    }
    pending.splice(at, 1);
    const final = step.final === true ? { final: true } : {};
    if (lost) {
      drafts.push({ process, type: "info", f: step.f, value: step.value, error: "net-timeout", ...final });
      idle.push(newProcess++);
    } else if (outcome !== null) {
      drafts.push({ process, type: outcome.type, f: step.f, value: outcome.value, ...final });
      idle.push(process);
    }
  }
  return drafts;
}

/** A linearizable register, with bare values. */
export function registerHistory(load: Load & { readonly values?: number }): Event[] {
  const values = load.values ?? 5;
  let held: number | null = null;
  return historyOf(run(load, (random) => {
    const kind = random();
    const value = Math.floor(random() * values);
    if (kind < 0.5) return { f: "read", value: null, happen: () => ({ type: "ok", value: held }) };
    if (kind < 0.75) {
      const happen = (): ReturnType<Step["happen"]> => {
        held = value;
        return { type: "ok", value };
      };
      return { f: "write", value, happen };
    }
    const to = Math.floor(random() * values);
    const happen = (): ReturnType<Step["happen"]> => {
      if (held !== value) return { type: "fail", value: [value, to] };
      held = to;
      return { type: "ok", value: [value, to] };
    };
    return { f: "cas", value: [value, to], happen };
  }));
}

/** Linearizable registers by key: values are `[key, value]`. */
export function linKvHistory(load: Load & { readonly keys: number }): Event[] {
  const { keys } = load;
  const perKey = Array.from(
    { length: keys },
    (_, key) =>
      registerHistory({
        ...load,
        seed: load.seed * 1000 + key,
        operations: Math.ceil(load.operations / keys),
      }),
  );
  const random = randomOf(load.seed);
  const drafts: Draft[] = [];
  const clients = load.operations + (load.clients ?? 5); // apart enough that no two keys share a process
  const next = perKey.map(() => 0);
  let left = perKey.reduce((sum, { length }) => sum + length, 0);
  while (left > 0) {
    const key = Math.floor(random() * keys);
    const event = perKey[key]?.[next[key] ?? 0];
    if (event === undefined) continue;
    next[key] = (next[key] ?? 0) + 1;
    left--;
    const { index: _, time: __, process, value, type, f } = event;
    drafts.push({ type, f, process: Number(process) + key * clients, value: [key, value] });
  }
  return historyOf(drafts);
}

/** A set that every read sees whole, with final reads. */
export function setHistory(load: Load): Event[] {
  const held: number[] = [];
  let element = 0;
  const read: Step = { f: "read", value: null, happen: () => ({ type: "ok", value: [...held] }) };
  const drafts = run(load, (random) => {
    if (random() < 0.5) return read;
    const value = element++;
    const happen = (): ReturnType<Step["happen"]> => {
      held.push(value);
      return { type: "ok", value };
    };
    return { f: "add", value, happen };
  });
  return historyOf([...drafts, ...finalReads(load, () => [...held])]);
}

/** A counter, with final reads. */
export function counterHistory(load: Load): Event[] {
  let sum = 0;
  const drafts = run(load, (random) => {
    if (random() < 0.5) return { f: "read", value: null, happen: () => ({ type: "ok", value: sum }) };
    const value = Math.floor(random() * 10) - 5;
    const happen = (): ReturnType<Step["happen"]> => {
      sum += value;
      return { type: "ok", value };
    };
    return { f: "add", value, happen };
  });
  return historyOf([...drafts, ...finalReads(load, () => sum)]);
}

function finalReads({ clients = 5 }: Load, value: () => unknown): Draft[] {
  return Array.from({ length: clients }, (_, client) => 1_000_000 + client).flatMap((process): Draft[] => [
    { process, type: "invoke", f: "read", value: null, final: true },
    { process, type: "ok", f: "read", value: value(), final: true },
  ]);
}

/** Logs whose consumers poll everything, with final polls; offsets are `stride` apart. */
export function kafkaHistory(load: Load & { readonly keys?: number; readonly stride?: number }): Event[] {
  const { keys = 3, stride = 1 } = load;
  const logs = new Map<string, [offset: number, message: number][]>();
  const positions = new Map<number, Map<string, number>>();
  const sent = new Map<string, number>();
  const logOf = (key: string): [number, number][] => {
    const log = logs.get(key) ?? [];
    logs.set(key, log);
    return log;
  };
  const poll = (client: number): unknown => {
    const polled: [string, unknown[]][] = [];
    for (const [key, at] of positions.get(client) ?? []) {
      const batch = logOf(key).slice(at, at + 4);
      if (batch.length > 0) polled.push([key, batch]);
      positions.get(client)?.set(key, at + batch.length);
    }
    return [["poll", Object.fromEntries(polled)]];
  };
  const drafts = run(load, (random, client) => {
    const key = String(Math.floor(random() * keys));
    const kind = random();
    if (kind < 0.1) {
      const other = String(Math.floor(random() * keys));
      const value = [...new Set([key, other])];
      const happen = (): ReturnType<Step["happen"]> => {
        const before = positions.get(client);
        positions.set(client, new Map(value.map((name) => [name, before?.get(name) ?? 0])));
        return { type: "ok", value };
      };
      return { f: "assign", value, happen };
    }
    if (kind < 0.5) {
      return { f: "poll", value: [["poll"]], happen: () => ({ type: "ok", value: poll(client) }) };
    }
    const message = (sent.get(key) ?? 0) + 1;
    sent.set(key, message);
    const happen = (): ReturnType<Step["happen"]> => {
      const log = logOf(key);
      const offset = log.length * stride;
      log.push([offset, message]);
      return { type: "ok", value: [["send", key, [offset, message]]] };
    };
    return { f: "send", value: [["send", key, message]], happen };
  });
  const reader = 1_000_000;
  const last = Object.fromEntries([...logs].filter(([, log]) => log.length > 0));
  return historyOf([
    ...drafts,
    { process: reader, type: "invoke", f: "assign", value: [...logs.keys()] },
    { process: reader, type: "ok", f: "assign", value: [...logs.keys()] },
    { process: reader, type: "invoke", f: "poll", value: [["poll"]] },
    { process: reader, type: "ok", f: "poll", value: [["poll", last]] },
  ]);
}

/** Returns the history with completions delayed at random, as far as each process allows. */
export function delayCompletions(history: History, seed: number): Event[] {
  const random = randomOf(seed);
  const events = [...history];
  for (let i = events.length - 2; i >= 0; i--) {
    if (events[i]?.type === "invoke" || random() < 0.5) continue;
    for (
      let j = i;
      j + 1 < events.length && events[j + 1]?.process !== events[j]?.process && random() < 0.8;
      j++
    ) {
      const [event, next] = [events[j], events[j + 1]];
      if (event === undefined || next === undefined) break;
      events[j] = next;
      events[j + 1] = event;
    }
  }
  return historyOf(events);
}

/** The same history with every process under another number. */
export function renameProcesses(history: History): Event[] {
  return history.map((event) =>
    typeof event.process === "number" ? { ...event, process: event.process * 7 + 3 } : event
  );
}

/** The same history with its values changed by a function over each event's value. */
export function changeValues(history: History, change: (value: unknown, event: Event) => unknown): Event[] {
  return history.map((event) => ({ ...event, value: change(event.value, event) }));
}
