/** Leader election (§3.4), with the vote before the vote (§9.6) and loyalty to a living leader (§4.2.3). */

import { becomeFollower, type Core, resetElectionTimer, send } from "./core.ts";
import { noteRoundTrip, timeoutMs } from "./timeouts.ts";
import { tally } from "./quorum.ts";
import { answerCounts } from "./diskless_rejoin.ts";
import { becomeLeader } from "./replication.ts";
import type { VoteAnswer, VoteRequest } from "./types.ts";

/** Time has passed without a leader: asks whether an election could be won (§9.6). */
export function startPreVote(core: Core): void {
  resetElectionTimer(core);
  if (!core.isVoter || !core.rules.mayVoteIfEligible(core.eligible)) return;
  core.role = "precandidate";
  core.leader = undefined;
  // Asking again disturbs nobody: a refusal may only mean that the other one heard from the leader a little later.
  core.electionAt = core.now + timeoutMs(core) * (0.15 + 0.15 * core.random());
  requestVotes(core, { type: "pre_vote", transfer: false });
}

/** Stands for election in a new term (§3.4). */
export function campaign(core: Core, options: { readonly transfer: boolean }): void {
  if (!core.isVoter || !core.rules.mayVoteIfEligible(core.eligible)) return;
  becomeFollower(core, core.term + 1, undefined);
  core.role = "candidate";
  core.vote = core.id;
  core.electionAt = core.now + timeoutMs(core) * (0.5 + 0.5 * core.random());
  requestVotes(core, { type: "vote", transfer: options.transfer });
}

function requestVotes(
  core: Core,
  request: { readonly type: "pre_vote" | "vote"; readonly transfer: boolean },
): void {
  core.votes.clear();
  core.votes.set(core.id, true);
  const { lastIndex, lastTerm } = core.log;
  for (const to of core.voters) {
    if (to !== core.id) send(core, { ...request, to, lastIndex, lastTerm, at: core.now });
  }
  count(core);
}

/** Whether this request for a vote is to be left unanswered, so that a living leader is not deposed (§4.2.3). */
export function isDisruptiveVote(core: Core, request: VoteRequest): boolean {
  if (request.transfer) return false;
  if (core.role === "leader") return true; // one that has lost its majority steps down by itself
  return core.rules.hasRecentLeader(core.now - core.contactAt, core.config.electionTimeoutMs);
}

/** Answers a request for a vote, in the current term or (pre-vote) about a later one. */
export function onVoteRequest(core: Core, request: VoteRequest): void {
  if (!core.rules.mayVoteIfEligible(core.eligible)) return;
  const upToDate = core.rules.upToDate(request, core.log);
  const pre = request.type === "pre_vote";
  // A pre-vote is about the term after the sender's, and promises nothing.
  const granted = upToDate &&
    (pre
      ? request.term + 1 > core.term
      : request.term === core.term && core.role !== "leader" && core.rules.mayVote(core.vote, request.from));
  if (granted && !pre) {
    core.vote = request.from; // durable before the answer leaves
    resetElectionTimer(core);
  }
  const { from: to, at, stamp } = request;
  send(core, { type: pre ? "pre_vote_ok" : "vote_ok", to, granted, at }, { answers: stamp });
}

/** Counts a vote. */
export function onVoteAnswer(core: Core, answer: VoteAnswer): void {
  noteRoundTrip(core, answer.at);
  const expected = core.role === "precandidate"
    ? "pre_vote_ok"
    : core.role === "candidate"
    ? "vote_ok"
    : undefined;
  if (answer.type !== expected || !core.voters.includes(answer.from) || !answerCounts(core, answer)) return;
  core.votes.set(answer.from, answer.granted);
  count(core);
}

function count(core: Core): void {
  const votes = core.voters.map((voter) => core.votes.get(voter));
  const granted = votes.filter((vote) => vote === true).length;
  const refused = votes.filter((vote) => vote === false).length;
  const result = tally({ granted, refused, voters: votes.length }, core.rules.quorum(votes.length));
  if (result === "won") {
    if (core.role === "precandidate") campaign(core, { transfer: false });
    else becomeLeader(core);
  } else if (result === "lost" && core.role === "precandidate") {
    core.role = "follower"; // the timer stands as it is: somebody else is better placed
  }
}
