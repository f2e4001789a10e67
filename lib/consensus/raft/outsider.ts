/**
 * Nodes outside the membership: how a node learns that it was removed, and finds the leader for its clients' requests.
 *
 * Guarantee: a removed node stops its elections, and knows the leader again soon after each change of the leader.
 *
 * Idea: a leader does not send to a removed node, so the node notices a silence and asks for a pre-vote. Each receiver whose newest
 * configuration lacks the sender replies with the leader and, if that configuration is committed, with its index. From then on the
 * node is an outsider until its log holds a later configuration. A node that is not a voter and hears no leader asks its contacts.
 *
 * Cost: two messages per half election timeout while the leader answers; otherwise two per contact.
 * Source: §4.2.3 asks that removed servers disrupt nothing. How they find the cluster is not in the dissertation.
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import { invariant } from "../../protocol/errors.ts";
import type { NodeId } from "../types.ts";
import { becomeFollower, type Core, send } from "./core.ts";
import { joinAtOnce } from "./diskless_rejoin.ts";
import type { Locate, Located, Message } from "./types.ts";

/** The interval of the questions for the leader, as a fraction of the election timeout. */
const LOCATE_INTERVAL = 0.5;

/** The state of a node's search for the leader. */
export interface Search {
  /** The greatest index of a committed configuration without this node, as other nodes reported it; 0 if none did. */
  removedAt: number;
  /** The time of the next question, while the node is not a voter and hears no leader. */
  askAt: number;
  /** True if the known leader answered the last question, so that it alone is asked next. */
  isLeaderAlive: boolean;
}

/** Returns the time at which {@linkcode tickSearch} is due next. */
export function searchDeadline(core: Core): number {
  if (core.isVoter || core.leadership !== undefined || core.config.contacts.length === 0) return Infinity;
  return Math.max(core.search.askAt, core.contactAt + core.timeouts.electionMs);
}

/** Asks for the leader when that is due. */
export function tickSearch(core: Core): void {
  if (core.now < searchDeadline(core)) return;
  const { search, leader } = core;
  search.askAt = core.now + core.timeouts.electionMs * LOCATE_INTERVAL;
  const asked = leader !== undefined && search.isLeaderAlive ? [leader] : core.config.contacts;
  search.isLeaderAlive = false;
  for (const to of asked) if (to !== core.id) send(core, { type: "locate", to });
}

/** Replies to a question for the leader. */
export function onLocate(core: Core, { from, stamp }: Locate): void {
  sendLocated(core, from, stamp?.from);
}

/** Informs the sender of a request about its removal, if the newest configuration lacks it. */
export function informOutsider(core: Core, { from, type, stamp }: Message): void {
  if (type !== "pre_vote" && type !== "vote" && type !== "join") return;
  const { voters, learners } = core.configs.membership;
  if (voters.length === 0 || voters.includes(from) || learners.includes(from)) return;
  sendLocated(core, from, stamp?.from);
}

function sendLocated(core: Core, to: NodeId, toIncarnation: string | undefined): void {
  const { membership: { voters, learners }, index } = core.configs;
  const isMember = voters.includes(to) || learners.includes(to);
  // An uncommitted configuration can be overwritten, and then the receiver is still a member.
  const removedAt = isMember || index > core.commit ? 0 : index;
  send(core, { type: "located", to, leader: leaderHeardLately(core), removedAt }, toIncarnation);
}

function leaderHeardLately(core: Core): NodeId | undefined {
  if (core.leadership !== undefined) return core.id;
  return core.now - core.contactAt < core.timeouts.electionMs ? core.leader : undefined;
}

/** Handles the reply: there is a leader to forward requests to, or this node was removed. */
export function onLocated(core: Core, { from, leader, removedAt }: Located): void {
  const { search } = core;
  search.removedAt = Math.max(search.removedAt, removedAt);
  if (core.leadership !== undefined) return;
  if (!core.isVoter && core.role !== "follower") becomeFollower(core, core.term, undefined);
  if (leader === undefined || leader === core.id) return;
  if (core.leader === undefined) joinAtOnce(core);
  invariant(
    core.leader === undefined || core.leader === leader,
    `two leaders in term ${core.term}: ${core.leader} and ${leader}`,
  );
  // This does not count as contact with the leader, which would be a promise to ignore other candidates (§4.2.3).
  core.leader = leader;
  search.isLeaderAlive ||= from === leader;
}
