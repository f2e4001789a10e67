import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { STORY_SENTENCES_MAX } from "../../../lib/bench/report/data/story.ts";
import { reportData } from "../../../lib/bench/report/run_page.ts";
import { WRONG_NODES } from "../findings/wrong_nodes.ts";
import { recordedRun } from "./explained_run.ts";

async function dataOf(name: string) {
  const wrong = WRONG_NODES.find((each) => each.name === name);
  assert(wrong !== undefined);
  return reportData(await recordedRun(wrong.commandLine, wrong)).data;
}

Deno.test("a story tells the contradiction, then the events in their order, with messages and faults", async () => {
  const { story, messages, opening, operations } = await dataOf("lost_in_a_partition");
  assert(messages !== null && story.length >= 4 && story.length <= STORY_SENTENCES_MAX);
  const [verdict, ...rest] = story;
  assertEquals(verdict?.kind, "verdict");
  assert((verdict?.operations.length ?? 0) > 0);
  const delivery = rest.find(({ kind }) => kind === "delivery");
  assertEquals(
    delivery?.messages.map((row) => messages.sent[row]),
    delivery?.messages.map(() => delivery.at),
  );
  assertStringIncludes(rest.find(({ kind }) => kind === "fault")?.text ?? "", "The partition");
  const times = rest.filter(({ at, kind }) => at >= 0 && kind !== "verdict").map(({ at }) => at);
  assertEquals(times, [...times].sort((a, b) => a - b));
  assertEquals(opening.at, delivery?.at);
  for (const row of [...opening.operations]) assert(row < operations.begin.length);
});

Deno.test("each failed run has a story of 1 to 8 sentences, and opens inside the run", async () => {
  for (const { name, ...wrong } of WRONG_NODES) {
    const { data, findings } = reportData(await recordedRun(wrong.commandLine, wrong));
    const { story, opening, beginUs, endUs } = data;
    if (!findings.some(({ severity }) => severity === "invalid")) continue;
    assert(story.length >= 1 && story.length <= STORY_SENTENCES_MAX, `${name}: ${story.length}`);
    assert(beginUs <= opening.from && opening.from < opening.to && opening.to <= endUs, name);
    assert(opening.from <= opening.at && opening.at <= opening.to, name);
  }
});

Deno.test("a valid run has no story", async () => {
  assertEquals((await dataOf("valid")).story, []);
});

Deno.test("a node that exited leaves its reason and the last lines of its log", async () => {
  const { lastWords, nodes, endUs, story } = await dataOf("crash");
  const [words] = lastWords;
  assert(words !== undefined);
  assertEquals(nodes[words.node], "n0");
  assertStringIncludes(words.reason[0] ?? "", "InvariantError");
  assertEquals(words.reason.filter((line) => /lib\/(runtime|sim)\//.test(line)), [], "frames of the bench");
  assert(words.at > 0 && words.at < endUs);
  const last = story.find(({ kind }) => kind === "node");
  assertEquals(words.at, last?.at, "it exited while it handled its last message");
  assertEquals(last?.messages.length, 1);
  assertMatch(story[0]?.text ?? "", /exited/);
});

Deno.test("a malformed reply is compared with its declaration field by field, once per kind", async () => {
  const { replies, operations } = await dataOf("malformed_reply");
  assertEquals(replies.length, 1);
  const [reply] = replies;
  assertEquals(operations.names[operations.f[reply?.operation ?? -1] ?? -1], "echo");
  assertEquals(
    reply?.fields.map(({ name, expected, got, isEqual }) => [name, expected === "", got === "", isEqual]),
    [
      ["type", false, false, true],
      ["in_reply_to", false, false, true],
      ["echo", false, true, false],
      ["ehco", true, false, false],
    ],
  );
  for (const { fields } of (await dataOf("wrong_echo")).replies) {
    const different = fields.filter(({ isEqual }) => !isEqual);
    assertEquals(different.map(({ name }) => name), ["echo"]);
    for (const { expected, got } of different) {
      assert(expected.startsWith(got.slice(0, -1)) && expected !== got);
    }
  }
});

Deno.test("correct replies have no differences", async () => {
  for (const name of ["valid", "lost_in_a_partition", "stale_register", "doubled_offsets"]) {
    assertEquals((await dataOf(name)).replies, [], name);
  }
});
