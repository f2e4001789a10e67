/** How consensus travels: each message between nodes, declared once, and the way from a body to a message and back. */

import type { Declaration } from "../../protocol/message.ts";
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
import type { Entry, Payload } from "./types.ts";

const envelope = {
  term: natural,
  stamp: optional(object({ from: string, to: optional(string), eligible: boolean })),
};
const membership = object({ voters: array(string), learners: array(string) });
const rejoined = object({ node: string, incarnation: string });
const meta = object({ index: natural, term: natural, membership, incarnations: record(string) });

/** An entry on the wire; its index follows from its place. */
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
        return `${path} is of an unknown kind`;
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

const votes = { ...envelope, lastIndex: natural, lastTerm: natural, transfer: boolean, at: double };
const answers = { ...envelope, granted: boolean, at: double };

/** Every message between nodes. */
export const raftMessages = {
  preVote: oneWay("raft_pre_vote", {
    about: "Asks whether the receiver would vote for the sender.",
    request: votes,
  }),
  vote: oneWay("raft_vote", { about: "Asks for the receiver's vote.", request: votes }),
  preVoteOk: oneWay("raft_pre_vote_ok", { about: "Answers a pre-vote.", request: answers }),
  voteOk: oneWay("raft_vote_ok", { about: "Answers a request for a vote.", request: answers }),
  append: oneWay("raft_append", {
    about: "Entries that follow (prevIndex, prevTerm), from the leader.",
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
    about: "The sender's log agrees up to match.",
    request: { ...envelope, match: natural, round: natural },
  }),
  appendRejected: oneWay("raft_append_rejected", {
    about: "The sender's log does not agree at prevIndex.",
    request: { ...envelope, prevIndex: natural, hintIndex: natural, hintTerm: natural, round: natural },
  }),
  heartbeat: oneWay("raft_heartbeat", {
    about: "The sender leads.",
    request: { ...envelope, commit: natural, round: natural, ask: boolean },
  }),
  heartbeatOk: oneWay("raft_heartbeat_ok", {
    about: "Answers a heartbeat.",
    request: { ...envelope, round: natural },
  }),
  snapshot: oneWay("raft_snapshot", {
    about: "A piece of a snapshot.",
    request: { ...envelope, meta, offset: natural, total: natural, data: string, round: natural },
  }),
  snapshotOk: oneWay("raft_snapshot_ok", {
    about: "How much of a snapshot has arrived.",
    request: { ...envelope, index: natural, offset: natural, round: natural },
  }),
  stale: oneWay("raft_stale", { about: "The receiver's term is over.", request: envelope }),
  timeoutNow: oneWay("raft_timeout_now", { about: "Asks to stand for election at once.", request: envelope }),
  join: oneWay("raft_join", {
    about: "A node without a disk has started.",
    request: { ...envelope, round: natural, nonce: optional(natural) },
  }),
  joinOk: oneWay("raft_join_ok", {
    about: "Answers a join.",
    request: {
      ...envelope,
      round: natural,
      clean: boolean,
      nonce: optional(natural),
      members: optional(record(string)),
    },
  }),
  forward: oneWay("raft_forward", {
    about: "ClientRequests of the sender's clients, for the leader.",
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
    about: "What became of forwarded requests.",
    request: { client: string, session: natural, results: array(tuple(natural, natural, outcome)) },
  }),
} as const;

/** Where a message comes from and goes to. */
export interface Way {
  readonly from: string;
  readonly to: string;
}

/** A message as the body that carries it. */
export function toBody(message: ReplicaMessage): Body {
  const { from: _from, to: _to, type, ...fields } = message;
  if (message.type === "append") {
    return { ...fields, type: "raft_append", entries: message.entries.map(fromEntry) };
  }
  return { ...fields, type: `raft_${type}` };
}

/** Takes a handler for one declared message. */
export type Listen = <Q>(
  declared: Declaration<Q, never>,
  toMessage: (body: Q & Body, way: Way) => ReplicaMessage,
) => void;

/** Calls `listen` for each message with the way from its body to it. */
export function listenAll(listen: Listen): void {
  const all = raftMessages;
  listen(all.preVote, (body, way) => ({ ...body, ...way, type: "pre_vote" }));
  listen(all.vote, (body, way) => ({ ...body, ...way, type: "vote" }));
  listen(all.preVoteOk, (body, way) => ({ ...body, ...way, type: "pre_vote_ok" }));
  listen(all.voteOk, (body, way) => ({ ...body, ...way, type: "vote_ok" }));
  listen(all.append, (body, way) => {
    const entries = body.entries.map((each, i) => toEntry(each, body.prevIndex + 1 + i));
    return { ...body, ...way, type: "append", entries };
  });
  listen(all.appendOk, (body, way) => ({ ...body, ...way, type: "append_ok" }));
  listen(all.appendRejected, (body, way) => ({ ...body, ...way, type: "append_rejected" }));
  listen(all.heartbeat, (body, way) => ({ ...body, ...way, type: "heartbeat" }));
  listen(all.heartbeatOk, (body, way) => ({ ...body, ...way, type: "heartbeat_ok" }));
  listen(all.snapshot, (body, way) => ({ ...body, ...way, type: "snapshot" }));
  listen(all.snapshotOk, (body, way) => ({ ...body, ...way, type: "snapshot_ok" }));
  listen(all.stale, (body, way) => ({ ...body, ...way, type: "stale" }));
  listen(all.timeoutNow, (body, way) => ({ ...body, ...way, type: "timeout_now" }));
  listen(all.join, (body, way) => ({ ...body, ...way, type: "join", nonce: body.nonce }));
  listen(all.joinOk, (body, way) => {
    const { nonce, members } = body;
    return { ...body, ...way, type: "join_ok", nonce, members };
  });
  listen(all.forward, (body, way) => ({ ...body, ...way, type: "forward" }));
  listen(all.forwardOk, (body, way) => ({ ...body, ...way, type: "forward_ok" }));
}
