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
  const history = new RaftHistory(states, nodes);
  const elections = nodes.flatMap((_, node) => history.elections(node)).filter(({ at }) => at <= until)
    .sort((a, b) => a.at - b.at);
  const votes = nodes.flatMap((_, node) => history.doubleVotes(node)).filter(({ at }) => at <= until);
  return [
    ...votes,
    ...(elections.length < 2 ? [] : elections.slice(-ELECTIONS_MAX).map((each) => history.describe(each))),
  ];
}

interface Election {
  readonly node: number;
  readonly at: number;
}

/** The parts of the states that Raft's nodes watch. */
class RaftHistory {
  readonly #states: StateColumns;
  readonly #nodes: readonly string[];
  readonly #tracks = new Map<string, StateTrack>(); // by node and name

  constructor(states: StateColumns, nodes: readonly string[]) {
    this.#states = states;
    this.#nodes = nodes;
    for (const track of states.tracks) this.#tracks.set(`${track.node} ${track.name}`, track);
  }

  elections(node: number): Election[] {
    const role = this.#tracks.get(`${node} role`);
    if (!this.#tracks.has(`${node} term`)) return [];
    return role?.at.filter((_, i) => this.#text(role, i) === LEADER).map((at) => ({ node, at })) ?? [];
  }

  /** Describes an election, with a previous leader that does not know of it, and with entries that the new leader lacks. */
  describe({ node, at }: Election): StoryMoment {
    const name = this.#nodes[node];
    const others = this.#nodes.map((_, other) => other).filter((other) => other !== node);
    const last = this.#at(node, "last index", at);
    const commit = this.#at(node, "commit", at);
    const ahead = others.find((other) => Number(this.#at(other, "commit", at)) > Number(last));
    const rival = others.find((other) => this.#at(other, "role", at) === LEADER);
    const more = ahead !== undefined
      ? `; its log ended at ${last}, although ${this.#nodes[ahead]} had committed ${
        this.#at(ahead, "commit", at)
      }`
      : rival !== undefined
      ? `, while ${this.#nodes[rival]} still led term ${this.#at(rival, "term", at)}`
      : Number(commit) < Number(last) - 1 // a leader's own first entry is new
      ? `, with ${commit} of its ${last} entries committed`
      : "";
    const text = `${name} became the leader of term ${this.#at(node, "term", at)} at ${
      timeText(at * 1000)
    }${more}.`;
    return moment(text, { kind: ahead === undefined ? "state" : "node", at });
  }

  doubleVotes(node: number): StoryMoment[] {
    const track = this.#tracks.get(`${node} vote`);
    const found: StoryMoment[] = [];
    let last:
      | { readonly term: string | undefined; readonly candidate: string; readonly at: number }
      | undefined;
    for (const [i, at] of track?.at.entries() ?? []) {
      const candidate = this.#text(track, i);
      if (candidate === undefined) continue;
      const term = this.#at(node, "term", at);
      if (last !== undefined && last.term === term && last.candidate !== candidate) {
        const votes = [last, { candidate, at }].map((vote) =>
          `for ${JSON.parse(vote.candidate)} at ${timeText(vote.at * 1000)}`
        );
        const text = `${this.#nodes[node]} voted ${votes.join(" and ")}, both in term ${term}.`;
        found.push(moment(text, { kind: "node", at }));
      }
      last = { term, candidate, at };
    }
    return found;
  }

  #at(node: number, name: string, time: number): string | undefined {
    const track = this.#tracks.get(`${node} ${name}`);
    if (track === undefined) return undefined;
    const next = track.at.findIndex((each) => each > time);
    return this.#text(track, (next < 0 ? track.at.length : next) - 1);
  }

  #text(track: StateTrack | undefined, change: number): string | undefined {
    return this.#states.values[track?.value[change] ?? -1];
  }
}

const LEADER = '"leader"';

function moment(text: string, { kind, at }: Pick<StoryMoment, "kind" | "at">): StoryMoment {
  return { kind, text, at, messages: [], operations: [] };
}
