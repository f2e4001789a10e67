/** Lesson 10: wrong nodes for questions that Maelstrom does not ask. Tested by `tests/bench/learn/solutions_test.ts`. */

import { challenge } from "../../grade/challenges.ts";
import { examplePath, exampleText } from "../../run/example_files.ts";
import type { Lesson } from "../lesson.ts";

const FAULTS = { nemesis: ["partition", "loss"], nemesisInterval: 2 } as const;

/** Returns the lesson of an example workload. It begins with the example's wrong node. */
function lesson(
  { id, workload, title, task, hints }: {
    readonly id: string;
    readonly workload: string;
    readonly title: string;
    readonly task: readonly string[];
    readonly hints: readonly string[];
  },
): Lesson {
  return {
    workload,
    workloadFile: `${workload}.ts`,
    file: `${workload}_node.ts`,
    messages: [],
    get template() {
      return exampleText(`nodes/${workload}_wrong.ts`);
    },
    exercises: [{
      id,
      challenge: challenge(id, title, [{ workload, nodeCount: 3, rate: 30, timeLimit: 10, ...FAULTS }]),
      task: [
        ...task,
        `${workload}.ts in the same folder is the workload. Read it to see what it asks, and write your own like it.`,
      ],
      hints,
    }],
    solution: [examplePath(`nodes/${workload}.ts`), examplePath(`workloads/${workload}.ts`)],
  };
}

/** Exercises 10a to 10e, which have workloads of their own. */
export const EXAMPLE_LESSONS: readonly Lesson[] = [
  lesson({
    id: "10a",
    workload: "leader",
    title: "Your workload: leader",
    task: [
      "Three nodes elect a leader: at most one in each term, and in the end one that all nodes name. The node in the file " +
      "lets the smallest node lead that it has heard lately. No node is killed, so a leader that never changes would also " +
      "pass: let another node replace one that is silent.",
    ],
    hints: [
      "What does each side of a partition believe, and which term does each name?",
      "A term must belong to one node. Who decides that: a majority, or a service that compares and sets?",
    ],
  }),
  lesson({
    id: "10b",
    workload: "lock",
    title: "Your workload: lock",
    task: [
      "A lock with a lease, and a token that grows with each holder. In the file, each node grants the lock on its own.",
    ],
    hints: [
      "Two clients at two nodes ask at the same time. Where do the nodes meet?",
      "Keep the token and its lease in the service lin-kv, and change both with one compare-and-set.",
    ],
  }),
  lesson({
    id: "10c",
    workload: "queue",
    title: "Your workload: queue",
    task: [
      "A queue: each element that was added is removed once, and none is lost. The node in the file loses some.",
    ],
    hints: [
      "Follow one lost element through the report. Which message carried it, and what happened to that message?",
      "One place must decide each removal. The client may learn of it only then.",
    ],
  }),
  lesson({
    id: "10d",
    workload: "bank",
    title: "Your workload: bank",
    task: [
      "Accounts whose sum never changes, in any read of all accounts. The node in the file shows wrong sums.",
    ],
    hints: [
      "A transfer changes two accounts. Can a read happen between the two changes?",
      "Read and replace all accounts as one value.",
    ],
  }),
  lesson({
    id: "10e",
    workload: "sequencer",
    title: "Your workload: sequencer",
    task: [
      "Messages that arrive in causal order: an answer never before its question. The node in the file shows effects before causes.",
    ],
    hints: [
      "A message that was caused by another may travel a shorter way. How can its receiver tell that something is missing?",
      "Send with each message the numbers of those that its sender had seen, and let the receiver wait for them.",
    ],
  }),
];
