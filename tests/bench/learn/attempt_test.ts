/** Attempts: wrong ones are explained, and right ones pass. All run in virtual time. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runAttempt } from "../../../lib/bench/learn/attempt.ts";
import { explanation, figureLines, storyLines, sweptLines } from "../../../lib/bench/learn/explain.ts";
import { assignmentOf } from "../../../lib/bench/learn/lessons/mod.ts";
import { readRun } from "../../../lib/bench/store/run_record.ts";
import { folderTest } from "../../folder.ts";
import { soaking } from "../../seeds.ts";
import { sampleRun } from "../report/sample_run.ts";

const IMPORTS = `import { type Json, type Node } from "@charybdis/charybdis";\n`;

/** Tries a module's text. Returns the printed explanation in one line. */
async function tried(
  directory: string,
  id: string,
  source: string,
  { repeat = 2, seed = 1, shrinkMsMax = 0 }: {
    readonly repeat?: number;
    readonly seed?: number;
    readonly shrinkMsMax?: number;
  } = {},
): Promise<{ passed: boolean; said: string }> {
  const { lesson, challenge } = assignmentOf(id);
  const module = `${directory}/${lesson.file}`;
  Deno.writeTextFileSync(module, source);
  const attempted = await runAttempt({
    challenge,
    node: { module },
    nodeArguments: [],
    seed,
    repeat,
    shrinkMsMax,
    store: `${directory}/store`,
  });
  assert(attempted.kind === "tried");
  const { grade, run, solved, smallest, swept } = attempted;
  const record = run.store === null ? undefined : readRun(run.store);
  const lines = solved
    ? [...figureLines(challenge, grade, record), ...sweptLines(swept)]
    : [...explanation({ grade, error: run.error, record, source }), ...storyLines(smallest?.story ?? [])];
  return { passed: solved, said: lines.map((line) => line.trim()).join(" ") };
}

/** A module whose program consists of these statements. */
function program(...statements: readonly string[]): string {
  return `${IMPORTS}export function program(node: Node): void {\n${statements.join("\n")}\n}\n`;
}

const attempts = (name: string, run: (directory: string) => Promise<void>, ignore = false) =>
  folderTest(name, run, { permissions: ["env"], ignore, slices: 5 });

/** An attempt of many thousand operations, which takes half a minute. */
const longAttempts = (name: string, run: (directory: string) => Promise<void>) =>
  attempts(name, run, !soaking);

attempts(
  "exercise 1: the template runs and fails, and a correct reply passes",
  async (directory) => {
    const { lesson } = assignmentOf("1");
    const wrong = await tried(directory, "1", lesson.template);
    assertEquals(wrong.passed, false);
    assertStringIncludes(wrong.said, "Wrong echoes");
    assertStringIncludes(wrong.said, "received echo");
    const right = await tried(
      `${directory}`,
      "1",
      lesson.template.replace(/node\.on\(.*\);/, 'node.on("echo", ({ echo }) => ({ echo: String(echo) }));'),
    );
    assertEquals(right.passed, true, right.said);
    assertStringIncludes(right.said, "60 operations: 60 ok");
  },
);

Deno.test("refused output is explained before the findings, which it often causes", () => {
  const run = sampleRun({ values: 5, lost: new Set([3]) });
  const remark = {
    kind: "not-json",
    node: "n3",
    count: 1,
    stopsReading: true,
    examples: [{ lineNumber: 2, problem: "Unexpected token", line: "debug" }],
  };
  const grade = {
    id: "3b",
    passed: false,
    valid: false,
    messagesPerOperation: null,
    stableLatencyMs: null,
    availability: null,
    runs: [],
    reasons: [],
    shortfalls: [],
    faults: [],
  } as const;
  const record = { ...run, result: { ...run.result, remarks: [remark] } };
  const lines = explanation({ grade, error: undefined, record, source: undefined });
  assertMatch(lines.join("\n"), /Refused output[^]*Lost elements/);
});

attempts(
  "exercise 1: a missing handler, an exception and a real timer are explained",
  async (directory) => {
    const none = await tried(directory, "1", program());
    assertStringIncludes(none.said, 'not-supported: unknown type "echo"');
    const thrown = await tried(
      `${directory}`,
      "1",
      program('node.on("echo", () => {', 'throw new Error("oops");', "});"),
    );
    assertStringIncludes(thrown.said, "handler of echo failed: Error: oops (line 4, column 7)");
    const waits = await tried(
      directory,
      "1",
      program(
        'node.on("echo", ({ echo }) => new Promise((r) => setTimeout(() => r({ echo: String(echo) }), 5000)));',
      ),
    );
    assertStringIncludes(waits.said, "setTimeout is out of reach for a node in virtual time");
    assertStringIncludes(waits.said, "setTimeout: use node.after or node.every.");
    for (const { passed } of [none, thrown, waits]) assertEquals(passed, false);
  },
);

attempts("exercise 1: a file that cannot be loaded is reported as such", async (directory) => {
  const broken = await tried(directory, "1", "export function echo(node) { node.on(; }");
  assertStringIncludes(broken.said, "cannot load");
  assertEquals(broken.passed, false);
  const noProgram = await tried(directory, "1", "export const nothing = 1;\n");
  assertStringIncludes(noProgram.said, "must export one function");
  const dies = await tried(directory, "1", program('throw new Error("too early");'));
  assertStringIncludes(dies.said, "Error: too early");
  assert(!dies.said.includes("lib/runtime/node.ts"), "the stack of the bench is not the learner's");
});

longAttempts(
  "exercise 2: counting alone repeats ids; node, start and count do not",
  async (directory) => {
    const { lesson } = assignmentOf("2");
    const wrong = await tried(directory, "2", lesson.template);
    assertEquals(wrong.passed, false);
    assertStringIncludes(wrong.said, "Duplicate ids");
    const right = await tried(
      directory,
      "2",
      program(
        "const start = node.random.id();",
        "let count = 0;",
        'node.on("generate", () => ({ id: `${node.id}-${start}-${count++}` }));',
      ),
    );
    assertEquals(right.passed, true, right.said);
  },
);

/** Sends each value to every node, once or until it is acknowledged. */
function broadcast(spread: string): string {
  return program(
    "const known = new Set<Json>();",
    'node.on("read", () => ({ messages: [...known] }));',
    'node.on("topology", () => ({}));',
    'node.on("gossip", ({ values }) => {',
    "for (const value of values as Json[]) known.add(value);",
    "return {};",
    "});",
    spread,
  );
}

const ONCE = `node.on("broadcast", ({ message }) => {
  known.add(message as Json);
  for (const peer of node.peers) node.send(peer, { type: "gossip", values: [message] });
  return {};
});`;

const UNTIL_ACKNOWLEDGED = `const owed = new Map(node.peers.map((peer) => [peer, new Set<Json>()]));
node.on("broadcast", ({ message }) => {
  known.add(message as Json);
  for (const set of owed.values()) set.add(message as Json);
  return {};
});
node.every(200, () => {
  for (const [peer, set] of owed) {
    const values = [...set];
    if (values.length === 0) continue;
    node.rpc(peer, { type: "gossip", values }).then(() => values.forEach((value) => set.delete(value)), () => {});
  }
});`;

attempts(
  "exercise 3: sending once passes 3a and 3b, and retransmission passes 3c",
  async (directory) => {
    const { lesson } = assignmentOf("3a");
    assertEquals((await tried(directory, "3a", lesson.template)).passed, false);
    for (const id of ["3a", "3b"]) {
      assertEquals(
        (await tried(directory, id, broadcast(ONCE), { repeat: soaking ? 2 : 1 })).passed,
        true,
        id,
      );
    }
    const cut = await tried(directory, "3c", broadcast(ONCE));
    assertEquals(cut.passed, false);
    assertStringIncludes(cut.said, "Lost elements");
    const right = await tried(directory, "3c", broadcast(UNTIL_ACKNOWLEDGED), { repeat: soaking ? 2 : 1 });
    assertEquals(right.passed, true, right.said);
  },
);

attempts(
  "exercise 3c: sending once fails at every seed, and the smallest failing run is narrated",
  async (directory) => {
    for (const seed of soaking ? [1, 3] : [1]) {
      const { passed, said } = await tried(directory, "3c", broadcast(ONCE), {
        repeat: 10,
        seed,
        shrinkMsMax: 60_000,
      });
      assertEquals(passed, false, `seed ${seed}`);
      assertStringIncludes(said, "The smallest run that fails in the same manner:");
      assertStringIncludes(said, "start-partition");
    }
  },
);

attempts("a failing run that could not be made small in time is not narrated", async (directory) => {
  const { passed, said } = await tried(directory, "3c", broadcast(ONCE), { shrinkMsMax: 1 });
  assertEquals(passed, false);
  assertStringIncludes(said, "Lost elements");
  assert(!said.includes("The smallest run"), said);
});

longAttempts("exercise 3b: forwarding values seen before ends at once, as a storm", async (directory) => {
  const source = Deno.readTextFileSync(new URL("../../fixtures/modules/flood.ts", import.meta.url));
  const { passed, said } = await tried(directory, "3b", source);
  assertEquals(passed, false);
  assertStringIncludes(said, "A storm of gossip messages ended the run.");
  assert(!said.includes("Check did not finish"), said);
});

longAttempts("exercise 5b: nodes that number messages by themselves fail", async (directory) => {
  const source = Deno.readTextFileSync(new URL("../../fixtures/modules/kafka_race.ts", import.meta.url));
  assertEquals((await tried(directory, "5b", source)).passed, false);
});

/** A store that applies a transaction's writes at once, and sends them to the others with `tell`. */
function registers(tell: string): string {
  return program(
    "const values = new Map<string, Json>();",
    "const apply = (txn: Json[][]) => txn.map(([f, key, value]) => {",
    '  if (f === "w") values.set(String(key), value as Json);',
    '  return [f, key, f === "w" ? value : values.get(String(key)) ?? null];',
    "});",
    'node.on("txn", (body) => {',
    "  const txn = body.txn as Json[][];",
    `  ${tell}`,
    "  return { txn: apply(txn) };",
    "});",
    'node.on("told", (body) => void apply(body.txn as Json[][]));',
  );
}

longAttempts(
  "exercise 6b: nodes that differ in the end fail, although Maelstrom finds them valid",
  async (directory) => {
    const lastArrival = 'for (const peer of node.peers) node.send(peer, { type: "told", txn });';
    const { passed, said } = await tried(directory, "6b", registers(lastArrival));
    assertEquals(passed, false, said);
    assertStringIncludes(said, "Nodes differ on ");
    assertStringIncludes(said, "Maelstrom does not count this");
  },
);

longAttempts(
  "exercise 3d: a correct node that sends too many messages is shown the bound",
  async (directory) => {
    const dear = broadcast(ONCE.replace("for (const peer", "for (let i = 0; i < 3; i++) for (const peer"));
    const { passed, said } = await tried(directory, "3d", dear);
    assertEquals(passed, false);
    assertStringIncludes(said, "not under 30.");
  },
);
