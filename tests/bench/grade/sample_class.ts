/** The results of a small class, for tests of its outputs. */

import type { ChallengeResult, StudentResult } from "../../../lib/bench/grade/student_result.ts";

function challenge(id: string, more: Partial<ChallengeResult> = {}): ChallengeResult {
  return {
    id,
    title: `Title of ${id}`,
    passed: true,
    points: 2,
    pointsMax: 2,
    credit: "full",
    messagesPerOperation: 4,
    medianMs: 300,
    longestMs: 500,
    availability: 1,
    reasons: [],
    failure: "",
    cause: "",
    remarks: [],
    contained: [],
    picture: "",
    report: "",
    runs: [{ arguments: ["-w", "echo"], nodeArguments: [], seed: 7, valid: true, seconds: 3, error: "" }],
    ...more,
  };
}

function student(name: string, challenges: readonly ChallengeResult[], problem = ""): StudentResult {
  const points = challenges.reduce((sum, { points }) => sum + points, 0);
  return { student: name, points, pointsMax: 4, problem, seconds: 61, challenges };
}

const failed: Partial<ChallengeResult> = {
  passed: false,
  points: 0.5,
  credit: "over-bound",
  failure: "Lost elements",
  cause: "n1 did not send 17 <again>.",
  remarks: ["node n0 opened a server on a network port (1 time)"],
  contained: ["node n0 opened a server on a network port (1 time)"],
  reasons: ["invalid: lost elements", "The end of its stderr:\n    x < y"],
  runs: [{ arguments: ["-w", "echo"], nodeArguments: ["--a"], seed: 7, valid: false, seconds: 3, error: "" }],
};

/** A class of four. The names of two are attacks on a spreadsheet and on a page. */
export const SAMPLE_CLASS: readonly StudentResult[] = [
  student("al", [challenge("1"), challenge("3d", { messagesPerOperation: 8 })]),
  student("=1+1,x", [challenge("1"), challenge("3d", failed)]),
  student("<b>dora", [challenge("1", failed), challenge("3d", failed)]),
  student("eve", [], "the build ended with exit status 2. The end of its output:\nmain.go: no"),
];
