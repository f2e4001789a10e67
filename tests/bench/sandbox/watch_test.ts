import { assertEquals } from "@std/assert";
import {
  availableMb,
  listeningPorts,
  parseStat,
  SandboxWatch,
  treesOf,
} from "../../../lib/bench/sandbox/watch.ts";

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

Deno.test("the memory that is left is read from /proc/meminfo", () => {
  assertEquals(availableMb("MemFree:   1 kB\nMemAvailable:    2097152 kB\nBuffers: 3 kB\n"), 2048);
  assertEquals(availableMb(""), Infinity);
});

/** Returns the events of the first look at this process. */
async function firstLook(
  limits: { readonly totalMb: number; readonly leftMb: number; readonly processes: number },
) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const events: string[] = [];
  const watch = new SandboxWatch({
    ...limits,
    exceeded: (node, { usedMb }) => events.push(`${node} exceeded ${usedMb > 10}`),
    crowded: (node) => {
      events.push(`${node} crowded`);
      resolve();
    },
    listens: () => {},
  });
  watch.add("n0", Deno.pid);
  await promise;
  watch.stop();
  return events;
}

const mayRun = Deno.permissions.querySync({ name: "run" }).state === "granted" && Deno.build.os === "linux";

Deno.test("a sandbox exceeds the total memory, or what the machine must have left", {
  ignore: !mayRun,
  sanitizeOps: false, // the last look may not have ended
  sanitizeResources: false,
}, async () => {
  assertEquals(await firstLook({ totalMb: Infinity, leftMb: 0, processes: 1 }), ["n0 crowded"]);
  assertEquals(await firstLook({ totalMb: 1, leftMb: 0, processes: 1 }), ["n0 exceeded true", "n0 crowded"]);
  assertEquals(await firstLook({ totalMb: Infinity, leftMb: Infinity, processes: 1 }), [
    "n0 exceeded true",
    "n0 crowded",
  ]);
});
