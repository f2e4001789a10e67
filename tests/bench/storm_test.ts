/** Storms and floods are reported, end the run, and fill neither memory nor disk. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BoundedFile } from "../../lib/bench/store/bounded_file.ts";
import { BoundedLines } from "../../lib/bench/store/bounded_lines.ts";
import { HistoryLimit } from "../../lib/bench/store/file_limit.ts";
import { parseTest } from "../../lib/bench/run/options.ts";
import { StormWatch } from "../../lib/bench/run/storm.ts";
import { style } from "../../lib/bench/terminal/style.ts";
import { summarize } from "../../lib/bench/terminal/summary.ts";
import { flood } from "../fixtures/modules/flood.ts";
import { IN_FLIGHT_MAX } from "../../lib/sim/message_router.ts";
import { folderTest } from "../folder.ts";
import { isInSlice, soaking } from "../seeds.ts";
import { virtualRun } from "./support/virtual_run.ts";

const LINE = "-w broadcast --node-count 5 --time-limit 20 --rate 10";

for (const more of soaking ? ["", "--latency 100", "--latency 3000 --rate 100"] : ["--latency 100"]) {
  Deno.test(`nodes that forward values they have seen end the run as a storm ${more}`, {
    ignore: !isInSlice(0, 2),
  }, async () => {
    const { result, messages } = await virtualRun(`${LINE} ${more}`, { seed: 1, program: flood });
    assertEquals(result.valid, "unknown");
    const end = result["early-end"];
    assert(end?.kind === "storm");
    assertEquals(end.type, "gossip");
    assert(end.circle.length >= 3 && end.circle[0] === end.circle.at(-1), end.circle.join());
    assert(messages.length < 5 * IN_FLIGHT_MAX, `${messages.length} lines`);
    const { test } = parseTest(`--virtual ${LINE}`.split(" "));
    const [first = "", ...others] = summarize(result, { test, style: style(false) });
    assertStringIncludes(first, "A storm of gossip messages ended the run. They form a cycle");
    assert(others.every((line) => !line.includes("Everything looks good!")));
  });
}

Deno.test("a run that a storm ends is invalid if its history is", { ignore: !isInSlice(1, 2) }, async () => {
  const { result } = await virtualRun("-w echo --node-count 2 --time-limit 20 --rate 10", {
    seed: 1,
    program: (node) => {
      node.on("echo", () => {
        for (const peer of node.peers) node.send(peer, { type: "ping" });
        return { echo: "wrong" };
      });
      node.on("ping", (_body, from) => {
        for (let copy = 0; copy < 2; copy++) node.send(from, { type: "ping" });
      });
    },
  });
  assertEquals([result.valid, result["early-end"]?.kind], [false, "storm"]);
});

Deno.test("many messages are not a storm if operations or the duration account for them", () => {
  const ends: unknown[] = [];
  const message = { src: "n0", dest: "n1", body: { type: "x" } };
  const watchAt = (nowMs: () => number) => new StormWatch(nowMs, (end) => ends.push(end));
  let nowMs = 0;
  const slow = watchAt(() => nowMs);
  for (let i = 0; i < 1_000_000; i++, nowMs += 0.2) slow.sent(message);
  const asked = watchAt(() => 0);
  for (let i = 0; i < 1_000_000; i++) {
    if (i % 600 === 0) asked.began();
    asked.sent(message);
  }
  assertEquals(ends, []);
  const storm = watchAt(() => 0);
  for (let i = 0; i < 1_000_000; i++) storm.sent(message);
  assertEquals(ends.length, 1, "a storm is reported once");
});

Deno.test("a history above the size limit ends the run with a reason", () => {
  const ends: string[] = [];
  const limit = new HistoryLimit(1, ({ text }) => ends.push(text));
  for (let i = 0; i < 4; i++) limit.add(1_000_000);
  assertEquals(ends, []);
  limit.add(1);
  assertStringIncludes(ends[0] ?? "", "exceed 4 MB");
});

Deno.test("above the limit of lines, the first and the last ones are kept", () => {
  const lines = new BoundedLines(40);
  for (let i = 0; i < 10_000; i++) lines.push(String(i).padStart(5, "0"));
  assertEquals(lines.lines, [
    ...["00000", "00001", "00002", "00003"],
    "… 9992 lines omitted …",
    ...["09996", "09997", "09998", "09999"],
  ]);
  const few = new BoundedLines(40);
  for (let i = 0; i < 7; i++) few.push(String(i).padStart(5, "0"));
  assertEquals(few.lines.length, 7);
});

folderTest("above the size limit of a file, its first and last bytes are kept", (directory) => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  for (const chunk of [1, 7, 64, 1000]) {
    const path = `${directory}/${chunk}`;
    const file = new BoundedFile(path, 20);
    const all = Array.from({ length: 500 }, (_, i) => String(i % 10)).join("");
    for (let i = 0; i < all.length; i += chunk) file.write(bytes(all.slice(i, i + chunk)));
    file.close();
    assertEquals(
      Deno.readTextFileSync(path),
      "0123456789\n… 480 bytes omitted …\n0123456789",
      `${chunk}`,
    );
  }
  const small = new BoundedFile(`${directory}/small`, 20);
  small.write(bytes("01234567890123"));
  small.close();
  assertEquals(Deno.readTextFileSync(`${directory}/small`), "01234567890123");
});
