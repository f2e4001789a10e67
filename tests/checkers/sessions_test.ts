import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  checkSessions,
  type Event,
  type History,
  SESSION_GUARANTEES,
  type SessionGuarantee,
} from "../../lib/checkers/mod.ts";
import { SeededRandom } from "../../lib/sim/random.ts";

/** Returns a history of completed operations on one key: `process f value`. */
function sessions(
  ...operations: readonly (readonly [number, "read" | "write", number | null, number?])[]
): History {
  return operations.flatMap(([process, f, value, revision], i): Event[] => {
    const event = { time: i * 1_000_000, process, f };
    return [
      { ...event, index: 2 * i, type: "invoke", value: ["x", f === "read" ? null : value] },
      {
        ...event,
        index: 2 * i + 1,
        type: "ok",
        value: ["x", value],
        ...(revision === undefined ? {} : { revision }),
      },
    ];
  });
}

function violated(history: History): readonly string[] {
  return checkSessions(history).anomalies.map(({ name }) => name);
}

Deno.test("each session guarantee has a history that violates it alone", () => {
  assertEquals(violated(sessions([0, "write", 1], [0, "read", null])), ["read-your-writes"]);
  assertEquals(violated(sessions([1, "write", 1], [0, "read", 1], [0, "read", null])), ["monotonic-reads"]);
  assertEquals(
    violated(sessions([0, "write", 1], [1, "read", 1], [1, "read", 2], [1, "read", 1], [2, "write", 2])),
    ["monotonic-reads"],
  );
  const revised = (revisions: readonly [number, number], kind: "read" | "write") =>
    checkSessions(sessions([0, kind, 1, revisions[0]], [0, "write", 2, revisions[1]]), {
      accessesOf: ({ f, value, revision }) => [{
        kind: f === "read" ? "read" : "write",
        key: "x",
        value: Array.isArray(value) ? value[1] : null,
        revision: Number(revision),
      }],
    }).anomalies.map(({ name }) => name);
  assertEquals([revised([1, 2], "write"), revised([2, 1], "write")], [[], ["monotonic-writes"]]);
  assertEquals([revised([1, 2], "read"), revised([2, 1], "read")], [[], ["writes-follow-reads"]]);
});

Deno.test("guarantees that no single order of versions satisfies are violated together", () => {
  // Process 0 demands 1 before 2 as writes, process 1 demands 2 before 1 as reads.
  const found = violated(sessions([0, "write", 1], [0, "write", 2], [1, "read", 2], [1, "read", 1]));
  assertEquals(found, ["session-order"]);
});

Deno.test("a violation is explained by the accesses that form a cycle, and their events", () => {
  const { anomalies: [found] } = checkSessions(sessions([0, "write", 1], [0, "read", null]));
  const [example] = found?.examples ?? [];
  assertMatch(
    example?.text ?? "",
    /^Key "x": 1 \(written by process 0\) before null .*; and null .* before 1/,
  );
  assertEquals(example?.events?.map(({ index }) => index), [1, 3]);
});

Deno.test("a guarantee holds exactly if an order of the versions satisfies all its demands", () => {
  const counts = new Map<boolean, number>();
  for (let seed = 0; seed < 500; seed++) {
    const random = new SeededRandom(seed);
    let written = 0;
    const operations = Array.from({ length: 6 }, () => {
      const process = random.below(2);
      const writes = random.chance(0.4);
      const value = writes ? ++written : random.below(written + 1) || null;
      return [process, writes ? "write" : "read", value] as const;
    });
    for (const guarantee of SESSION_GUARANTEES) {
      const expected = orders([...Array(written).keys()].map((n) => n + 1)).some((order) =>
        satisfies([null, ...order], operations, guarantee)
      );
      const { valid } = checkSessions(sessions(...operations), { guarantees: [guarantee] });
      assertEquals(valid, expected, `seed ${seed}, ${guarantee}`);
      counts.set(expected, (counts.get(expected) ?? 0) + 1);
    }
  }
  assertEquals(counts.size, 2);
});

function orders(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((first) =>
    orders(values.filter((each) => each !== first)).map((rest) => [first, ...rest])
  );
}

type Operations = readonly (readonly [process: number, f: "read" | "write", value: number | null])[];

/** Returns true if an order of versions satisfies a guarantee, by its definition for every pair of accesses. */
function satisfies(
  order: readonly (number | null)[],
  operations: Operations,
  guarantee: SessionGuarantee,
): boolean {
  const [first, then] = ({
    "read-your-writes": ["write", "read"],
    "monotonic-reads": ["read", "read"],
    "monotonic-writes": ["write", "write"],
    "writes-follow-reads": ["read", "write"],
  } as const)[guarantee];
  return operations.every(([process, f, value], i) =>
    f !== then ||
    operations.slice(0, i).every(([other, otherF, earlier]) =>
      other !== process || otherF !== first || order.indexOf(earlier) <= order.indexOf(value)
    )
  );
}

Deno.test("an unknown guarantee is an error", () => {
  const guarantees = ["monotonic-read" as SessionGuarantee];
  assertThrows(
    () => checkSessions([], { guarantees }),
    RangeError,
    'Unknown session guarantee "monotonic-read"',
  );
});
