/**
 * The work of `make bench`: measures whole commands, each next to a peer in the same run, prints a table, and writes
 * bench.json (or OUT). With BASE=FILE it compares with an earlier bench.json. RUNS is the number of runs of each command
 * (default 5). Figures of different machines differ, so the comparison is by the ratio to the peer where there is one.
 * PEER=FILE replaces the peer of the nodes, a program for Node.js, by another executable that answers echo and broadcast.
 */

/** A fall to less than this part of the earlier figure is reported. */
const FALL = 0.8;
const LINES = 1_000_000;
const VALUES = 100_000;
const FORMAT = 1;

/** One measured figure. */
interface Row {
  readonly id: string;
  readonly name: string;
  /** The median of all runs. */
  readonly value: number;
  readonly unit: string;
  readonly better: "higher" | "lower";
  /** The same figure of another program, measured in turn. */
  readonly peer?: { readonly name: string; readonly value: number };
}

interface Report {
  readonly format: number;
  readonly machine: { readonly cpus: number; readonly deno: string; readonly os: string };
  readonly rows: readonly Row[];
}

const base = Deno.env.get("BASE") || undefined;
const out = Deno.env.get("OUT") || "bench.json";
const runs = Number(Deno.env.get("RUNS") ?? 5);
const box = Deno.makeTempDirSync();
const encoder = new TextEncoder();

const init = (id: string, ids: readonly string[]) =>
  JSON.stringify({ src: "c0", dest: id, body: { type: "init", msg_id: 1, node_id: id, node_ids: ids } });

/** The simplest node for Node.js that answers echo, broadcast and read. */
const READLINE = `
const lines = require("readline").createInterface({ input: process.stdin });
const values = new Set();
let count = 0;
function reply({ src, dest, body: { msg_id } }, body) {
  process.stdout.write(JSON.stringify({ src: dest, dest: src, body: { ...body, in_reply_to: msg_id, msg_id: count++ } }) + "\\n");
}
lines.on("line", (line) => {
  const request = JSON.parse(line);
  const { type, echo, message } = request.body;
  if (type === "echo") reply(request, { type: "echo_ok", echo });
  else if (type === "broadcast") { values.add(message); reply(request, { type: "broadcast_ok" }); }
  else if (type === "read") reply(request, { type: "read_ok", messages: [...values] });
  else reply(request, { type: "init_ok" });
});
`;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Measures several commands in turn, so that other load affects all alike, and returns the median of each. */
async function inTurn(count: number, measures: readonly (() => Promise<number>)[]): Promise<number[]> {
  const figures = measures.map((): number[] => []);
  for (let run = 0; run < count; run++) {
    for (const [i, measure] of measures.entries()) figures[i]?.push(await measure());
  }
  return figures.map(median);
}

/** Returns the seconds that a line of sh takes. */
async function seconds(script: string): Promise<number> {
  const from = performance.now();
  const { success } = await new Deno.Command("/bin/sh", { args: ["-c", script], stdout: "null" }).output();
  if (!success) throw new Error(`failed: ${script}`);
  return (performance.now() - from) / 1000;
}

/** Returns stdout of a command that must succeed. */
async function output(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (!success) throw new Error(`failed: ${command} ${args.join(" ")}\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Starts a node with `lines` and runs `then` once it has answered all of them. */
async function withNode<T>(
  [command = "", ...args]: readonly string[],
  lines: readonly string[],
  then: (pid: number, startMs: number) => T,
): Promise<T> {
  const from = performance.now();
  const child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  const written = writer.write(encoder.encode(lines.map((line) => `${line}\n`).join(""))).catch(() => {});
  let answers = 0;
  while (answers < lines.length) {
    const { value, done } = await reader.read();
    if (done) break;
    for (const byte of value) if (byte === 10) answers++;
  }
  const result = then(child.pid, performance.now() - from);
  await written;
  await writer.close().catch(() => {});
  await reader.cancel();
  await child.status;
  return result;
}

/** Returns the resident memory of a process in MB; NaN where /proc does not tell. */
function residentMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) / 1024;
  } catch {
    return NaN;
  }
}

/** The command of the nodes' peer; undefined without Node.js. */
async function peerOfNodes(): Promise<readonly string[] | undefined> {
  const peer = Deno.env.get("PEER") || undefined;
  if (peer !== undefined) return [Deno.realPathSync(peer)];
  Deno.writeTextFileSync(`${box}/readline.cjs`, READLINE);
  const version = new Deno.Command("node", { args: ["--version"], stdout: "null", stderr: "null" }).output();
  return await version.then(({ success }) => success, () => false)
    ? ["node", `${box}/readline.cjs`]
    : undefined;
}

const peerCommand = await peerOfNodes();
const peerName = Deno.env.get("PEER") || "Node.js, readline";

async function linesPerSecond(): Promise<Row> {
  const requests = `${box}/requests`;
  const file = Deno.openSync(requests, { write: true, create: true });
  file.writeSync(encoder.encode(`${init("n1", ["n1"])}\n`));
  for (let from = 0; from < LINES; from += 10_000) {
    const part = Array.from({ length: 10_000 }, (_, i) => {
      const echo = `Please echo ${from + i} and some padding to get it long`;
      const body = { type: "echo", msg_id: from + i + 2, echo };
      return `${JSON.stringify({ id: from + i, src: "c1", dest: "n1", body })}\n`;
    });
    const bytes = encoder.encode(part.join(""));
    for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  }
  file.close();
  const commands = ["bin/echo", ...(peerCommand === undefined ? [] : [peerCommand.join(" ")])];
  const [ours = NaN, peer] = await inTurn(
    runs,
    commands.map((command) => () => seconds(`cat ${requests} | ${command}`)),
  );
  return {
    id: "echo-lines",
    name: "Echo requests through a pipe",
    value: LINES / ours,
    unit: "lines/s",
    better: "higher",
    ...(peer === undefined ? {} : { peer: { name: peerName, value: LINES / peer } }),
  };
}

async function start(): Promise<Row> {
  Deno.writeTextFileSync(`${box}/hello.ts`, 'console.log("hello");\n');
  const flags = ["--quiet", "--no-config", "--no-check", "--no-prompt", "--no-code-cache"];
  await output(Deno.execPath(), ["compile", ...flags, "--output", `${box}/hello`, `${box}/hello.ts`]);
  const lines = [init("n1", ["n1"])];
  const [bare = NaN, echo = NaN] = await inTurn(
    runs * 4 + 1,
    [`${box}/hello`, "bin/echo"].map((path) => () => withNode([path], lines, (_, startMs) => startMs)),
  );
  return {
    id: "start",
    name: "Start of bin/echo to init_ok",
    value: echo,
    unit: "ms",
    better: "lower",
    peer: { name: "compiled hello-world", value: bare },
  };
}

async function memory(): Promise<Row[]> {
  const atRest = [init("n1", ["n1"])];
  const full = [
    ...atRest,
    ...Array.from(
      { length: VALUES },
      (_, i) =>
        JSON.stringify({ src: "c1", dest: "n1", body: { type: "broadcast", msg_id: i + 2, message: i } }),
    ),
  ];
  const rows: Row[] = [];
  for (
    const [id, name, lines] of [
      ["memory-rest", "Memory of bin/broadcast at rest", atRest],
      ["memory-values", `Memory of bin/broadcast with ${VALUES} values`, full],
    ] as const
  ) {
    const commands = [["bin/broadcast"], ...(peerCommand === undefined ? [] : [peerCommand])];
    const [value = NaN, peer] = await inTurn(
      runs,
      commands.map((command) => () => withNode(command, lines, residentMb)),
    );
    rows.push({
      id,
      name,
      value,
      unit: "MB",
      better: "lower",
      ...(peer === undefined ? {} : { peer: { name: peerName, value: peer } }),
    });
  }
  return rows;
}

const SWEEPS: Readonly<Record<string, readonly [name: string, options: string]>> = {
  "sweep-broadcast": [
    "Sweep of 3d's line",
    "-w broadcast --seeds 1..60 --node-count 25 --time-limit 20 --rate 100 --latency 100",
  ],
  "sweep-kafka": [
    "Sweep of 5b's line",
    "-w kafka --seeds 1..20 --node-count 2 --concurrency 2n --time-limit 20 --rate 1000",
  ],
  "sweep-lin-kv": ["Sweep of lin-kv", "-w lin-kv --seeds 1..60 --concurrency 2n --rate 100 --time-limit 20"],
};

async function sweeps(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [id, [name, options]] of Object.entries(SWEEPS)) {
    for (const jobs of [1, navigator.hardwareConcurrency]) {
      const args = ["sweep", ...options.split(" "), "--jobs", String(jobs), "--json"];
      const [value = NaN] = await inTurn(Math.min(runs, 3), [async () => {
        const from = performance.now();
        const { virtualMs } = JSON.parse(await output("bin/charybdis", args));
        return virtualMs / (performance.now() - from);
      }]);
      rows.push({
        id: `${id}-${jobs}`,
        name: `${name}, --jobs ${jobs}`,
        value,
        unit: "× real time",
        better: "higher",
      });
    }
  }
  return rows;
}

async function bench(): Promise<Row[]> {
  const store = ["--store", `${box}/store`];
  const echo = ["test", "-w", "echo", "--bin", "bin/echo", "--rate", "1000000", "--concurrency", "100"];
  const timeLimitS = 5;
  const [perSecond = NaN, gradeS = NaN] = await inTurn(Math.min(runs, 3), [
    async () => {
      const text = await output("bin/charybdis", [
        ...echo,
        "--time-limit",
        String(timeLimitS),
        "--json",
        ...store,
      ]);
      return JSON.parse(text).stats["ok-count"] / timeLimitS;
    },
    () => seconds(`bin/charybdis grade --virtual --json=- --store ${box}/store`),
  ]);
  return [
    {
      id: "bench-echo",
      name: "Echo operations through processes",
      value: perSecond,
      unit: "ops/s",
      better: "higher",
    },
    { id: "grade-virtual", name: "charybdis grade --virtual", value: gradeS, unit: "s", better: "lower" },
  ];
}

function say(text: string): void {
  Deno.stdout.writeSync(encoder.encode(`${text}\n`));
}

/** Returns a figure with three digits. */
function figure(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, peer }) => [
    name,
    `${figure(value)} ${unit}`,
    peer === undefined ? "" : `${figure(peer.value)} (${peer.name})`,
    peer === undefined ? "" : (value / peer.value).toFixed(2),
  ]);
  return [
    "| | Charybdis | Peer | Ratio |",
    "| --- | ---: | ---: | ---: |",
    ...cells.map((row) => `| ${row.join(" | ")} |`),
  ]
    .join("\n");
}

/** Returns a sentence per figure that fell by more than a fifth since an earlier report. */
function falls(rows: readonly Row[], earlier: Report): string[] {
  const ratio = ({ value, peer }: Row) => peer === undefined ? value : value / peer.value;
  return rows.flatMap((row) => {
    const before = earlier.rows.find(({ id }) => id === row.id);
    if (before === undefined) return [];
    const kept = row.better === "higher" ? ratio(row) / ratio(before) : ratio(before) / ratio(row);
    if (!(kept < FALL)) return [];
    const percent = Math.round((1 - kept) * 100);
    return [
      `${row.name}: ${percent} % worse, ${figure(before.value)} before and ${
        figure(row.value)
      } ${row.unit} now`,
    ];
  });
}

try {
  const rows = [
    await linesPerSecond(),
    await start(),
    ...await memory(),
    ...await sweeps(),
    ...await bench(),
  ];
  const machine = { cpus: navigator.hardwareConcurrency, deno: Deno.version.deno, os: Deno.build.os };
  Deno.writeTextFileSync(
    out,
    `${JSON.stringify({ format: FORMAT, machine, rows } satisfies Report, undefined, 1)}\n`,
  );
  say(`${table(rows)}\n\nMedians of ${runs} runs in turn; written to ${out}.`);
  if (base !== undefined) {
    const worse = falls(rows, JSON.parse(Deno.readTextFileSync(base)));
    for (const line of worse) say(Deno.env.has("GITHUB_ACTIONS") ? `::warning::${line}` : line);
    if (worse.length === 0) say(`No figure fell by 20 % since ${base}.`);
  }
} finally {
  Deno.removeSync(box, { recursive: true });
}
