/**
 * The worker that runs a module. It has no permissions, and only the names of the language and of the node API. Its only output
 * is the actions of nodes. The simulation, the history and the verdict are elsewhere.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

/// <reference lib="deno.worker" />

import { setImmediate } from "node:timers";
import "./offered.ts"; // loads the modules that a program may import, before any global is removed
import { DamagedStoreError, type Host, type Storage } from "../../../runtime/host.ts";
import { Runtime } from "../../../runtime/node.ts";
import { Redraw, SeededRandom } from "../../../sim/random.ts";
import { Watches } from "../../../sim/watches.ts";
import { isObject } from "../../../protocol/schema.ts";
import { ModuleChannel } from "./channel.ts";
import type { HostAction, StorageAnswer, StorageCall, ToModule } from "./messages.ts";
import { moduleProblem } from "../node_module.ts";
import { type NodeProgram, programOf } from "../program.ts";
import { removeGlobals } from "./globals.ts";

/** The maximum number of concurrent incarnations of nodes per module. */
const RUNTIMES_MAX = 10_000;

/** A node's incarnation, with this thread's side of its host. */
class Incarnation {
  readonly runtime: Runtime;
  readonly #timers = new Map<number, () => void>();
  readonly #turn: Turn;
  #nextTimer = 0;
  #now: number;
  /** Undefined if the node's state is not recorded. */
  readonly #watches: Watches | undefined;

  constructor(
    program: NodeProgram,
    turn: Turn,
    { seed, now, isWatched, redraw }: { seed: string; now: number; isWatched: boolean; redraw: Redraw },
  ) {
    this.#turn = turn;
    this.#now = now;
    this.#watches = isWatched ? new Watches() : undefined;
    this.runtime = new Runtime(this.#host(new SeededRandom(seed, redraw)), program);
  }

  line(line: string, now: number): void {
    this.#now = now;
    this.runtime.receive(line);
  }

  fire(timer: number, now: number): void {
    this.#now = now;
    const fire = this.#timers.get(timer);
    this.#timers.delete(timer);
    fire?.();
  }

  /** Returns the watched values that changed in this turn. */
  takeChanges(): readonly (readonly [string, string])[] {
    return [...this.#watches?.takeChanges() ?? []];
  }

  #host(random: SeededRandom): Host {
    const turn = this.#turn;
    const watches = this.#watches;
    return {
      ...(watches === undefined ? {} : { watch: (name, value) => watches.add(String(name), value) }),
      clock: {
        now: () => this.#now,
        after: (delayMs, fire) => {
          const timer = this.#nextTimer++;
          this.#timers.set(timer, fire);
          turn.actions.push({ kind: "after", timer, delayMs: Number(delayMs) });
          return () => {
            if (this.#timers.delete(timer)) turn.actions.push({ kind: "cancel", timer });
          };
        },
      },
      random,
      transport: { send: (line) => void turn.actions.push({ kind: "send", line }) },
      log: { line: (text) => void turn.actions.push({ kind: "log", text: turn.named(String(text)) }) },
      openStorage: (id) => turn.call("open", { name: id }) === true ? remoteStorage(turn) : undefined,
      replaceStorage: (id) => {
        turn.call("replace", { name: id });
        return remoteStorage(turn);
      },
      fail: (error) => void turn.actions.push({ kind: "fail", text: turn.textOf(error) }),
    };
  }
}

/** The actions that the current turn requests from the simulation. */
class Turn {
  readonly #channel: ModuleChannel;
  actions: HostAction[] = [];
  /** Replaces the module's URL in stack traces. */
  source = { name: "", url: "" };

  constructor(channel: ModuleChannel) {
    this.#channel = channel;
  }

  call(method: StorageCall["method"], { name = "", value = "", index = 0 }: Partial<StorageCall>): unknown {
    this.#channel.send({ kind: "storage", call: { method, name, value, index } });
    const answer = this.#channel.receive() as StorageAnswer;
    if (answer.kind === "damaged") throw new DamagedStoreError(answer.file, answer.problem);
    return answer.value;
  }

  textOf(error: unknown): string {
    return this.named(error instanceof Error ? error.stack ?? error.message : String(error));
  }

  /** Replaces the module's URL, which Deno shortens in stack traces, with the module's name. */
  named(text: string): string {
    return text.replaceAll(this.source.url, this.source.name).replaceAll(
      /data:text\/javascript;base64,[^:\s)]*/g,
      this.source.name,
    );
  }
}

function remoteStorage(turn: Turn): Storage {
  return {
    get: (name) => {
      const value = turn.call("get", { name });
      return typeof value === "string" ? value : undefined;
    },
    put: (name, value) => void turn.call("put", { name, value }),
    remove: (name) => void turn.call("remove", { name }),
    append: (name, value) => Number(turn.call("append", { name, value })),
    read: (name) => {
      const records = turn.call("read", { name });
      return (Array.isArray(records) ? records : []).map(([index, value]) => ({ index, value }));
    },
    truncate: (name, index) => void turn.call("truncate", { name, index }),
    discard: (name, index) => void turn.call("discard", { name, index }),
    sync: () => void turn.call("sync", {}),
  };
}

async function work(memory: SharedArrayBuffer): Promise<never> {
  const channel = new ModuleChannel(memory, "module");
  const turn = new Turn(channel);
  const uncaught: unknown[] = [];
  catchAll(uncaught);
  removeGlobals((text) => turn.actions.push({ kind: "log", text }));
  const incarnations = new Map<number, Incarnation>();
  let program: NodeProgram | undefined;
  let redraw = new Redraw();
  for (;;) {
    const asked = channel.receive() as ToModule; // from the simulation, which is trusted
    if (asked.kind === "load") {
      turn.source = asked.source;
      try {
        program = programOf(await import(asked.source.url), { name: asked.source.name, args: asked.args });
        channel.send({ kind: "loaded" });
      } catch (error) {
        channel.send({ kind: "refused", problem: moduleProblem(error, asked.source) });
      }
      continue;
    }
    let incarnation: Incarnation | undefined;
    if (asked.kind === "redraw") redraw.seed = asked.seed;
    else if (asked.kind === "end") {
      incarnations.clear();
      redraw = new Redraw();
      await eventLoop();
    } else if (asked.kind === "start") {
      if (program === undefined || incarnations.size >= RUNTIMES_MAX) throw new Error("nothing to start");
      incarnation = new Incarnation(program, turn, { ...asked, redraw });
      incarnations.set(asked.incarnation, incarnation);
    } else incarnation = incarnations.get(asked.incarnation);
    if (asked.kind === "line") incarnation?.line(asked.line, asked.now);
    if (asked.kind === "timer") incarnation?.fire(asked.timer, asked.now);
    if (asked.kind === "stop") {
      incarnation?.runtime.stop();
      incarnations.delete(asked.incarnation);
    }
    if (incarnation?.runtime.consumeAsyncFlag()) await eventLoop();
    for (const error of uncaught.splice(0)) incarnation?.runtime.onUnhandledError(error);
    const actions = turn.actions;
    turn.actions = [];
    const watched = incarnation?.takeChanges() ?? [];
    channel.send({ kind: "done", actions, state: String(incarnation?.runtime.state ?? ""), watched });
  }
}

/** Runs every promise continuation that is ready. */
function eventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Collects errors that no promise handler catches, so that they do not end the worker. */
function catchAll(uncaught: unknown[]): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    uncaught.push(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    uncaught.push(event.error);
  });
}

addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  if (isObject(data) && data["memory"] instanceof SharedArrayBuffer) work(data["memory"]);
}, { once: true });
