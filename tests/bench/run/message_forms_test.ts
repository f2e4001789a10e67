/** Messages as objects: a node that changed a message after it sent or received it would make another history than with text. */

import { assertEquals, assertNotEquals } from "@std/assert";
import type { NodeProgram } from "../../../lib/bench/cluster/program.ts";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { messageLines } from "../../../lib/bench/run/message_journal.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { runVirtual } from "../../../lib/bench/run/virtual_run.ts";
import type { Event } from "../../../lib/checkers/history.ts";
import type { MessageForm } from "../../../lib/sim/message_router.ts";
import { forSeeds } from "../../seeds.ts";
import { sliceOf } from "../../seeds.ts";

const RUNS: Readonly<Record<string, string>> = {
  "echo": "-w echo --rate 20",
  "unique-ids": "-w unique-ids --rate 20",
  "broadcast": "-w broadcast --rate 50",
  "broadcast without a hub": "-w broadcast --rate 50 -- --dissemination direct",
  "g-set": "-w g-set --rate 50",
  "g-counter": "-w g-counter --rate 50",
  "g-counter in seq-kv": "-w g-counter --rate 50 -- --store seq-kv",
  "pn-counter": "-w pn-counter --rate 50",
  "kafka": "-w kafka --rate 100",
  "lin-kv": "-w lin-kv --concurrency 10 --rate 100",
  "txn-list-append": "-w txn-list-append --concurrency 10 --rate 100",
  "txn-rw-register": "-w txn-rw-register --rate 100",
};

const FAULTS = "partition,kill,pause,loss,duplicate,reorder";

/** Runs a test, and returns its history and its messages as the store keeps them. */
async function run(
  line: string,
  { seed, form, program }: { seed: number; form: MessageForm; program?: NodeProgram },
): Promise<{ history: string[]; messages: string[] }> {
  const [own = "", nodeArguments = ""] = line.split(" -- ");
  const { test } = parseTest(["--virtual", "--node-count", "5", "--time-limit", "5", ...own.split(" ")]);
  const history: Event[] = [];
  const { sink, lines } = messageLines();
  await runVirtual({
    test,
    seed,
    form,
    program: program ??
      await loadProgram({
        workload: test.workload,
        args: nodeArguments.split(" ").filter((each) => each !== ""),
      }),
    storage: test.faults.includes("kill"),
    record: (event) => history.push(event),
    messages: sink,
  });
  return { history: history.map((event) => JSON.stringify(event)), messages: lines };
}

for (const [name, line] of sliceOf(Object.entries(RUNS), 3)) {
  Deno.test(`${name}: messages as objects give the same run as messages as text`, async () => {
    const faulty = line.replace(" --rate", ` --nemesis ${FAULTS} --nemesis-interval 1 --rate`);
    await forSeeds({ slice: 2, full: 60 }, async (_, seed) => {
      assertEquals(
        await run(faulty, { seed, form: "objects" }),
        await run(faulty, { seed, form: "text" }),
      );
    });
  });
}

Deno.test("a node that modifies a sent message gives different runs per message form", async () => {
  const program: NodeProgram = (node) => {
    const messages: number[] = [];
    node.on("broadcast", ({ message }) => {
      messages.push(Number(message));
      return {};
    });
    node.on("read", () => ({ messages }));
    node.on("topology", () => ({}));
  };
  const line = "-w broadcast --rate 20";
  assertNotEquals(
    (await run(line, { seed: 1, form: "objects", program })).history,
    (await run(line, { seed: 1, form: "text", program })).history,
  );
});
