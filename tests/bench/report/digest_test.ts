import { assert, assertEquals } from "@std/assert";
import { digestOf } from "../../../lib/bench/report/digest.ts";
import { openingPicture } from "../../../lib/bench/report/html/opening_picture.ts";
import { reportData } from "../../../lib/bench/report/run_page.ts";
import { WRONG_NODES } from "../findings/wrong_nodes.ts";
import { sliceOf } from "../../seeds.ts";
import { recordedRun } from "./explained_run.ts";

Deno.test("the picture of a failed run draws its messages and operations, none outside its frame", async () => {
  for (const { name, ...wrong } of sliceOf(WRONG_NODES, 3)) {
    const made = reportData(await recordedRun(wrong.commandLine, wrong));
    const { opening } = made.data;
    const { picture, title, evidence } = digestOf(made);
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(picture) ?? [];
    if (opening.messages.length + opening.operations.length > 0) assert(picture !== "", name);
    for (const [, side, value] of picture.matchAll(/ (x|x1|x2|cx|y|y1|y2|cy)="([^"]*)"/g)) {
      const max = Number(side?.includes("x") === true ? width : height);
      assert(Number(value) >= 0 && Number(value) <= max, `${name}: ${side}=${value}`);
    }
    if (title === "") assertEquals(evidence, "", name);
    assertEquals(title === "", !made.findings.some(({ severity }) => severity === "invalid"), name);
  }
});

Deno.test("a message that was cut ends in a cross, and a run without evidence has no picture", async () => {
  const wrong = WRONG_NODES.find((each) => each.name === "lost_in_a_partition");
  assert(wrong !== undefined);
  const { data } = reportData(await recordedRun(wrong.commandLine, wrong));
  const { picture } = digestOf({ data, findings: [] });
  assert(picture.includes("<path") && picture.includes("<circle"));
  const opening = { ...data.opening, operations: [] };
  assertEquals(openingPicture({ ...data, messages: null, opening }), null);
});
