/**
 * The globals of a module: those of the language, without access to time, randomness, files or the network.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

/** Platform names that depend only on their arguments. */
export const KEPT: ReadonlySet<string> = new Set([
  "TextEncoder",
  "TextDecoder",
  "URL",
  "URLSearchParams",
  "atob",
  "btoa",
  "structuredClone",
  "queueMicrotask",
  "dispatchEvent", // Deno reports unhandled rejections with it
]);

/** Names of the language. An empty realm has them; all others belong to the platform. */
export const LANGUAGE: ReadonlySet<string> = new Set(
  ("globalThis Infinity NaN undefined eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI " +
    "encodeURIComponent escape unescape AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array " +
    "BigUint64Array Boolean DataView DisposableStack Error EvalError Float16Array Float32Array Float64Array Function Int16Array " +
    "Int32Array Int8Array Iterator Map Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set " +
    "String SuppressedError Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array " +
    "Uint8ClampedArray WeakMap WeakSet JSON Math Intl").split(" "),
);

/** The replacement that a node uses for each platform name. */
const INSTEAD: Readonly<Record<string, string>> = {
  Date: "node.now()",
  performance: "node.now()",
  Temporal: "node.now()",
  setTimeout: "node.after(delayMs, …)",
  setInterval: "node.every(intervalMs, …)",
  setImmediate: "node.after(0, …)",
  crypto: "node.random",
  "Math.random": "node.random",
  fetch: "node.send or node.rpc",
  WebSocket: "node.send or node.rpc",
  XMLHttpRequest: "node.send or node.rpc",
  localStorage: "node.storage",
  indexedDB: "node.storage",
  Deno: "what the node offers",
  process: "what the node offers",
};

/**
 * Removes every other name from this worker. A name that a program may look for throws an error that names its replacement.
 * `console` writes to the node's log, since a node's stdout carries messages.
 */
export function removeGlobals(log: (text: string) => void): void {
  const console = consoleOf(log);
  for (let each: object | null = globalThis; each !== null && each !== Object.prototype;) {
    for (const name of Object.getOwnPropertyNames(each)) {
      if (name === "constructor" || LANGUAGE.has(name) || KEPT.has(name)) continue;
      hide(each, name);
    }
    each = Object.getPrototypeOf(each);
  }
  Object.defineProperty(globalThis, "console", { value: console });
  Object.defineProperty(Math, "random", {
    value: () => {
      throw new Error(outOfReach("Math.random"));
    },
  });
}

/** Returns a console that writes to a node's log. */
export function consoleOf(
  log: (text: string) => void,
): Readonly<Record<string, (...values: unknown[]) => void>> {
  const say = (...values: unknown[]) => log(values.map(textOf).join(" "));
  return { log: say, info: say, warn: say, error: say, debug: say, trace: say };
}

function hide(owner: object, name: string): void {
  const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
  const get = instead === undefined ? undefined : () => {
    throw new Error(outOfReach(name));
  };
  try {
    if (get === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, { get, configurable: true });
  } catch {
    // a name that cannot be changed
  }
}

/** Returns the reason why a node cannot use a platform name, and its replacement. */
export function outOfReach(name: string): string {
  const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : "what the node offers";
  return `${name} is out of reach for a node in virtual time: use ${instead}`;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.stack ?? value.message;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
