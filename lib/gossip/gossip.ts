/**
 * Gossip as a pure state machine. Messages, changes and ticks go in; messages and the next deadline come out. The current
 * time is an argument, in ms. The machine has no clock, no randomness and no I/O.
 *
 * # From a change to its last acknowledgement
 *
 * 1. A client's request changes the replica of one node. The driver calls `changed`, which advances this node's version
 *    vector (`anti_entropy.ts`) and tells the strategy.
 * 2. The strategy decides when the change leaves, and to whom:
 *    - `hub` (`strategies/leaf.ts`): the node is a leaf. It sends a gather to its hub, at the time that `leaf_timing.ts`
 *      gives, so that it arrives shortly before the hub's next scatter. In a quiet cluster it leaves at once.
 *    - `direct` (`strategies/hub_strategy.ts`): it leaves to every node at once, and the rounds only repair losses.
 *    - `topology` (`strategies/neighbors.ts`): it leaves to the neighbors, in batches.
 * 3. Until then it is only a deadline. Every tick collects all actions with their times in `next_action.ts`, runs the first
 *    that is due, and collects again. The driver calls `tick` at `deadline`.
 * 4. When the message leaves, `AntiEntropy.send` adds the changes that the peer lacks according to `peer/delivery.ts`, the
 *    counts that it cannot infer, and an acknowledgement of its latest message. From now on the changes are sent, but
 *    unacknowledged, and `peer/liveness.ts` awaits a reply. Changes that do not fit into one message follow in parts: the
 *    peer acknowledges each part at once.
 * 5. The hub merges the gather and sends a scatter to all nodes that lack the change: once per round, at the time that
 *    `hub_timing.ts` gives, or earlier if the change would otherwise be too old.
 * 6. A leaf merges the scatter. The acknowledgement travels with its next gather, or alone after a few rounds.
 * 7. If the acknowledgement does not arrive in time, the sender sends the change again. If nothing arrives from the peer
 *    until its reply deadline, the peer is considered down: everything that it did not acknowledge is treated as lost, and
 *    a probe without changes asks it from time to time. If the peer was the hub, the next node in the order replaces it.
 * 8. When every peer has acknowledged everything, no deadline is left, and no node sends a message.
 */

import { invariant } from "../protocol/errors.ts";
import { AntiEntropy, type AntiEntropyOptions } from "./anti_entropy.ts";
import type { GossipMessage, Outgoing } from "./message.ts";
import { NextAction } from "./next_action.ts";
import type { Peer } from "./peer/peer.ts";
import { HubStrategy } from "./strategies/hub_strategy.ts";
import { NeighborStrategy } from "./strategies/neighbors.ts";
import type { Strategy, StrategyStatus } from "./strategies/strategy.ts";

/** The strategies: in rounds through a hub, directly to every node, or along a given graph. */
export type Dissemination = "hub" | "direct" | "topology";

/** The time after which a node that has started asks again for the others' state, in ms. It doubles with each attempt. */
const BOOTSTRAP_RETRY_MS = 600;
/** The limit of that time, in ms. */
const BOOTSTRAP_RETRY_MS_MAX = 2000;
/** The number of actions per peer in one tick at most. More would mean that an action does not make progress. */
const ACTIONS_PER_PEER_MAX = 8;
/** A tick that is later than its deadline by more than this, in ms, shows that the process was stalled. */
const STALL_THRESHOLD_MS = 50;

/** The configuration of {@linkcode Gossip}. */
export interface GossipOptions extends AntiEntropyOptions {
  readonly dissemination: Dissemination;
  /** The age of a change, in ms, at which the last node learns of it, unless messages are lost or slow. */
  readonly latencyMsMax: number;
}

/** The gossip of one node. After each input, send what `takeOutbox` returns, and call `tick` at `deadline`. */
export class Gossip {
  readonly #antiEntropy: AntiEntropy;
  readonly #strategy: Strategy;
  readonly #neighbors: NeighborStrategy | undefined;
  readonly #peers: readonly Peer[];
  #joined = false;
  #bootstrapAt = Infinity;
  #bootstrapAttempts = 0;
  #probedAt = -Infinity;
  #probedAllAt = -Infinity;
  #deadline = Infinity;

  constructor(options: GossipOptions) {
    const { dissemination, latencyMsMax } = options;
    this.#antiEntropy = new AntiEntropy(options);
    this.#peers = this.#antiEntropy.peers;
    if (dissemination === "topology") {
      this.#strategy = this.#neighbors = new NeighborStrategy(this.#antiEntropy, latencyMsMax);
    } else {
      const direct = dissemination === "direct";
      this.#strategy = new HubStrategy(this.#antiEntropy, latencyMsMax, direct);
    }
  }

  /** Starts the node. It asks the others for their state, because it may have restarted without its memory. */
  start(now: number): void {
    this.#antiEntropy.noteChanges(now);
    this.#joined = this.#peers.length === 0;
    this.#bootstrapAt = now + this.#strategy.bootstrapDelayMs;
    this.tick(now);
  }

  /** Handles a change that this node made to its replica. */
  changed(now: number): void {
    this.#antiEntropy.noteChanges(now);
    this.#strategy.changed(now);
    this.tick(now);
  }

  /** Handles a message. */
  receive(from: string, message: GossipMessage, now: number): void {
    this.#compensateForStall(now);
    const received = this.#antiEntropy.receive(from, message, now);
    if (received === undefined) return;
    if (received.peer.state === "up") this.#joined = true;
    this.#strategy.received(received, now);
    if (received.event === "recovered") this.#probeAll(now);
    this.tick(now);
  }

  /** Sets the neighbors that `topology` uses. The other strategies ignore them. */
  connect(neighbors: readonly string[], now: number): void {
    this.#neighbors?.connect(neighbors, now);
    this.tick(now);
  }

  /**
   * Runs all actions that are due. It terminates, because each action removes the condition that made it due: a message
   * moves `lastSentAt` and clears what it answers or acknowledges, and a peer that is marked unreachable awaits no reply.
   */
  tick(now: number): void {
    this.#compensateForStall(now);
    for (let left = ACTIONS_PER_PEER_MAX * (1 + this.#peers.length);; left--) {
      const next = this.#nextAction(now);
      this.#deadline = next.deadline;
      if (!next.isDue) return;
      invariant(left > 0, "a tick of gossip does not end: an action stays due after it has run");
      next.run();
    }
  }

  /** The role of this node, its hub, and the peers that do not respond. */
  get status(): StrategyStatus & { readonly unreachable: readonly string[] } {
    const unreachable = this.#peers.filter(({ state }) => state === "down").map(({ id }) => id);
    return { ...this.#strategy.status, unreachable };
  }

  /** The time at which `tick` has something to do; `Infinity` if nothing is outstanding. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Returns the messages to send, and empties the outbox. */
  takeOutbox(): Outgoing[] {
    return this.#antiEntropy.takeOutbox();
  }

  /** Extends every reply deadline by the length of a stall: replies may already be waiting in this node's queue. */
  #compensateForStall(now: number): void {
    const stalledMs = now - this.#deadline;
    this.#deadline = Infinity;
    if (stalledMs <= STALL_THRESHOLD_MS) return;
    for (const peer of this.#peers) peer.liveness.extendReplyTimeout(stalledMs);
  }

  #nextAction(now: number): NextAction {
    const actions = new NextAction(now);
    if (!this.#joined) actions.schedule(this.#bootstrapAt, this.#bootstrap);
    for (const peer of this.#peers) {
      const { replyDeadline } = peer.liveness;
      if (replyDeadline !== undefined) actions.scheduleFor(peer, replyDeadline, this.#markUnreachable);
      if (peer.replyDueAt !== undefined) actions.scheduleFor(peer, peer.replyDueAt, this.#answer);
      if (peer.ackPendingSince !== undefined) {
        actions.scheduleFor(
          peer,
          this.#strategy.ackDueAt(peer, peer.ackPendingSince),
          this.#acknowledge,
        );
      }
    }
    this.#scheduleProbe(actions);
    this.#strategy.scheduleActions(actions);
    return actions;
  }

  /** Schedules a probe of the unreachable peer that was probed least recently, at most two per `probeMs` over all peers. */
  #scheduleProbe(actions: NextAction): void {
    if (this.#antiEntropy.unreachable.size === 0) return;
    let next: Peer | undefined;
    for (const peer of this.#peers) {
      if (this.#needsProbes(peer) && (next === undefined || peer.lastSentAt < next.lastSentAt)) next = peer;
    }
    if (next === undefined) return;
    const { probeMs } = this.#strategy;
    const at = Math.max(next.lastSentAt + probeMs, this.#probedAt + probeMs / 2);
    actions.scheduleFor(next, at, this.#probeNext);
  }

  readonly #probeNext = (peer: Peer, now: number): void => {
    this.#probedAt = now;
    this.#probe(peer, now);
  };

  readonly #answer = (peer: Peer, now: number): void => this.#antiEntropy.send(peer, now);

  readonly #acknowledge = (peer: Peer, now: number): void =>
    this.#antiEntropy.send(peer, now, { withoutDeltas: true });

  /** Probes all unreachable peers after one has recovered, because a partition that affected several may have healed. */
  #probeAll(now: number): void {
    if (now - this.#probedAllAt < this.#strategy.probeMs) return;
    this.#probedAllAt = now;
    for (const peer of this.#peers) if (this.#needsProbes(peer)) this.#probe(peer, now);
  }

  /** Returns true if a peer is unreachable, and this node is responsible for it. */
  #needsProbes(peer: Peer): boolean {
    return peer.state === "down" && this.#strategy.isResponsibleFor(peer) && this.#antiEntropy.isBehind(peer); // plant: no-probe
  }

  #probe(peer: Peer, now: number): void {
    this.#antiEntropy.send(peer, now, { requestReply: true, withoutDeltas: true });
  }

  readonly #markUnreachable = (peer: Peer, now: number): void => {
    this.#antiEntropy.markUnreachable(peer, now);
    this.#strategy.unreachable(peer, now);
  };

  /** Asks the next peer for its state, and schedules the attempt after it. */
  readonly #bootstrap = (now: number): void => {
    const { bootstrapPeers } = this.#strategy;
    const peer = bootstrapPeers[this.#bootstrapAttempts % bootstrapPeers.length];
    this.#bootstrapAt = now +
      Math.min(BOOTSTRAP_RETRY_MS * 2 ** this.#bootstrapAttempts, BOOTSTRAP_RETRY_MS_MAX);
    this.#bootstrapAttempts++;
    if (peer !== undefined) this.#antiEntropy.send(peer, now, { requestReply: true });
  };
}
