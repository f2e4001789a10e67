/** The layers: the files of each, its imports, and its access to the system. */

/** The alternatives to the system, for the messages of the lint rule. */
export interface Instead {
  readonly time: string;
  readonly timers: string;
  readonly random: string;
  readonly log: string;
  readonly system: string;
}

/** One layer. A path belongs to the first layer of {@linkcode LAYERS} whose `files` it matches. */
export interface Layer {
  readonly name: string;
  readonly files: RegExp;
  /** Layers whose values may be imported here. The layer itself is implied. */
  readonly values: readonly string[];
  /** Layers of which only types may be imported. */
  readonly types: readonly string[];
  /** Packages that may be imported, by prefix: `@std/`, `npm:`, `node:`. */
  readonly packages: readonly string[];
  /** The replacements of time, randomness and the system. A layer without them may use the system. */
  readonly instead?: Instead;
}

const machine: Instead = {
  time: "the `now` that is handed in",
  timers: "a deadline in the state, and a tick",
  random: "the random numbers that are handed in",
  log: "what the step returns",
  system: "what the step returns: the driver does it",
};

function algorithms(name: string): Layer[] {
  return [
    // The machine is pure; its driver ties it to a node.
    {
      name: `${name}'s driver`,
      files: new RegExp(`^lib/${name}/(.*/)?driver\\.ts$`),
      values: [name, "protocol", "runtime"],
      types: [],
      packages: [],
      instead: { ...nodeInstead, random: "`node.random`" },
    },
    {
      // It may import values of the protocol (invariants, message declarations, schemas), because they are pure, too.
      name,
      files: new RegExp(`^lib/${name}/`),
      values: ["protocol"],
      types: ["host", "runtime", ...ALGORITHMS.filter((other) => other !== name)],
      packages: [],
      instead: machine,
    },
  ];
}

const ALGORITHMS = ["gossip", "crdt", "log", "consensus"] as const;

const nodeInstead: Instead = {
  time: "`node.now()`",
  timers: "`node.after` or `node.every`",
  random: "`node.random`",
  log: "`node.log`",
  system: "what `Node` offers: `node.send`, `node.rpc`, `node.storage`, settings by `serve`",
};

/** Every layer. Imports run one way: protocol ← runtime ← nodes; what is not listed is refused. */
export const LAYERS: readonly Layer[] = [
  {
    name: "protocol",
    files: /^lib\/protocol\//,
    values: [],
    types: [],
    packages: [],
    instead: {
      time: "an argument",
      timers: "an argument",
      random: "an argument",
      log: "an error, or a returned value",
      system: "an argument: this layer turns bytes into messages and does nothing else",
    },
  },
  { name: "host", files: /^lib\/runtime\/host\.ts$/, values: ["protocol"], types: [], packages: [] },
  {
    name: "storage",
    files: /^lib\/runtime\/(storage\/|crc32c\.ts$)/,
    values: ["host"],
    types: [],
    packages: [],
    instead: {
      time: "nothing: a store depends on its files alone",
      timers: "nothing: a store acts at once",
      random: "the `newId` that is handed in",
      log: "the `log` that is handed in",
      system: "a `StoreFolder`: system_files.ts has the real one",
    },
  },
  {
    name: "runtime",
    files: /^lib\/runtime\//,
    values: ["protocol", "host", "storage"],
    types: [],
    packages: ["@std/"],
    instead: {
      time: "`host.clock.now()`",
      timers: "`host.clock.after`",
      random: "`host.random`",
      log: "`host.log.line`",
      system: "the `Host`: stdio.ts has the real one",
    },
  },
  {
    name: "library",
    files: /^lib\/mod\.ts$/,
    values: ["protocol", "host", "runtime"],
    types: [],
    packages: [],
  },
  ...ALGORITHMS.flatMap(algorithms),
  {
    name: "sim",
    files: /^lib\/sim\//,
    values: ["protocol", "host", "storage"],
    types: ["runtime"],
    packages: [],
    instead: {
      time: "the virtual clock's `now()`",
      timers: "the virtual clock's `after`",
      random: "the seeded random numbers",
      log: "the router's record",
      system: "the simulated network: a simulation's outcome depends on its seed alone",
    },
  },
  {
    name: "checkers",
    files: /^lib\/checkers\//,
    values: ["protocol"],
    types: [],
    packages: [],
    instead: {
      time: "the history's times",
      timers: "a budget of steps",
      random: "nothing: a verdict depends on the history alone",
      log: "the result",
      system: "the history that is handed in",
    },
  },
  {
    // A solution is written as a learner's node is, outside this repository.
    name: "solutions",
    files: /^lib\/bench\/learn\/solutions\//,
    values: [],
    types: [],
    packages: ["@charybdis/charybdis"],
    instead: nodeInstead,
  },
  {
    name: "bench",
    files: /^lib\/bench\//,
    values: [
      "protocol",
      "host",
      "storage",
      "runtime",
      "library",
      "sim",
      "checkers",
      "nodes",
      ...ALGORITHMS,
      ...ALGORITHMS.map((name) => `${name}'s driver`),
    ],
    types: [],
    packages: ["@std/", "npm:", "node:"],
  },
  {
    name: "nodes",
    files: /^nodes\//,
    values: [
      "protocol",
      "host",
      "runtime",
      "library",
      ...ALGORITHMS,
      ...ALGORITHMS.map((name) => `${name}'s driver`),
    ],
    types: [],
    packages: ["@std/"],
    instead: nodeInstead,
  },
  {
    name: "tests",
    files: /^tests\//,
    values: ["*"],
    types: [],
    // Examples import the package by its name, as its users do.
    packages: ["@std/", "@charybdis/", "npm:", "node:"],
  },
];

/** Single files that may do more than their layer: names of {@linkcode GLOBALS}, packages, files outside all layers. */
export const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // The real host, which accesses the system for all nodes.
  "lib/runtime/stdio.ts": [
    "performance",
    "setTimeout",
    "clearTimeout",
    "Math.random",
    "crypto",
    "Deno",
    "globalThis",
  ],
  // The command line, permissions, and the exit status for a wrong one.
  "lib/runtime/serve.ts": ["Deno", "deno.json"],
  // The bench's version.
  "lib/bench/version.ts": ["deno.json"],
  // The real store.
  "lib/runtime/storage/system_files.ts": ["Deno"],
};

/** Names that access time, randomness, files or the network, with their replacement in {@linkcode Instead}. */
export const GLOBALS: Readonly<Record<string, keyof Instead>> = {
  Date: "time",
  performance: "time",
  Temporal: "time",
  setTimeout: "timers",
  setInterval: "timers",
  setImmediate: "timers",
  clearTimeout: "timers",
  clearInterval: "timers",
  clearImmediate: "timers",
  requestAnimationFrame: "timers",
  "AbortSignal.timeout": "timers",
  Atomics: "timers",
  "Math.random": "random",
  crypto: "random",
  // When the garbage collector runs is random too.
  WeakRef: "random",
  FinalizationRegistry: "random",
  console: "log",
  Deno: "system",
  fetch: "system",
  WebSocket: "system",
  EventSource: "system",
  BroadcastChannel: "system",
  Worker: "system",
  localStorage: "system",
  sessionStorage: "system",
  caches: "system",
  navigator: "system",
  globalThis: "system",
  eval: "system",
};

/** The layer that a path inside the repository belongs to. */
export function layerOf(path: string): Layer | undefined {
  return LAYERS.find((layer) => layer.files.test(path));
}

/** Returns the reason why a file may not use one of {@linkcode GLOBALS}, or undefined. */
export function globalProblem(path: string, name: string): string | undefined {
  const layer = layerOf(path);
  const kind = Object.hasOwn(GLOBALS, name) ? GLOBALS[name] : undefined;
  if (layer?.instead === undefined || kind === undefined || EXCEPTIONS[path]?.includes(name)) {
    return undefined;
  }
  return `${name} is out of reach in ${layer.name}: use ${layer.instead[kind]}`;
}

/** An import: `to` is a path inside the repository, or a package's specifier. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Returns the reason why an import is not allowed, or undefined. */
export function importProblem({ from, to, typeOnly }: Import): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined || EXCEPTIONS[from]?.includes(to)) return undefined;
  if (/^(@|[a-z]+:)/.test(to)) return packageProblem(layer, to);
  const other = layerOf(to);
  if (other === undefined) {
    return layer.name === "tests" ? undefined : `${to} belongs to no layer: nothing outside them is imported`;
  }
  if (layer.name === "nodes" && other === layer && from !== to) {
    return "no node imports another: what two nodes share has its home in lib";
  }
  if (layer === other || layer.values.includes("*") || layer.values.includes(other.name)) return undefined;
  if (layer.types.includes(other.name)) {
    return typeOnly
      ? undefined
      : `${layer.name} imports types alone from ${other.name}: write \`import type\``;
  }
  const allowed = [...layer.values, ...layer.types.map((name) => `types of ${name}`)];
  const list = allowed.length === 0 ? "nothing outside itself" : allowed.join(", ");
  return `${layer.name} may not import from ${other.name}: it imports ${list}`;
}

function packageProblem(layer: Layer, specifier: string): string | undefined {
  if (layer.packages.some((prefix) => specifier.startsWith(prefix))) return undefined;
  if (specifier.startsWith("node:") && layer.instead !== undefined) {
    return `${specifier} is out of reach in ${layer.name}: use ${layer.instead.system}`;
  }
  const allowed = layer.packages.length === 0 ? "no package" : `only ${layer.packages.join(", ")}`;
  return `${layer.name} imports ${allowed}: npm packages belong to the bench and the tests, @std to what runs`;
}
