import { assertEquals } from "@std/assert";
import { listeningPorts, parseStat, treesOf } from "../../../lib/bench/sandbox/watch.ts";

Deno.test("a process is read from its stat line, whatever its name", () => {
  const rest = "S 12 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 5 1000000 2560 18446744073709551615 1";
  assertEquals(parseStat(`7 (a) b (c) ${rest}`), { pid: 7, parent: 12, memoryMb: 10, threads: 1 });
  assertEquals(parseStat(""), undefined);
});

Deno.test("the tree of a process has its descendants, and no other process", () => {
  const stat = (pid: number, parent: number) => ({ pid, parent, memoryMb: 1, threads: 1 });
  const trees = treesOf([2, 9], [stat(1, 0), stat(2, 1), stat(4, 3), stat(3, 2), stat(5, 1)]);
  assertEquals(trees.get(2)?.map(({ pid }) => pid), [2, 3, 4]);
  assertEquals(trees.get(9), []);
});

Deno.test("listening ports are read from the lines of /proc/net/tcp", () => {
  const text = [
    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 1",
    "   1: 00000000000000000000000001000000:0016 00000000:0000 0A 0:0 00:0 0  0 0 1",
    "",
  ];
  assertEquals(listeningPorts(text.join("\n")), [8080, 22]);
});
