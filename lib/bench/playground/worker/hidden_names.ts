/**
 * The platform's names, which a module gets as parameters that throw: time, randomness, files and the network are out of
 * its reach. The page's policy also refuses `eval` and every connection.
 *
 * Tested by `tests/bench/playground/page_test.ts`.
 */

import { consoleOf, KEPT, LANGUAGE, outOfReach } from "../../cluster/module/globals.ts";

/** Names of other platforms that programs expect. */
const FOREIGN = ["Deno", "process", "window", "document"] as const;

/** Returns the values of the names that are hidden from a module. `log` receives what the module prints. */
export function hiddenNames(log: (text: string) => void): ReadonlyMap<string, unknown> {
  const names = new Set<string>(FOREIGN);
  for (let each: object | null = globalThis; each !== null; each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) names.add(name);
  }
  const hidden = new Map<string, unknown>();
  for (const name of names) {
    const isName = /^[A-Za-z_$][\w$]*$/.test(name);
    if (isName && !LANGUAGE.has(name) && !KEPT.has(name)) hidden.set(name, outOfReachValue(name));
  }
  hidden.delete("constructor");
  hidden.set("Math", mathWithoutRandom());
  hidden.set("console", consoleOf(log));
  const language = Object.fromEntries(
    [...LANGUAGE].filter((name) => name in globalThis && name !== "globalThis").map((
      name,
    ) => [name, Reflect.get(globalThis, name)]),
  );
  hidden.set("globalThis", { ...language, Math: hidden.get("Math"), console: hidden.get("console") });
  return hidden;
}

/** Returns a value that throws at each use. */
function outOfReachValue(name: string): unknown {
  const refuse = () => {
    throw new Error(outOfReach(name));
  };
  return new Proxy(function () {}, {
    apply: refuse,
    construct: refuse,
    get: refuse,
    set: refuse,
    has: refuse,
  });
}

function mathWithoutRandom(): object {
  const random = () => {
    throw new Error(outOfReach("Math.random"));
  };
  return Object.freeze({ ...Object.fromEntries(namesOfMath()), random });
}

function namesOfMath(): (readonly [string, unknown])[] {
  return Object.getOwnPropertyNames(Math).map((name) => [name, Reflect.get(Math, name)] as const);
}
