/**
 * The options of a test: Maelstrom's under their names, and additional ones.
 *
 * Tested by `tests/bench/cli/messages_test.ts`.
 */

import type { Bounds } from "./bounds.ts";
import { CONSISTENCY_MODELS, ELLE_VERSIONS, type ElleVersion } from "../../checkers/elle/mod.ts";
import { WORKLOADS } from "../../checkers/workloads.ts";
import {
  ArgumentError,
  choice,
  custom,
  flag,
  kebab,
  list,
  number,
  parseSettings,
  repeated,
  text,
  unknownName,
  type Values,
} from "../../runtime/settings.ts";
import type { Latency } from "../../sim/network.ts";
import { FILE_LIMIT_MB } from "../store/file_limit.ts";
import {
  definitionOf,
  FAULT_KINDS,
  FAULT_SETTINGS,
  type FaultKind,
  type FaultParameters,
  faultParameters,
  parseFaults,
} from "../nemesis/faults.ts";
import { splitArguments } from "./node_arguments.ts";
import { isNodeId, nodeIds } from "./node_ids.ts";
import { optionsProblem } from "./workload_guard.ts";
import { findWorkload, type RegisteredWorkload } from "../workloads/registry.ts";
import { TOPOLOGY_NAMES } from "../workloads/topologies.ts";
import type { WorkloadOptions } from "../workloads/workload.ts";

/** The limits of the check of a workload file, in s and in MB. */
const FILE_CHECK_S = 60;
const FILE_CHECK_MB = 1000;

/** The default bound of the liveness check in a sweep, in seconds. */
export const SWEEP_PROGRESS_S = 10;

/** The mean delay of a hand-over, in ms. Processes add none, because their pipes take about as long as Maelstrom's. */
export const HANDOVER_MS = { processes: 0, virtual: 0.4 } as const;

const nemesisInterval = number(10, {
  min: 0.001,
  max: 1_000_000,
  description: "Mean time from a fault's start to its end, and from its end to its next start, in seconds.",
});

/** Options that determine a test, on either clock. */
export const testSettings = {
  workload: custom({
    syntax: "NAME|FILE",
    description: `Workload to test: ${WORKLOADS.join(", ")}, or a workload file. Also -w.`,
    parse: (given) => given,
  }),
  nodeCount: custom({
    syntax: "1…1000",
    description: "Number of nodes, named n0, n1, ….",
    parse: (given) => natural(given, 1000),
  }),
  nodes: list<string>([], {
    syntax: "ID,ID,…",
    description:
      "Node ids, unless --node-count is given: letters, digits and _ . - only. They must not start with c, which is " +
      "reserved for clients. Default: n1,n2,n3,n4,n5.",
    parse: (id) => isNodeId(id) ? id : undefined,
  }),
  node: repeated({
    syntax: "ID",
    description: "Node id, in addition to --nodes. Repeatable. Also -n.",
    parse: (id) => isNodeId(id) ? id : undefined,
  }),
  nodesFile: text({ syntax: "FILE", description: "File with additional node ids, one per line." }),
  concurrency: custom({
    syntax: "N or Nn",
    description:
      "Number of concurrent clients: a number, or a multiple of the number of nodes, such as 4n. Default: 1n; 2n for lin-kv.",
    parse: (given) => /^0*[1-9]\d{0,4}n?$/.test(given) ? given : undefined,
  }),
  timeLimit: number(60, { min: 0, max: 1_000_000, description: "Duration of the main phase, in seconds." }),
  rate: number(5, {
    min: 0,
    max: 1_000_000,
    description: "Operations per second, over all clients.",
  }),
  latency: number(0, { min: 0, max: 60_000, description: "Mean message latency between nodes, in ms." }),
  latencyDist: choice("constant", {
    options: ["constant", "uniform", "exponential"],
    description: "Distribution of latencies.",
  }),
  handover: custom(number(0, {
    min: 0,
    max: 1000,
    description:
      "Mean delay added to each message, in ms; heavy-tailed. Not to messages of clients, unless --virtual. Default: " +
      `${HANDOVER_MS.processes}, and ${HANDOVER_MS.virtual} with --virtual, where no pipes add any.`,
  })),
  topology: choice("grid", {
    options: TOPOLOGY_NAMES,
    description: "Topology that broadcast nodes receive.",
  }),
  nemesis: custom<readonly FaultKind[]>({
    syntax: "none|all|FAULT,…",
    description: `Faults to inject: ${FAULT_KINDS.join(", ")}. Also --faults. Default: none.`,
    parse: parseFaults,
  }),
  nemesisInterval: { ...nemesisInterval, parse: (given: string) => nemesisInterval.parse(decimalOf(given)) },
  ...FAULT_SETTINGS,
  availability: custom<number | "total" | null>({
    syntax: "total or 0…1",
    description: "Fraction of operations that must succeed. Default: no requirement.",
    parse: availabilityOf,
  }),
  progressWithin: custom({
    syntax: "SECONDS",
    description:
      "Time after the end of the faults within which every node must answer, and nodes of gossip workloads agree; 0 for " +
      `no check. Default: no check, and in a sweep ${SWEEP_PROGRESS_S} s.`,
    parse: (given) => given === "0" ? 0 : positive(given),
  }),
  invariant: text({
    syntax: "FILE",
    description:
      "Invariants over the values that nodes watch, checked after every step in virtual time: a file, or raft.",
  }),
  maxMsgsPerOp: custom({
    syntax: "NUMBER",
    description:
      "Bound of the messages between servers per operation. A run that is not below it is invalid.",
    parse: positive,
  }),
  maxMedianMs: custom({
    syntax: "MS",
    description: "Bound of the median stable latency, in ms. A run that is not below it is invalid.",
    parse: positive,
  }),
  maxLatencyMs: custom({
    syntax: "MS",
    description: "Bound of the largest stable latency, in ms. A run that is not below it is invalid.",
    parse: positive,
  }),
  consistencyModels: list(["strict-serializable"], {
    syntax: "MODEL,…",
    description:
      "Consistency models that transactions must satisfy. Registers (lin-kv) are linearizable unless " +
      "only weaker models are named: sequential, PRAM or session guarantees such as monotonic-reads.",
    parse: (given) => given === "" ? undefined : given,
  }),
  checkTimeout: custom({
    syntax: "SECONDS",
    description:
      `Time limit of the check, which is then unknown. Default: none; ${FILE_CHECK_S} for a workload file.`,
    parse: positive,
  }),
  checkMemory: custom({
    syntax: "MB",
    description:
      `Limit of the memory that the check uses, in MB. Default: none; ${FILE_CHECK_MB} for a workload file.`,
    parse: positive,
  }),
  elle: choice("0.2.2", {
    options: ELLE_VERSIONS,
    description:
      "Release of Elle whose findings decide the verdict. Other findings appear as remarks. Maelstrom uses 0.2.2.",
  }),
  keyCount: custom({
    syntax: "1…",
    description: "Number of keys in use at a time, in workloads with keys.",
    parse: (given) => natural(given, 1_000_000),
  }),
  maxTxnLength: number(4, {
    min: 1,
    max: 10_000,
    whole: true,
    description: "Maximum number of operations per transaction.",
  }),
  maxWritesPerKey: number(16, {
    min: 1,
    max: 1_000_000,
    whole: true,
    description: "Maximum number of writes per key.",
  }),
} as const;

/** Options for running a single test and storing its results. */
export const runSettings = {
  bin: text({ syntax: "FILE", description: "Executable that runs a node." }),
  virtual: flag(false, {
    description: "Runs a built-in node in virtual time: no processes, no waiting, repeatable by seed.",
  }),
  seed: custom({
    syntax: "0…2^53",
    description: "Seed of all random draws. Default: a random seed, which is shown.",
    parse: (given) => natural(given, Number.MAX_SAFE_INTEGER, 0),
  }),
  module: text({
    syntax: "FILE",
    description: "Node module to run in virtual time, instead of the built-in node.",
  }),
  noData: flag(false, { description: "Gives nodes no disk, even when they are killed." }),
  store: text({ syntax: "DIR", description: "Directory for results. Default: store." }),
  json: flag(false, { description: "Prints the results as JSON, and nothing else, on stdout." }),
  verbose: flag(false, { description: "Prints all results, not only the summary." }),
  logStderr: flag(false, { description: "Shows what nodes write to stderr." }),
  logNetSend: flag(false, { description: "Shows messages on stderr as they are sent." }),
  logNetRecv: flag(false, { description: "Shows messages on stderr as they are received." }),
  logMessages: flag(false, { description: "Writes all messages to messages.jsonl." }),
  report: flag(false, { description: "Writes a report even for runs without an automatic one." }),
  fileLimitMb: number(FILE_LIMIT_MB, {
    min: 1,
    max: 1_000_000,
    description:
      "Maximum size of a node's log or of messages.jsonl, in MB. Larger files keep their first and last parts. " +
      "The limit of history.jsonl is four times as large; the run ends there.",
  }),
  sandboxRead: list<string>([], {
    syntax: "DIR,…",
    description: "Additional folders that sandboxed nodes can read, such as that of a language.",
    parse: (given) => given === "" ? undefined : given,
  }),
  failFast: flag(false, { description: "Ends a run of processes as soon as its failure is certain." }),
  sandbox: flag(false, {
    description:
      "Runs the nodes' processes without network and rights, by bubblewrap (Linux). They get no disk.",
  }),
  sandboxDir: text({
    syntax: "DIR",
    description: "Folder that sandboxed nodes can read. Default: that of the executable.",
  }),
  testCount: number(1, {
    min: 1,
    max: 10_000,
    whole: true,
    description: "Number of runs. Stops at the first run that is not valid.",
  }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Options of Maelstrom's command line that have no effect here. They are accepted so that a copied command line runs. */
const ignoredSettings = {
  noSsh: flag(false, { description: "Has no effect." }),
  strictHostKeyChecking: flag(false, { description: "Has no effect." }),
  loggingJson: flag(false, { description: "Has no effect." }),
  leaveDbRunning: flag(false, { description: "Has no effect." }),
  username: text({ syntax: "USER", description: "Has no effect." }),
  password: text({ syntax: "PASS", description: "Has no effect." }),
  sshPrivateKey: text({ syntax: "FILE", description: "Has no effect." }),
} as const;

/** Short names and aliases of options. */
export const OPTION_ALIASES: Readonly<Record<string, string>> = {
  w: "workload",
  n: "node",
  faults: "nemesis",
};

/** The limits of a check. */
export interface CheckLimits {
  readonly timeoutS?: number;
  readonly memoryMb?: number;
}

/** The settings of a test. */
export interface TestOptions extends WorkloadOptions, FaultParameters {
  readonly workload: string;
  /** The path of the workload's file; absent for a built-in workload. */
  readonly workloadFile?: string;
  readonly timeLimitS: number;
  readonly rate: number;
  readonly latency: Latency;
  /** Mean delay of each hand-over between the network and a process, in ms; absent for {@linkcode HANDOVER_MS}. */
  readonly handoverMs?: number;
  readonly faults: readonly FaultKind[];
  readonly nemesisIntervalS: number;
  readonly availability: number | "total" | null;
  readonly consistencyModels: readonly string[];
  readonly elle?: ElleVersion;
  /** The limits of the check; absent if there are none. */
  readonly checkLimits?: CheckLimits;
  /** The file of the invariants, or the name of built-in ones; absent if there are none. */
  readonly invariants?: string;
  /** The bound of the liveness check after the faults, in seconds; absent if there is no check. */
  readonly progressWithinS?: number;
  /** Upper bounds of figures; absent if there are none. */
  readonly bounds?: Bounds;
}

/**
 * Checks that the options are compatible (unless `lenient`, since a sweep draws some of them later). Throws
 * `ArgumentError`.
 */
export function testOptions(
  values: Values<typeof testSettings>,
  { lenient = false }: { readonly lenient?: boolean } = {},
): TestOptions {
  const registered = requireWorkload(values.workload ?? "lin-kv");
  const { workload, source } = registered;
  const nodes = nodeIds(values);
  if (new Set(nodes).size < nodes.length) throw new ArgumentError("--nodes names a node twice");
  const options: TestOptions = {
    workload: workload.name,
    ...(source === undefined ? {} : { workloadFile: source.name }),
    nodes,
    concurrency: concurrencyOf(values.concurrency ?? workload.concurrency ?? "1n", nodes.length),
    timeLimitS: values.timeLimit,
    rate: values.rate,
    latency: { dist: values.latencyDist, meanMs: values.latency },
    latencyMs: values.latency,
    ...(values.handover === undefined ? {} : { handoverMs: values.handover }),
    topology: values.topology,
    faults: values.nemesis ?? [],
    nemesisIntervalS: values.nemesisInterval,
    ...faultParameters(values),
    availability: values.availability ?? null,
    consistencyModels: values.consistencyModels,
    ...(values.elle === "0.2.2" ? {} : { elle: values.elle }),
    ...checkLimitsOf(values, source !== undefined),
    ...boundsOf(values),
    ...(values.invariant === undefined ? {} : { invariants: values.invariant }),
    ...progressOf(values.progressWithin),
    keyCount: values.keyCount,
    maxTxnLength: values.maxTxnLength,
    maxWritesPerKey: values.maxWritesPerKey,
  };
  requireKnownModels(options.consistencyModels);
  const problem = optionsProblem(registered, options);
  if (!lenient && problem !== undefined) {
    const unasked = values.workload === undefined
      ? "lin-kv is tested unless -w names another workload, and "
      : "";
    throw new ArgumentError(`${unasked}${problem}`);
  }
  return options;
}

/** Returns the workload of that name or file. Throws `ArgumentError` if there is none, and names the nearest one. */
export function requireWorkload(name: string): RegisteredWorkload {
  const found = findWorkload(name);
  if (found === undefined) throw unknownName("workload", name, WORKLOADS);
  return found;
}

/** Throws `ArgumentError` for an unknown consistency model, and names the nearest one. */
export function requireKnownModels(models: readonly string[]): void {
  for (const model of models) {
    if (!CONSISTENCY_MODELS.includes(model)) {
      throw unknownName("consistency model", model, CONSISTENCY_MODELS);
    }
  }
}

/** A test with the options of its run, and the arguments of its nodes. */
export interface ParsedTest {
  readonly test: TestOptions;
  readonly run: Values<typeof runSettings>;
  readonly nodeArguments: readonly string[];
}

/** Reads the command line of `test`. The arguments after `--` go to the node. */
export function parseTest(args: readonly string[]): ParsedTest {
  const { own, nodeArguments: afterDashes } = splitArguments(args);
  const positional: string[] = [];
  const values = parseSettings({ ...testSettings, ...runSettings, ...ignoredSettings }, own, {
    alias: OPTION_ALIASES,
    positional,
  });
  // As on Maelstrom, every argument that is not an option goes to the node.
  return checkTest(values, [...positional, ...afterDashes]);
}

/** Checks the values of all options of a test. Throws `ArgumentError` if they are not compatible. */
export function checkTest(
  values: Values<typeof testSettings & typeof runSettings>,
  nodeArguments: readonly string[],
): ParsedTest {
  const test = testOptions(values, { lenient: values.help }); // with --help, other options are not checked
  const onlyVirtual = test.faults.filter((kind) => definitionOf(kind)?.isVirtualOnly === true);
  if (!values.virtual && onlyVirtual.length > 0) {
    throw new ArgumentError(`the fault ${onlyVirtual[0]} needs --virtual: a process uses the system's clock`);
  }
  if (!values.virtual && values.invariant !== undefined) {
    throw new ArgumentError(
      "--invariant needs --virtual: the values of processes are not known after each step",
    );
  }
  if (values.virtual && values.sandbox) {
    throw new ArgumentError("--sandbox and --virtual exclude each other: only processes need a sandbox");
  }
  const shown = REAL_TIME_ONLY.find((key) => values[key]);
  if (values.virtual && shown !== undefined) {
    throw new ArgumentError(
      `--${
        kebab(shown)
      } shows messages as they pass, in real time; in virtual time --log-messages keeps it in the store`,
    );
  }
  return { test, run: values, nodeArguments };
}

const REAL_TIME_ONLY = ["logStderr", "logNetSend", "logNetRecv"] as const;

/** Returns the number of clients that `N` or `Nn` means. */
export function concurrencyOf(given: string, nodeCount: number): number {
  return given.endsWith("n") ? Number(given.slice(0, -1)) * nodeCount : Number(given);
}

function natural(given: string, max: number, min = 1): number | undefined {
  const value = Number(given);
  return /^\+?\d+$/.test(given) && value >= min && value <= max ? value : undefined;
}

/** Returns the limits of the check of a built-in workload, or of that of a file. */
export function checkLimitsOf(
  { checkTimeout: timeoutS, checkMemory: memoryMb }: Pick<
    Values<typeof testSettings>,
    "checkTimeout" | "checkMemory"
  >,
  isFile: boolean,
): Pick<TestOptions, "checkLimits"> {
  const limits = {
    ...(isFile ? { timeoutS: FILE_CHECK_S, memoryMb: FILE_CHECK_MB } : {}),
    ...(timeoutS === undefined ? {} : { timeoutS }),
    ...(memoryMb === undefined ? {} : { memoryMb }),
  };
  return Object.keys(limits).length === 0 ? {} : { checkLimits: limits };
}

function progressOf(withinS: number | undefined): Pick<TestOptions, "progressWithinS"> {
  return withinS === undefined || withinS === 0 ? {} : { progressWithinS: withinS };
}

function boundsOf(
  { maxMsgsPerOp: msgsPerOp, maxMedianMs: medianMs, maxLatencyMs: maxMs }: Values<typeof testSettings>,
): Pick<TestOptions, "bounds"> {
  const bounds = {
    ...(msgsPerOp === undefined ? {} : { msgsPerOp }),
    ...(medianMs === undefined ? {} : { medianMs }),
    ...(maxMs === undefined ? {} : { maxMs }),
  };
  return Object.keys(bounds).length === 0 ? {} : { bounds };
}

function positive(given: string): number | undefined {
  const value = Number(given);
  return given.trim() !== "" && value > 0 && Number.isFinite(value) ? value : undefined;
}

/** Returns a fraction, `total`, or null for no requirement. Maelstrom also accepts `:total`, `nil` and ratios. */
function availabilityOf(given: string): number | "total" | null | undefined {
  if (given === "nil") return null;
  if (/^:?total$/.test(given)) return "total";
  const value = Number(decimalOf(given));
  return given.trim() !== "" && value >= 0 && value <= 1 ? value : undefined;
}

/** Returns a ratio of Clojure's, such as 1/2, as a decimal, and any other text as it is. */
function decimalOf(given: string): string {
  const [, numerator, denominator] = /^(\d+)\/(\d+)$/.exec(given) ?? [];
  return numerator === undefined ? given : String(Number(numerator) / Number(denominator));
}
