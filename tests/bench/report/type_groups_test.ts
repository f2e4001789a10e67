import { assertEquals } from "@std/assert";
import { messageColumns } from "../../../lib/bench/report/data/message_columns.ts";
import { TYPE_COLORS } from "../../../lib/bench/report/browser/theme.ts";
import { typeGroups } from "../../../lib/bench/report/browser/type_groups.ts";

function groups(sends: readonly (readonly [src: string, type: string])[]) {
  const lines = sends.map(([src, type], id) =>
    JSON.stringify({ time: id, id, event: "sent", message: { src, dest: "n0", body: { type } } })
  );
  return typeGroups(messageColumns(lines, { nodes: ["n0", "n1"], windows: [] }).columns, 2);
}

Deno.test("a reply has the color of its request, and types between servers come first", () => {
  const { names, ofType } = groups([["c1", "read"], ["c1", "read_ok"], ["c2", "read"], ["n1", "gossip"]]);
  assertEquals(names, ["gossip", "read"]);
  assertEquals([...ofType], [1, 1, 0]);
});

Deno.test("types without a color of their own share the last one", () => {
  const { names, ofType } = groups(Array.from({ length: 20 }, (_, i) => ["n1", `type${i}`] as const));
  assertEquals(names.length, TYPE_COLORS);
  assertEquals(names.at(-1), "other types");
  assertEquals(ofType[19], TYPE_COLORS - 1);
});
