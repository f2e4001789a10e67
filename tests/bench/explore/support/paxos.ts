/**
 * Single-decree Paxos as a node, written like the example of Stateright (`examples/paxos.rs`): a server that gets a value proposes it,
 * answers the writer once a majority has accepted, and answers reads once it knows the decision.
 */

import { isObject } from "../../../../lib/protocol/schema.ts";
import type { Node } from "../../../../lib/runtime/node.ts";

/** A value, with the request that proposes it. */
interface Proposal {
  readonly client: string;
  readonly msgId: number;
  readonly value: number;
}

/** A ballot, ordered by number and then by server. */
type Ballot = readonly [number: number, server: string];

/** A proposal that a server has accepted, and its ballot. */
interface Accepted {
  readonly ballot: Ballot;
  readonly proposal: Proposal;
}

/** The messages between servers. */
type Message =
  | { readonly type: "prepare"; readonly ballot: Ballot }
  | { readonly type: "prepared"; readonly ballot: Ballot; readonly last: Accepted | null }
  | { readonly type: "accept"; readonly ballot: Ballot; readonly proposal: Proposal }
  | { readonly type: "accepted"; readonly ballot: Ballot }
  | { readonly type: "decided"; readonly ballot: Ballot; readonly proposal: Proposal };

/** Returns true for a message of a server. Servers send no other bodies with a ballot. */
function isMessage(body: unknown): body is Message {
  return isObject(body) && Array.isArray(body["ballot"]);
}

function isBefore([a, x]: Ballot, [b, y]: Ballot): boolean {
  return a < b || (a === b && x < y);
}

function isSame([a, x]: Ballot, [b, y]: Ballot): boolean {
  return a === b && x === y;
}

/** A server. All of its fields are watched. */
class Server {
  readonly #node: Node;
  readonly #majority: number;
  readonly #ignoresAccepted: boolean;
  #ballot: Ballot = [0, ""];
  #proposal: Proposal | null = null;
  #prepares = new Map<string, Accepted | null>();
  #accepts = new Set<string>();
  #accepted: Accepted | null = null;
  #isDecided = false;

  constructor(node: Node, ignoresAccepted: boolean) {
    this.#node = node;
    this.#ignoresAccepted = ignoresAccepted;
    this.#majority = Math.floor(node.ids.length / 2) + 1;
    node.watch("state", () => [
      this.#ballot,
      this.#proposal,
      [...this.#prepares].sort(([a], [b]) => a < b ? -1 : 1),
      [...this.#accepts].sort(),
      this.#accepted,
      this.#isDecided,
    ]);
    node.on(
      "write",
      ({ value, msg_id }, client) => this.#put({ client, msgId: Number(msg_id), value: Number(value) }),
    );
    node.on("read", () => this.#isDecided ? { value: this.#accepted?.proposal.value ?? null } : undefined);
    for (const type of ["prepare", "prepared", "accept", "accepted", "decided"]) {
      node.on(type, (body, from) => {
        if (!this.#isDecided && isMessage(body)) this.#receive(body, from);
      });
    }
  }

  #put(proposal: Proposal): void {
    if (this.#isDecided || this.#proposal !== null) return;
    this.#proposal = proposal;
    this.#ballot = [this.#ballot[0] + 1, this.#node.id];
    this.#prepares = new Map([[this.#node.id, this.#accepted]]);
    this.#accepts = new Set();
    this.#broadcast({ type: "prepare", ballot: this.#ballot });
  }

  #receive(message: Message, from: string): void {
    const { ballot } = message;
    switch (message.type) {
      case "prepare":
        if (!isBefore(this.#ballot, ballot)) return;
        this.#ballot = ballot;
        return this.#send(from, { type: "prepared", ballot, last: this.#accepted });
      case "prepared":
        if (isSame(ballot, this.#ballot)) this.#prepared(from, message.last);
        return;
      case "accept":
        if (isBefore(ballot, this.#ballot)) return;
        this.#ballot = ballot;
        this.#accepted = { ballot, proposal: message.proposal };
        return this.#send(from, { type: "accepted", ballot });
      case "accepted":
        if (isSame(ballot, this.#ballot)) this.#countAccept(from);
        return;
      case "decided":
        this.#ballot = ballot;
        this.#accepted = { ballot, proposal: message.proposal };
        this.#isDecided = true;
    }
  }

  #prepared(from: string, last: Accepted | null): void {
    this.#prepares.set(from, last);
    if (this.#prepares.size !== this.#majority || this.#proposal === null) return;
    let latest: Accepted | null = null;
    for (const each of this.#prepares.values()) {
      if (each !== null && (latest === null || isBefore(latest.ballot, each.ballot))) latest = each;
    }
    const proposal = this.#ignoresAccepted ? this.#proposal : latest?.proposal ?? this.#proposal;
    this.#proposal = proposal;
    this.#accepted = { ballot: this.#ballot, proposal };
    this.#accepts.add(this.#node.id);
    this.#broadcast({ type: "accept", ballot: this.#ballot, proposal });
  }

  #countAccept(from: string): void {
    this.#accepts.add(from);
    const proposal = this.#proposal;
    if (this.#accepts.size !== this.#majority || proposal === null) return;
    this.#isDecided = true;
    this.#broadcast({ type: "decided", ballot: this.#ballot, proposal });
    this.#node.send(proposal.client, { type: "write_ok", in_reply_to: proposal.msgId });
  }

  #broadcast(message: Message): void {
    for (const peer of this.#node.peers) this.#send(peer, message);
  }

  #send(to: string, message: Message): void {
    this.#node.send(to, JSON.parse(JSON.stringify(message)));
  }
}

/** A correct server. */
export function paxos(node: Node): void {
  new Server(node, false);
}

/** A server that proposes its own value although another one may have been accepted. */
export function forgetfulPaxos(node: Node): void {
  new Server(node, true);
}
