/**
 * A module's program as the simulation sees it: a receiver whose turns run in another thread.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

import { DamagedStoreError, type Host, type Storage } from "../../../runtime/host.ts";
import type { Json } from "../../../protocol/schema.ts";
import { ArgumentError } from "../../../runtime/settings.ts";
import type { Receiver } from "../../../sim/in_process.ts";
import { ChannelEnded, type EndReason, endReason, ModuleChannel } from "./channel.ts";
import {
  type FromModule,
  type HostAction,
  isFromModule,
  type ModuleSource,
  type StorageAnswer,
  type StorageCall,
  type ToModule,
} from "./messages.ts";
import type { RemoteProgram } from "../../run/virtual_run.ts";

/** The time limit for one event, or for the module's top level, in ms. */
const MODULE_TIMEOUT_MS = 4000;
/** The number of bytes by which the bench may grow while one event of a module lasts. */
export const MODULE_MEMORY_MAX = 512 * 1024 * 1024;
/** The maximum number of consecutive events of a module's nodes at the same virtual time. */
const INSTANT_EVENTS_MAX = 30_000;

const LIMITS: Readonly<Record<EndReason, string>> = {
  timeout: `did not come back from one event within ${
    MODULE_TIMEOUT_MS / 1000
  } s: a handler, timer or promise that never ends`,
  memory: `used more memory than the ${MODULE_MEMORY_MAX >> 20} MiB that an event may`,
};
const LOADING_LIMITS: Readonly<Record<EndReason, string>> = {
  timeout: `its top level did not end within ${
    MODULE_TIMEOUT_MS / 1000
  } s: a loop, an await of nothing, or an exit`,
  memory: LIMITS.memory,
};

/** A program that runs in a module's worker. */
export class ModuleProgram implements RemoteProgram {
  readonly instantEventsMax = INSTANT_EVENTS_MAX;
  readonly #memory: SharedArrayBuffer;
  readonly #channel: ModuleChannel;
  #incarnations = 0;

  /** Loads the module. Throws `ArgumentError` with the reason if it cannot be loaded. */
  constructor(
    memory: SharedArrayBuffer,
    { source, args }: { readonly source: ModuleSource; readonly args: readonly string[] },
  ) {
    this.#memory = memory;
    this.#channel = new ModuleChannel(memory, "simulation", MODULE_TIMEOUT_MS);
    let answer: FromModule;
    try {
      answer = this.#exchange({ kind: "load", source, args }, undefined);
    } catch (error) {
      if (!(error instanceof ChannelEnded)) throw error;
      throw new ArgumentError(`cannot load ${source.name}: ${LOADING_LIMITS[error.reason]}`);
    }
    if (answer.kind === "refused") throw new ArgumentError(answer.problem);
  }

  /** True if the worker ended because of an action of the module. */
  get hasEnded(): boolean {
    return endReason(this.#memory) !== undefined;
  }

  start(host: Host, ended: (text: string) => void): Receiver {
    const incarnation = this.#incarnations++;
    const disk: { storage?: Storage | undefined } = {};
    let state = "starting";
    const watched = new Map<string, string>();
    const turn = (message: ToModule) => {
      if (this.hasEnded) return;
      try {
        const answer = this.#exchange(message, (call) => storageAnswer(call, { host, disk }));
        if (answer.kind !== "done") return;
        state = answer.state;
        for (const [name, text] of answer.watched) {
          if (!watched.has(name)) host.watch?.(name, () => jsonOf(watched.get(name) ?? ""));
          watched.set(name, text);
        }
        for (const action of answer.actions) perform(action);
      } catch (error) {
        if (!(error instanceof ChannelEnded)) throw error;
        ended(LIMITS[error.reason]);
      }
    };
    const cancels = new Map<number, () => void>();
    const perform = (action: HostAction) => {
      switch (action.kind) {
        case "send":
          return host.transport.send(action.line);
        case "log":
          return host.log.line(action.text);
        case "fail":
          return host.fail(new ModuleFailure(action.text));
        case "cancel":
          cancels.get(action.timer)?.();
          cancels.delete(action.timer);
          return;
        case "after": {
          const { timer } = action;
          const delayMs = Number.isFinite(action.delayMs) ? action.delayMs : 0;
          cancels.set(
            timer,
            host.clock.after(delayMs, () => {
              cancels.delete(timer);
              turn({ kind: "timer", incarnation, timer, now: host.clock.now() });
            }),
          );
        }
      }
    };
    const isWatched = host.watch !== undefined;
    turn({ kind: "start", incarnation, seed: host.random.id(), now: host.clock.now(), isWatched });
    return {
      receive: (line) => turn({ kind: "line", incarnation, line, now: host.clock.now() }),
      stop: () => turn({ kind: "stop", incarnation }),
      consumeAsyncFlag: () => false, // the worker settles its promises before it answers
      get state() {
        return state;
      },
    };
  }

  redraw(seed: number): void {
    this.#tell({ kind: "redraw", seed });
  }

  /** Ends a run, so that work that the run started does not reach the next one. */
  end(): void {
    this.#tell({ kind: "end" });
  }

  #tell(message: ToModule): void {
    if (this.hasEnded) return;
    try {
      this.#exchange(message, undefined);
    } catch (error) {
      if (!(error instanceof ChannelEnded)) throw error;
    }
  }

  /** Sends a message and serves the store until the answer arrives. Throws `ChannelEnded`. */
  #exchange(message: ToModule, serve: ((call: StorageCall) => StorageAnswer) | undefined): FromModule {
    this.#channel.send(message);
    for (;;) {
      const answer = this.#receive();
      if (!isFromModule(answer)) throw new ArgumentError("the module interfered with its own worker");
      if (answer.kind !== "storage") return answer;
      this.#channel.send(serve?.(answer.call) ?? { kind: "value" });
    }
  }

  #receive(): unknown {
    try {
      return this.#channel.receive();
    } catch (error) {
      if (error instanceof SyntaxError) return undefined; // the module wrote to the channel itself
      throw error;
    }
  }
}

/** Returns the value of a watch. The module may have written the text itself. */
function jsonOf(text: string): Json | undefined {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An error from another thread, of which only the text is known. */
class ModuleFailure extends Error {
  constructor(text: string) {
    super(text);
    this.stack = text;
  }
}

function storageAnswer(
  call: StorageCall,
  { host, disk }: { readonly host: Host; readonly disk: { storage?: Storage | undefined } },
): StorageAnswer {
  try {
    if (call.method === "open") disk.storage = host.openStorage(call.name);
    if (call.method === "replace") disk.storage = host.replaceStorage(call.name);
    return { kind: "value", value: storageValue(call, disk.storage) };
  } catch (error) {
    if (error instanceof DamagedStoreError) {
      return { kind: "damaged", file: error.file, problem: error.problem };
    }
    throw error;
  }
}

function storageValue({ method, name, value, index }: StorageCall, storage: Storage | undefined): unknown {
  switch (method) {
    case "open":
    case "replace":
      return storage !== undefined;
    case "get":
      return storage?.get(name);
    case "put":
      return storage?.put(name, value);
    case "remove":
      return storage?.remove(name);
    case "append":
      return storage?.append(name, value);
    case "read":
      return Array.from(storage?.read(name) ?? [], (record) => [record.index, record.value]);
    case "truncate":
      return storage?.truncate(name, index);
    case "discard":
      return storage?.discard(name, index);
    case "sync":
      return storage?.sync();
  }
}
