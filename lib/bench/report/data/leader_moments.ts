/**
 * Sentences about elections in the recorded states: the leaders of terms, and nodes with two votes in one term.
 *
 * Tested by `tests/bench/report/story_test.ts`.
 */

import { at as timeText } from "../../findings/causes/cause.ts";
import type { StateColumns, StateTrack, StoryMoment } from "./report_data.ts";

/** The maximum number of elections described: the last ones. A single election is the usual start of a run. */
const ELECTIONS_MAX = 2;

/** Returns a sentence per election until a time, if there was more than one, and per node that voted for two candidates in one term. */
export function leaderMoments(
  states: StateColumns,
  { nodes, until }: { readonly nodes: readonly string[]; readonly until: number },
): StoryMoment[] {
  const elections: StoryMoment[] = [];
  const doubleVotes: StoryMoment[] = [];
  for (const [node, name] of nodes.entries()) {
    const part = (wanted: string) =>
      states.tracks.find((track) => track.node === node && track.name === wanted);
    const [role, term, vote] = [part("role"), part("term"), part("vote")];
    if (role === undefined || term === undefined) continue;
    const termAt = (time: number) => states.values[valueAt(term, time)];
    for (const [i, at] of role.at.entries()) {
      if (at > until || states.values[role.value[i] ?? -1] !== LEADER) continue;
      const text = `${name} became the leader of term ${termAt(at)} at ${timeText(at * 1000)}.`;
      elections.push({ ...moment(text, at), kind: "state" });
    }
    doubleVotes.push(...votesOf(states, { name, vote, termAt }).filter(({ at }) => at <= until));
  }
  const last = elections.length < 2 ? [] : elections.sort((a, b) => a.at - b.at).slice(-ELECTIONS_MAX);
  return [...doubleVotes, ...last];
}

const LEADER = '"leader"';

function votesOf(
  { values }: StateColumns,
  { name, vote, termAt }: {
    readonly name: string;
    readonly vote: StateTrack | undefined;
    readonly termAt: (time: number) => string | undefined;
  },
): StoryMoment[] {
  const found: StoryMoment[] = [];
  let last:
    | { readonly term: string | undefined; readonly candidate: string; readonly at: number }
    | undefined;
  for (const [i, at] of vote?.at.entries() ?? []) {
    const candidate = values[vote?.value[i] ?? -1];
    if (candidate === undefined) continue;
    const term = termAt(at);
    if (last !== undefined && last.term === term && last.candidate !== candidate) {
      found.push(moment(
        `${name} voted for ${JSON.parse(last.candidate)} at ${timeText(last.at * 1000)} and for ${
          JSON.parse(candidate)
        } at ${timeText(at * 1000)}, both in term ${term}.`,
        at,
      ));
    }
    last = { term, candidate, at };
  }
  return found;
}

function moment(text: string, at: number): StoryMoment {
  return { kind: "node", text, at, messages: [], operations: [] };
}

/** Returns the value's number at a time, or -1. */
function valueAt({ at, value }: StateTrack, time: number): number {
  const next = at.findIndex((each) => each > time);
  return value[(next < 0 ? at.length : next) - 1] ?? -1;
}
