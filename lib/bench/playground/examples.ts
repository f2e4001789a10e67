/** The project's nodes as examples, each with three things to try. Tested by `tests/bench/playground/examples_test.ts`. */

import type { WorkloadName } from "../../checkers/workloads.ts";
import type { Intervention } from "../nemesis/interventions.ts";

/** Something to try, which one press sets up and runs. */
export interface Try {
  /** The action, and the effect to look for. */
  readonly text: string;
  /** Options in addition to those of the example. */
  readonly args?: readonly string[];
  readonly interventions?: readonly Intervention[];
  /** A change of the code: the text to replace, which occurs once, and its replacement. */
  readonly edit?: readonly [from: string, to: string];
  /** The verdict that the text promises. */
  readonly valid: boolean;
}

/** An example: its options, and what to try. */
export interface Example {
  readonly args: readonly string[];
  readonly tries: readonly [Try, Try, Try];
}

/** Cuts one of the nodes n1 to n5 off from the others, for some time. */
function isolated(node: string, [fromMs, toMs]: readonly [number, number]): readonly Intervention[] {
  const links = ["n1", "n2", "n3", "n4", "n5"].filter((other) => other !== node).map((other) =>
    [node, other] as const
  );
  return [{ kind: "cut", atMs: fromMs, links }, { kind: "heal", atMs: toMs, links }];
}

function killed(node: string, [fromMs, toMs]: readonly [number, number]): readonly Intervention[] {
  return [{ kind: "kill", atMs: fromMs, node }, { kind: "start", atMs: toMs, node }];
}

function paused(node: string, [fromMs, toMs]: readonly [number, number]): readonly Intervention[] {
  return [{ kind: "pause", atMs: fromMs, node }, { kind: "resume", atMs: toMs, node }];
}

const COMMON = ["--time-limit", "10", "--rate", "20", "--latency", "20"] as const;

/** The example of each workload. */
export const EXAMPLES: Readonly<Record<WorkloadName, Example>> = {
  "echo": {
    args: ["--time-limit", "5", "--rate", "20"],
    tries: [
      { text: "Run it and press Play: a client asks its node, and the node answers.", valid: true },
      {
        text: "Pause n1 from 1 s to 3 s: its client waits, and the others continue.",
        interventions: paused("n1", [1000, 3000]),
        valid: true,
      },
      {
        text: "Always answer hello: the verdict names the first wrong reply.",
        edit: ["({ echo }) => ({ echo })", '() => ({ echo: "hello" })'],
        valid: false,
      },
    ],
  },
  "unique-ids": {
    args: COMMON,
    tries: [
      {
        text: "Cut n1 off: it continues, because no node needs another one.",
        interventions: isolated("n1", [2000, 6000]),
        valid: true,
      },
      {
        text: "Kill n1 and start it again: its ids begin with a new incarnation.",
        interventions: killed("n1", [2000, 2500]),
        valid: true,
      },
      {
        text: "Give each start the same name, and kill n1: it counts from the beginning again.",
        interventions: killed("n1", [2000, 2500]),
        edit: ["node.random.id()", '"same"'],
        valid: false,
      },
    ],
  },
  "broadcast": {
    args: COMMON,
    tries: [
      {
        text: "Cut the hub n1 off: watch the others agree on a new hub, and n1 catch up.",
        interventions: isolated("n1", [2000, 6000]),
        valid: true,
      },
      {
        text: "Lose a third of all messages: each lost value is sent again.",
        args: ["--nemesis", "loss", "--loss-probability", "0.33"],
        valid: true,
      },
      {
        text:
          "Leave append out: values stay where they arrived, and the story names a value that others lack.",
        edit: ["      append(message);\n", ""],
        valid: false,
      },
    ],
  },
  "g-set": {
    args: COMMON,
    tries: [
      {
        text: "Kill n2 and start it again: its elements come back from its disk.",
        interventions: killed("n2", [3000, 4000]),
        valid: true,
      },
      {
        text: "Duplicate and reorder messages: a set does not mind.",
        args: ["--nemesis", "duplicate,reorder", "--nemesis-interval", "2"],
        valid: true,
      },
      {
        text: "Leave append out: elements stay where they arrived.",
        edit: ["      append(element);\n", ""],
        valid: false,
      },
    ],
  },
  "g-counter": {
    args: COMMON,
    tries: [
      {
        text: "Cut n2 off: its reads lag, and the sum is right again after the cut.",
        interventions: isolated("n2", [2000, 6000]),
        valid: true,
      },
      {
        text: "Slow some links down tenfold: the final reads still agree.",
        args: ["--nemesis", "slow", "--nemesis-interval", "2"],
        valid: true,
      },
      {
        text: "Count each delta twice: the verdict shows how far the sum is off.",
        edit: ["    counter.add(delta);\n", "    counter.add(2 * delta);\n"],
        valid: false,
      },
    ],
  },
  "pn-counter": {
    args: COMMON,
    tries: [
      {
        text: "Pause n3: its sum stays behind, and catches up.",
        interventions: paused("n3", [2000, 6000]),
        valid: true,
      },
      {
        text: "Kill n4 and start it again: no delta is lost, and none counts twice.",
        interventions: killed("n4", [3000, 4000]),
        valid: true,
      },
      {
        text: "Forget negative deltas: a counter that only grows is too large.",
        edit: ["    counter.add(delta);\n", "    counter.add(Math.max(0, delta));\n"],
        valid: false,
      },
    ],
  },
  "kafka": {
    args: [...COMMON, "--concurrency", "2n"],
    tries: [
      {
        text: "Cut n1 off: sends and polls go on at once, and messages arrive after the cut.",
        interventions: isolated("n1", [2000, 6000]),
        valid: true,
      },
      {
        text: "Kill n2 and start it again: its messages and offsets come back from its disk.",
        interventions: killed("n2", [3000, 4000]),
        valid: true,
      },
      {
        text: "Reply with the next offset: the verdict names messages at wrong offsets.",
        edit: ["offset: entry[1][0] }", "offset: entry[1][0] + 1 }"],
        valid: false,
      },
    ],
  },
  "lin-kv": {
    args: [...COMMON, "--concurrency", "2n"],
    tries: [
      {
        text: "Cut the leader n5 off: watch who is elected, and when the old leader notices.",
        interventions: isolated("n5", [3000, 7000]),
        valid: true,
      },
      {
        text: "Pause the leader n5 for 3 s: the others elect a new one, and n5 learns of it afterwards.",
        interventions: paused("n5", [3000, 6000]),
        valid: true,
      },
      {
        text: "Let each node answer reads from its own copy: the story shows why that is not linearizable.",
        args: ["--", "--consistency", "sequential"],
        valid: false,
      },
    ],
  },
  "txn-list-append": {
    args: [...COMMON, "--concurrency", "2n"],
    tries: [
      {
        text: "Cut the leader n5 off: transactions there wait or fail, and none is half done.",
        interventions: isolated("n5", [3000, 7000]),
        valid: true,
      },
      {
        text: "Kill n2 and start it again: it reads its log from the disk.",
        interventions: killed("n2", [3000, 4000]),
        valid: true,
      },
      {
        text: "Return the list itself instead of a copy: an earlier read grows afterwards.",
        edit: ["list === undefined ? null : [...list];", "list === undefined ? null : list;"],
        valid: false,
      },
    ],
  },
  "txn-rw-register": {
    args: [...COMMON, "--consistency-models", "read-committed"],
    tries: [
      {
        text: "Cut n1 off: every transaction still succeeds at once.",
        interventions: isolated("n1", [2000, 6000]),
        valid: true,
      },
      {
        text: "Ask for serializability instead: the anomaly shows two transactions that missed each other.",
        args: ["--consistency-models", "serializable"],
        valid: false,
      },
      {
        text: "Run all transactions in one order: they wait for each other, and are serializable.",
        args: ["--consistency-models", "serializable", "--", "--isolation", "strict-serializable"],
        valid: true,
      },
    ],
  },
};

/** Returns the options of a try: those of its example, with its own instead of the same ones. */
export function argsOf({ args }: Example, { args: own = [] }: Try): readonly string[] {
  const kept = args.filter((word, i) => {
    const option = word.startsWith("--") ? word : args[i - 1] ?? "";
    return !own.includes(option);
  });
  return [...kept, ...own];
}
