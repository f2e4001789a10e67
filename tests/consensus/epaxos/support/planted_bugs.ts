/** Mistakes in the rules of EPaxos, one at a time: those of the literature, and those that were close at hand. */

import { coordinatorOf } from "../../../../lib/consensus/leaderless/instance_ids.ts";
import { type EpaxosRules, SAFETY_RULES } from "../../../../lib/consensus/epaxos/safety_rules.ts";
import { isObject, type Json } from "../../../../lib/protocol/schema.ts";
import type { Profile } from "./simulation.ts";

/** A mistake, and where the simulation finds it. */
export interface PlantedBug extends Pick<Profile, "rules" | "keysOf" | "save" | "steady"> {
  readonly name: string;
  readonly nodes?: number;
  /** The first seed to try. Default: 1. */
  readonly seed?: number;
}

function planted(changed: Partial<EpaxosRules>): () => EpaxosRules {
  const rules = { ...SAFETY_RULES, ...changed };
  return () => rules;
}

function keysOfWrites(command: Json): readonly { key: string; writes: boolean }[] {
  if (!isObject(command) || command["f"] === "read") return [];
  return [{ key: String(command["key"]), writes: true }];
}

/** The mistakes. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: "a fast quorum without a second node",
    rules: planted({ quorums: (n) => ({ ...SAFETY_RULES.quorums(n), fast: 1 }) }),
  },
  {
    name: "a slow quorum of less than a majority",
    rules: planted({ quorums: (n) => ({ ...SAFETY_RULES.quorums(n), slow: Math.floor(n / 2) }) }),
  },
  {
    name: "a fast path that replies with other dependencies confirm",
    rules: planted({ confirms: () => true }),
  },
  {
    name: "a recovered command that loses its dependencies",
    rules: planted({
      acceptedBefore: (records) => {
        const newest = SAFETY_RULES.acceptedBefore(records);
        return newest && { ...newest, deps: {} };
      },
    }),
  },
  {
    name: "a recovery that never assumes the fast path",
    rules: planted({ mayHaveTakenFastPath: () => false }),
  },
  {
    name: "a recovery that assumes the fast path although the coordinator replies",
    rules: planted({
      mayHaveTakenFastPath: (view, quorums) =>
        SAFETY_RULES.mayHaveTakenFastPath({ ...view, hasCoordinator: false }, quorums),
    }),
    steady: true,
    seed: 69,
  },
  { name: "a recovery without validation", rules: planted({ mayRefute: () => false }), nodes: 5, seed: 9 },
  {
    name: "a recovery that takes any conflict for a refutation",
    rules: planted({ isRefutedBySilentCoordinator: () => true, isRefutedByWaiting: () => true }),
    nodes: 5,
    seed: 4,
  },
  {
    name: "a dependency that is omitted because of what the other instance gained later",
    rules: planted({
      isOrderedAfter: ({ deps }, id) => SAFETY_RULES.isOrderedAfter({ initialDeps: deps, deps }, id),
    }),
    nodes: 5,
    seed: 7,
    steady: true,
  },
  {
    name: "an execution before its dependencies are committed",
    rules: planted({ waitsForOpen: () => false }),
  },
  {
    name: "an order within cycles that differs between nodes",
    rules: (node) => ({
      ...SAFETY_RULES,
      compare: (a, b) =>
        Number(coordinatorOf(b) === node) - Number(coordinatorOf(a) === node) || SAFETY_RULES.compare(a, b),
    }),
  },
  {
    name: "a command that is proposed again after another node has recovered it",
    rules: planted({ mayProposeAgain: ({ commands, ballot }) => commands === null || ballot > 0 }),
    nodes: 5,
  },
  { name: "reads that conflict with nothing", keysOf: keysOfWrites },
  { name: "promises that are not stored", save: () => {} },
  {
    name: "a store that keeps commits alone",
    save: (storage, { records, ...rest }) =>
      storage.save({ records: records.filter(({ phase }) => phase === "committed"), ...rest }),
  },
];

/** A mistake that a scripted schedule finds: a transcript, which shows what happens without the mistake. */
export interface PlantedSchedule {
  readonly name: string;
  readonly transcript: string;
  readonly rules: EpaxosRules;
}

/** The mistakes that seeds find too seldom. */
export const PLANTED_SCHEDULES: readonly PlantedSchedule[] = [
  {
    name: "one ballot per record, as in the original protocol",
    transcript: "sutra_2019",
    rules: { ...SAFETY_RULES, acceptedBallotAfterPromise: ({ ballot }) => ballot },
  },
  {
    name: "a recovery that prefers the oldest accepted decision",
    transcript: "sutra_2019",
    rules: {
      ...SAFETY_RULES,
      acceptedBefore: (records) => {
        const [oldest] = records.filter(({ phase }) => phase === "accepted")
          .sort((a, b) => a.acceptedBallot - b.acceptedBallot);
        return oldest && SAFETY_RULES.acceptedBefore([oldest]);
      },
    },
  },
  {
    name: "a promise that is not kept",
    transcript: "ballots",
    rules: { ...SAFETY_RULES, mayAccept: () => true },
  },
  {
    name: "a ballot that two nodes use",
    transcript: "ballots",
    rules: { ...SAFETY_RULES, ballotAbove: (promised) => promised + 1 },
  },
  {
    name: "a proposal that is confirmed after a promise",
    transcript: "late_proposal",
    rules: { ...SAFETY_RULES, mayPreaccept: () => true },
  },
  {
    name: "an incarnation that takes part although it may have forgotten promises",
    transcript: "incarnations",
    rules: { ...SAFETY_RULES, confirmations: () => 0 },
  },
  {
    name: "a validation that looks at committed instances only",
    transcript: "open_conflict",
    rules: {
      ...SAFETY_RULES,
      mayRefute: (other, id) => other.phase === "committed" && SAFETY_RULES.mayRefute(other, id),
    },
  },
];
