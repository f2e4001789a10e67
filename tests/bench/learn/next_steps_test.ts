/** The figures and experiments that follow a passed exercise. */

import { assert, assertEquals } from "@std/assert";
import { CHALLENGES } from "../../../lib/bench/grade/challenges.ts";
import { gradeChallenge } from "../../../lib/bench/grade/grade.ts";
import {
  betterOf,
  comparisonLines,
  experiments,
  figuresOf,
  KNOWN_FIGURES,
} from "../../../lib/bench/learn/next_steps.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { assignmentOf } from "../../../lib/bench/learn/lessons/mod.ts";

const readable = Deno.permissions.querySync({ name: "read" }).state === "granted";

Deno.test("the figures of a challenge are those of the README's table", { ignore: !readable }, () => {
  const rows = Deno.readTextFileSync("README.md").split("\n").filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const written = rows.flatMap(([ids = "", , figure = "", published = ""]) =>
    ids.split(", ").filter((id) => Object.hasOwn(KNOWN_FIGURES, id)).map((id) =>
      [id, {
        ours: Number(figure),
        ...(published === "" ? {} : { published: Number(published) }),
      }] as const
    )
  );
  assertEquals(Object.fromEntries(written), KNOWN_FIGURES);
});

Deno.test("the best figures are those with the fewest messages", () => {
  const [few, many] = [{ messagesPerOperation: 1 }, { messagesPerOperation: 2 }];
  assertEquals(betterOf(undefined, many), many);
  assertEquals(betterOf(many, few), few);
  assertEquals(betterOf(few, many), few);
  assertEquals(betterOf(few, undefined), few);
});

Deno.test("nodes that send each other nothing have no figures to compare", () => {
  const grade = gradeChallenge(assignmentOf("1").challenge, []);
  assertEquals(figuresOf(grade), undefined);
  assertEquals(comparisonLines("1", undefined), []);
});

Deno.test("the learner's figures appear next to those of this project and of others", () => {
  const lines = comparisonLines("3d", { messagesPerOperation: 12, medianMs: 380, longestMs: 577 });
  const numbers = lines.slice(1).map((line) => line.match(/[\d.]+/g)?.map(Number));
  assertEquals(numbers, [[12, 380, 577], [1.29], [8.5]]);
  assertEquals(comparisonLines("6b", { messagesPerOperation: 1 }).length, 3);
});

Deno.test("every suggested command is one that the bench accepts", () => {
  for (const challenge of CHALLENGES) {
    for (const line of experiments(challenge, { file: "learn/node.ts", program: "charybdis" })) {
      const [, tested] = /^ +charybdis test (.*)$/.exec(line) ?? [];
      if (tested === undefined) continue;
      const { test } = parseTest(tested.split(" "));
      assert(test.nodes.length > 1, line);
    }
  }
  assertEquals(
    experiments(assignmentOf("3a").challenge, { file: "learn/node.ts", program: "charybdis" }),
    [],
  );
});
