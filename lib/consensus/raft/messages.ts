/** The messages between nodes, each declared once, and the conversion between bodies and messages. */

import type { MessageSpec } from "../../protocol/message.ts";
import { type Body, oneWay } from "../../protocol/message.ts";
import {
  array,
  boolean,
  double,
  json,
  literal,
  natural,
  object,
  optional,
  record,
  schema,
  string,
  tuple,
  union,
} from "../../protocol/schema.ts";
import type { ReplicaMessage } from "../replica.ts";
import type { Entry, Payload } from "../types.ts";
import type { ChangeReply, ChangeRequest } from "./own_change.ts";
import type { Message } from "./types.ts";

const envelope = {
  term: natural,
  stamp: optional(object({ from: string, to: optional(string), eligible: boolean })),
};
const membership = object({ voters: array(string), learners: array(string) });
const rejoined = object({ node: string, incarnation: string });
const meta = object({ index: natural, term: natural, membership, incarnations: record(string) });

/** An entry in a message. Its index follows from its position. */
type WireEntry = readonly [term: number, kind: Payload["kind"], content: unknown];

const entry = schema<WireEntry>(
  "[term, kind, content]",
  (value, path) => {
    if (!Array.isArray(value) || !natural.is(value[0])) return `${path} must be [term, kind, content]`;
    const [, kind, content] = value;
    switch (kind) {
      case "noop":
        return undefined;
      case "command":
        return json.problem(content, path);
      case "membership":
        return membership.problem(content, path);
      case "rejoin":
        return rejoined.problem(content, path);
      default:
        return `${path} has an unknown kind`;
    }
  },
);

function toEntry([term, kind, content]: WireEntry, index: number): Entry {
  if (kind === "command" && json.is(content)) return { index, term, payload: { kind, command: content } };
  if (kind === "membership" && membership.is(content)) {
    return { index, term, payload: { kind, membership: content } };
  }
  if (kind === "rejoin" && rejoined.is(content)) {
    const { node, incarnation } = content;
    return { index, term, payload: { kind, node, incarnation } };
  }
  return { index, term, payload: { kind: "noop" } };
}

function fromEntry({ term, payload }: Entry): WireEntry {
  switch (payload.kind) {
    case "noop":
      return [term, "noop", null];
    case "command":
      return [term, "command", payload.command];
    case "membership":
      return [term, "membership", payload.membership];
    case "rejoin":
      return [term, "rejoin", { node: payload.node, incarnation: payload.incarnation }];
  }
}

const outcome = union(
  object({ kind: literal("result"), result: json }),
  object({ kind: literal("registered"), session: natural }),
  object({ kind: literal("abandoned") }),
  object({ kind: literal("expired") }),
);

const voteRequest = { ...envelope, lastIndex: natural, lastTerm: natural, transfer: boolean, at: double };
const voteReply = { ...envelope, granted: boolean, at: double };

/** Every message between nodes. */
export const raftMessages = {
  preVote: oneWay("raft_pre_vote", {
    description: "Asks whether the receiver would vote for the sender.",
    request: voteRequest,
  }),
  vote: oneWay("raft_vote", { description: "Asks for the receiver's vote.", request: voteRequest }),
  preVoteOk: oneWay("raft_pre_vote_ok", { description: "Replies to a pre-vote.", request: voteReply }),
  voteOk: oneWay("raft_vote_ok", { description: "Replies to a request for a vote.", request: voteReply }),
  append: oneWay("raft_append", {
    description: "Carries entries that follow (prevIndex, prevTerm), from the leader.",
    request: {
      ...envelope,
      prevIndex: natural,
      prevTerm: natural,
      entries: array(entry),
      commit: natural,
      pipelined: boolean,
      round: natural,
    },
  }),
  appendOk: oneWay("raft_append_ok", {
    description: "Acknowledges entries: the sender's log agrees up to match.",
    request: { ...envelope, match: natural, round: natural },
  }),
  appendRejected: oneWay("raft_append_rejected", {
    description: "Rejects an append: the sender's log does not agree at prevIndex.",
    request: { ...envelope, prevIndex: natural, hintIndex: natural, hintTerm: natural, round: natural },
  }),
  heartbeat: oneWay("raft_heartbeat", {
    description: "Tells that the sender leads.",
    request: { ...envelope, commit: natural, round: natural, ask: boolean },
  }),
  heartbeatOk: oneWay("raft_heartbeat_ok", {
    description: "Replies to a heartbeat.",
    request: { ...envelope, round: natural },
  }),
  snapshot: oneWay("raft_snapshot", {
    description: "Carries a piece of a snapshot.",
    request: { ...envelope, meta, offset: natural, total: natural, data: string, round: natural },
  }),
  snapshotOk: oneWay("raft_snapshot_ok", {
    description: "Acknowledges a piece of a snapshot.",
    request: { ...envelope, index: natural, offset: natural, round: natural },
  }),
  stale: oneWay("raft_stale", { description: "Tells that the receiver's term is over.", request: envelope }),
  timeoutNow: oneWay("raft_timeout_now", {
    description: "Asks the receiver to start an election at once.",
    request: envelope,
  }),
  join: oneWay("raft_join", {
    description: "Asks for the right to vote, after a start without state.",
    request: { ...envelope, round: natural, nonce: optional(natural) },
  }),
  joinOk: oneWay("raft_join_ok", {
    description: "Replies to a join request.",
    request: {
      ...envelope,
      round: natural,
      clean: boolean,
      nonce: optional(natural),
      members: optional(record(string)),
    },
  }),
  locate: oneWay("raft_locate", {
    description: "Asks for the leader, from a node that is not a voter.",
    request: envelope,
  }),
  located: oneWay("raft_located", {
    description: "Names the leader, and tells a removed node of its removal.",
    request: { ...envelope, leader: optional(string), removedAt: natural },
  }),
  forward: oneWay("raft_forward", {
    description: "Forwards requests of the sender's clients to the leader.",
    request: {
      client: string,
      term: natural,
      seq: natural,
      session: natural,
      register: boolean,
      lowestPending: natural,
      requests: array(tuple(natural, natural, json)),
    },
  }),
  forwardOk: oneWay("raft_forward_ok", {
    description: "Returns the results of forwarded requests.",
    request: { client: string, session: natural, results: array(tuple(natural, natural, outcome)) },
  }),
  change: oneWay("raft_change", {
    description: "Asks the leader to add the sender as a voter, or to remove it.",
    request: {
      client: string,
      term: natural,
      seq: natural,
      goal: union(literal("voter"), literal("outsider")),
    },
  }),
  changeOk: oneWay("raft_change_ok", {
    description: "Tells that the requested change is committed, or not possible.",
    request: { client: string, seq: natural, outcome: union(literal("done"), literal("last_voter")) },
  }),
} as const;

/** A message of a replica whose engine is Raft. */
export type RaftMessage = ReplicaMessage<Message>;

/** A message between nodes: of their replicas, or about changes of the membership. */
export type NodeMessage = RaftMessage | ChangeRequest | ChangeReply;

/** The sender and the receiver of a message. */
export interface Route {
  readonly from: string;
  readonly to: string;
}

/** Returns the body that carries a message. */
export function toBody(message: NodeMessage): Body {
  const { from: _from, to: _to, ...fields } = message;
  const entries = message.type === "append" ? { entries: message.entries.map(fromEntry) } : undefined;
  return Object.assign(fields, { type: `raft_${message.type}` }, entries);
}

/** Registers a handler for one declared message. */
export type Listen = <Q>(
  declared: MessageSpec<Q, never>,
  toMessage: (body: Q & Body, route: Route) => NodeMessage,
) => void;

/** Calls `listen` once per message, with the conversion from its body. */
export function listenAll(listen: Listen): void {
  const all = raftMessages;
  listen(all.preVote, (body, { from, to }) => ({ ...body, from, to, type: "pre_vote" }));
  listen(all.vote, (body, { from, to }) => ({ ...body, from, to, type: "vote" }));
  listen(all.preVoteOk, (body, { from, to }) => ({ ...body, from, to, type: "pre_vote_ok" }));
  listen(all.voteOk, (body, { from, to }) => ({ ...body, from, to, type: "vote_ok" }));
  listen(all.append, (body, { from, to }) => {
    const entries = body.entries.map((each, i) => toEntry(each, body.prevIndex + 1 + i));
    return { ...body, from, to, type: "append", entries };
  });
  listen(all.appendOk, (body, { from, to }) => ({ ...body, from, to, type: "append_ok" }));
  listen(all.appendRejected, (body, { from, to }) => ({ ...body, from, to, type: "append_rejected" }));
  listen(all.heartbeat, (body, { from, to }) => ({ ...body, from, to, type: "heartbeat" }));
  listen(all.heartbeatOk, (body, { from, to }) => ({ ...body, from, to, type: "heartbeat_ok" }));
  listen(all.snapshot, (body, { from, to }) => ({ ...body, from, to, type: "snapshot" }));
  listen(all.snapshotOk, (body, { from, to }) => ({ ...body, from, to, type: "snapshot_ok" }));
  listen(all.stale, (body, { from, to }) => ({ ...body, from, to, type: "stale" }));
  listen(all.timeoutNow, (body, { from, to }) => ({ ...body, from, to, type: "timeout_now" }));
  listen(all.join, (body, { from, to }) => ({ ...body, from, to, type: "join", nonce: body.nonce }));
  listen(all.joinOk, (body, { from, to }) => {
    const { nonce, members } = body;
    return { ...body, from, to, type: "join_ok", nonce, members };
  });
  listen(all.locate, (body, { from, to }) => ({ ...body, from, to, type: "locate" }));
  listen(all.located, (body, { from, to }) => ({ ...body, from, to, type: "located", leader: body.leader }));
  listen(all.forward, (body, { from, to }) => ({ ...body, from, to, type: "forward" }));
  listen(all.forwardOk, (body, { from, to }) => ({ ...body, from, to, type: "forward_ok" }));
  listen(all.change, (body, { from, to }) => ({ ...body, from, to, type: "change" }));
  listen(all.changeOk, (body, { from, to }) => ({ ...body, from, to, type: "change_ok" }));
}
