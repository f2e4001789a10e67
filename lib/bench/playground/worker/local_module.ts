/**
 * A module's program in a browser's worker. It draws the same random numbers as a module in a worker of its own, so that a
 * run has the same history as `charybdis test --virtual --module FILE`.
 *
 * Tested by `tests/bench/playground/page_test.ts`.
 */

import { type NodeProgram, programOf } from "../../cluster/program.ts";
import type { JobProgram } from "../../worker/virtual_job.ts";
import type { Host } from "../../../runtime/host.ts";
import { Runtime } from "../../../runtime/node.ts";
import type { Receiver } from "../../../sim/in_process.ts";
import { SeededRandom } from "../../../sim/random.ts";
import { hiddenNames } from "./hidden_names.ts";
import { CodeError, ownStack, scriptOfModule } from "./module_text.ts";
import { MODULE_NAME, placeIn } from "./places.ts";

/** The maximum number of consecutive events of a module's nodes at the same virtual time. */
const INSTANT_EVENTS_MAX = 30_000;

/** The modules that a program may import, by specifier. */
export type Offered = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

type ModuleFunction = (
  exports: object,
  require: (name: string) => unknown,
  ...hidden: unknown[]
) => Promise<void>;

/** A module that was loaded in this thread. */
export class LocalModule implements JobProgram {
  readonly instantEventsMax = INSTANT_EVENTS_MAX;
  readonly hasEnded = false;
  readonly #program: NodeProgram;
  /** The address of the module's script, which its stack traces name. */
  readonly #url: string;
  /** The node that runs now. */
  #current: { readonly host: Host; readonly runtime: Runtime } | undefined;

  private constructor(program: NodeProgram, url: string) {
    this.#program = program;
    this.#url = url;
  }

  /** Loads a module. Rejects with {@linkcode CodeError} that has the reason and, if it is known, the place. */
  static async load(
    code: string,
    { args, offered }: { readonly args: readonly string[]; readonly offered: Offered },
  ): Promise<LocalModule> {
    const loading: { module?: LocalModule } = {};
    const hidden = hiddenNames((text) => loading.module?.log(text));
    const script = scriptOfModule(code, [...hidden.keys()]);
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    try {
      const { default: run }: { readonly default: ModuleFunction } = await import(url);
      const exported: Record<string, unknown> = {};
      await run(exported, (name) => importOf(name, offered), ...hidden.values());
      const program = programOf(exported, { name: MODULE_NAME, args });
      const module = new LocalModule(program, url);
      loading.module = module;
      addEventListener("unhandledrejection", (event) => {
        event.preventDefault();
        module.#current?.runtime.onUnhandledError(event.reason);
      });
      return module;
    } catch (error) {
      throw loadError(withOwnStack(error, url));
    }
  }

  /** Writes a line to the log of the node that runs now. */
  log(text: string): void {
    this.#current?.host.log.line(text);
  }

  start(host: Host): Receiver {
    const random = new SeededRandom(host.random.id());
    const clock: Host["clock"] = {
      now: () => host.clock.now(),
      after: (delayMs, fire) => host.clock.after(Number.isFinite(delayMs) ? delayMs : 0, () => turn(fire)),
    };
    const own = { url: this.#url, name: MODULE_NAME };
    const log: Host["log"] = { line: (text) => host.log.line(ownStack(String(text), own)) };
    const fail: Host["fail"] = (error) => host.fail(withOwnStack(error, this.#url));
    const runtime: Runtime = new Runtime({ ...host, clock, random, log, fail }, this.#program);
    const turn = (act: () => void) => {
      this.#current = { host, runtime };
      act();
    };
    return {
      receive: (line) => turn(() => runtime.receive(line)),
      stop: () => runtime.stop(),
      consumeAsyncFlag: () => runtime.consumeAsyncFlag(),
      get state() {
        return String(runtime.state);
      },
    };
  }

  end(): void {
    this.#current = undefined;
  }
}

function importOf(name: string, offered: Offered): unknown {
  const found = offered.get(name);
  if (found !== undefined) {
    return new Proxy(found, { get: (exports, key) => exportOf(exports, { key, name }) });
  }
  throw new CodeError(`it imports ${JSON.stringify(name)}, but a node imports @charybdis/charybdis only`);
}

/** Returns an export of a module. Scripts ask for `__esModule`, too. */
function exportOf(
  exports: Readonly<Record<string, unknown>>,
  { key, name }: { readonly key: string | symbol; readonly name: string },
): unknown {
  if (key in exports || typeof key === "symbol" || key === "__esModule") return Reflect.get(exports, key);
  throw new CodeError(`${name} has no export ${key}`);
}

function withOwnStack(error: unknown, url: string): unknown {
  if (error instanceof Error && error.stack !== undefined) {
    error.stack = ownStack(error.stack, { url, name: MODULE_NAME });
  }
  return error;
}

function loadError(error: unknown): CodeError {
  if (error instanceof CodeError) return error;
  if (!(error instanceof Error)) return new CodeError(String(error));
  return new CodeError(error.message, placeIn(error.stack ?? "", MODULE_NAME));
}
