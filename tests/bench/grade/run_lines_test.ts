import { assertEquals } from "@std/assert";
import type { ChallengeTest } from "../../../lib/bench/grade/challenges.ts";
import type { RunWithResult } from "../../../lib/bench/grade/grade.ts";
import type { GradedChallenge } from "../../../lib/bench/grade/grading_file.ts";
import { pointsOf } from "../../../lib/bench/grade/points.ts";
import { gradeAll, type PlannedRun, withoutResult } from "../../../lib/bench/grade/run_lines.ts";

const plain: ChallengeTest = { options: {}, arguments: ["plain"], providesMetrics: true };
const faulty: ChallengeTest = {
  options: { nemesis: ["partition"] },
  arguments: ["faulty"],
  providesMetrics: false,
};

function challenge(id: string, more: Partial<GradedChallenge> = {}): GradedChallenge {
  const base = { title: id, workload: "echo", bounds: {}, nodeArguments: [], exclusive: false, repeat: 1 };
  return {
    ...base,
    id,
    lines: [plain, faulty],
    points: 10,
    partial: { overBound: 6, withoutPartitions: 4 },
    ...more,
  };
}

function ran({ line }: PlannedRun, valid: RunWithResult["valid"], perOperation = 1): RunWithResult {
  const result = { valid, net: { servers: { "msgs-per-op": perOperation } } };
  return { arguments: line.arguments, nodeArguments: [], valid, store: null, seconds: 0, result };
}

Deno.test("exclusive lines run alone and last, and a shared line runs once", async () => {
  const started: string[] = [];
  let running = 0;
  let alone = true;
  const all = [challenge("a", { exclusive: true }), challenge("b"), challenge("c")];
  const { grades } = await gradeAll(all, {
    jobs: 3,
    run: async (planned) => {
      started.push(`${planned.challenge.id} ${planned.line.arguments}`);
      running++;
      await Promise.resolve();
      if (planned.challenge.exclusive && planned.line.providesMetrics) alone &&= running === 1;
      running--;
      return { run: ran(planned, true) };
    },
    keyOf: ({ challenge: { id }, line }) => `${id === "c" ? "b" : id} ${line.arguments}`,
  });
  assertEquals(started, ["a faulty", "b plain", "b faulty", "a plain"]);
  assertEquals([alone, grades.map(({ grade }) => grade.passed)], [true, [true, true, true]]);
});

Deno.test("in virtual time, exclusive lines run in order with the others", async () => {
  const started: string[] = [];
  await gradeAll([challenge("a", { exclusive: true }), challenge("b")], {
    jobs: 2,
    virtual: true,
    run: (planned) => {
      started.push(`${planned.challenge.id} ${planned.line.arguments}`);
      return Promise.resolve({ run: ran(planned, true) });
    },
    keyOf: ({ challenge: { id }, line }) => `${id} ${line.arguments}`,
  });
  assertEquals(started, ["a plain", "a faulty", "b plain", "b faulty"]);
});

Deno.test("a run that is skipped gets no other reason, and its challenge does not pass", async () => {
  const { grades: [graded] } = await gradeAll([challenge("a")], {
    jobs: 1,
    run: (planned) => Promise.resolve({ run: ran(planned, false) }),
    keyOf: ({ line }) => line.arguments.join(),
    skip: ({ line }, done) => done.length > 0 ? withoutResult(line, { problem: "skipped" }) : undefined,
  });
  assertEquals([graded?.grade.passed, graded?.grade.reasons.length], [false, 1]);
});

Deno.test("points are given for the best part of a challenge", async () => {
  const points = async (validOf: (line: ChallengeTest) => boolean, perOperation = 1) => {
    const { grades: [graded] } = await gradeAll([challenge("a", { bounds: { msgsPerOp: 2 } })], {
      jobs: 1,
      run: (planned) => Promise.resolve({ run: ran(planned, validOf(planned.line), perOperation) }),
      keyOf: ({ line }) => line.arguments.join(),
    });
    return graded === undefined ? undefined : pointsOf(graded);
  };
  assertEquals(await points(() => true), { points: 10, credit: "full" });
  assertEquals(await points(() => true, 3), { points: 6, credit: "over-bound" });
  assertEquals(await points((line) => line === plain), { points: 4, credit: "without-partitions" });
  assertEquals(await points((line) => line === faulty), { points: 0, credit: "none" });
});
