/**
 * Leader election (§3.4), with pre-votes (§9.6) and leader stickiness (§4.2.3).
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import { becomeFollower, type Core, resetElectionTimer, send } from "./core.ts";
import { replyCounts } from "./diskless_rejoin.ts";
import { tally } from "./quorum.ts";
import { becomeLeader } from "./replication.ts";
import type { VoteReply, VoteRequest } from "./types.ts";

/** Asks the voters, after an election timeout without a leader, whether an election could be won (§9.6). */
export function startPreVote(core: Core): void {
  resetElectionTimer(core);
  if (!core.isVoter || !core.mayVote) return;
  core.role = "precandidate";
  core.leader = undefined;
  // Pre-votes disrupt nothing, so ask again soon: a voter may have refused because it heard from the leader a little later.
  core.electionAt = core.now + core.timeouts.electionMs * (0.15 + 0.15 * core.random());
  requestVotes(core, "pre_vote", false);
}

/** Starts an election in a new term (§3.4). `transfer` is true if the leader asked for it. */
export function campaign(core: Core, transfer: boolean): void {
  if (!core.isVoter || !core.mayVote) return;
  becomeFollower(core, core.term + 1, undefined);
  core.role = "candidate";
  core.vote = core.id;
  core.electionAt = core.now + core.timeouts.electionMs * (0.5 + 0.5 * core.random());
  requestVotes(core, "vote", transfer);
}

function requestVotes(core: Core, type: VoteRequest["type"], transfer: boolean): void {
  core.votes.clear();
  core.votes.set(core.id, true);
  const { lastIndex, lastTerm } = core.log;
  for (const to of core.voters) {
    if (to !== core.id) send(core, { type, transfer, to, lastIndex, lastTerm, at: core.now });
  }
  countVotes(core);
}

/** Returns true if a vote request must be ignored, because it would depose a leader that is alive (§4.2.3). */
export function isDisruptiveVote(core: Core, request: VoteRequest): boolean {
  if (request.transfer) return false;
  if (core.role === "leader") return true; // a leader without a majority steps down by itself
  return core.rules.hasRecentLeader(core.now - core.contactAt, core.config.electionTimeoutMs);
}

/** Replies to a request for a vote in the current term, or for a pre-vote about a later one. */
export function onVoteRequest(core: Core, request: VoteRequest): void {
  if (!core.mayVote) return;
  const { from: to, at, stamp } = request;
  const granted = core.rules.upToDate(request, core.log) && mayGrant(core, request);
  if (request.type === "pre_vote") {
    return send(core, { type: "pre_vote_ok", to, granted, at }, stamp?.from);
  }
  if (granted) {
    core.vote = to; // stored before the reply leaves
    resetElectionTimer(core);
  }
  send(core, { type: "vote_ok", to, granted, at }, stamp?.from);
}

function mayGrant(core: Core, { type, term, from }: VoteRequest): boolean {
  // A pre-vote is about the term after the sender's, and is not a promise.
  if (type === "pre_vote") return term + 1 > core.term;
  return term === core.term && core.role !== "leader" && core.rules.mayVote(core.vote, from);
}

/** The replies that a role waits for. */
const EXPECTED_REPLY = {
  follower: undefined,
  precandidate: "pre_vote_ok",
  candidate: "vote_ok",
  leader: undefined,
} as const;

/** Counts a vote. */
export function onVoteReply(core: Core, reply: VoteReply): void {
  core.timeouts.recordRoundTrip(reply.at, core.now);
  if (reply.type !== EXPECTED_REPLY[core.role]) return;
  if (!core.voters.includes(reply.from) || !replyCounts(core, reply)) return;
  core.votes.set(reply.from, reply.granted);
  countVotes(core);
}

function countVotes(core: Core): void {
  const votes = core.voters.map((voter) => core.votes.get(voter));
  const granted = votes.filter((vote) => vote === true).length;
  const refused = votes.filter((vote) => vote === false).length;
  const result = tally({ granted, refused, voters: votes.length }, core.rules.quorum(votes.length));
  if (result === "won") {
    if (core.role === "precandidate") campaign(core, false);
    else becomeLeader(core);
  } else if (result === "lost" && core.role === "precandidate") {
    core.role = "follower"; // keep the timer: another node can win
  }
}
