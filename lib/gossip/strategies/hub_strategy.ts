/**
 * Dissemination through a hub, in rounds. All other nodes, the *leaves*, send their changes to the hub at the same time, in
 * a *gather*. The hub sends everything that is new to all leaves, in a *scatter*, whose arrival sets the time of the next
 * gather. A round costs at most 2n - 2 messages at any rate of changes, which is optimal: see README.md.
 *
 * There is no election. The hub of a node is the first node in the agreed order that responds to it. A node that reaches no
 * earlier node is the hub, and is responsible for all nodes. A node that another one treats as its hub is responsible for
 * that one. So two nodes that can communicate, of which one is the other's hub, exchange everything they know, and changes
 * spread through every connected part of a partitioned network.
 *
 * Tested by `tests/gossip/hub_loss_test.ts`.
 */

import type { AntiEntropy, Received, SendOptions } from "../anti_entropy.ts";
import { type ByOrigin, eachOrigin } from "../message.ts";
import type { NextAction } from "../next_action.ts";
import type { Peer } from "../peer/peer.ts";
import { Audit } from "./audit.ts";
import { Hub } from "./hub.ts";
import { HubTiming } from "./hub_timing.ts";
import { Leaf } from "./leaf.ts";
import { LeafTiming } from "./leaf_timing.ts";
import { RoundDelays } from "./round_delays.ts";
import type { Strategy, StrategyStatus } from "./strategy.ts";

/** The number of rounds, in addition to the expected reply time, after which a silent peer is considered down. */
const SILENT_ROUNDS = 2;

/** The strategies `hub` and `direct`. Every node has both roles, {@linkcode Leaf} and {@linkcode Hub}. */
export class HubStrategy implements Strategy {
  readonly bootstrapDelayMs = 0;
  readonly #antiEntropy: AntiEntropy;
  readonly #timing: HubTiming;
  readonly #delays: RoundDelays;
  readonly #leaf: Leaf;
  readonly #hub: Hub;
  readonly #audit: Audit;
  readonly #direct: boolean;

  /** With `direct`, changes go directly to every node, and the rounds only repair losses. */
  constructor(antiEntropy: AntiEntropy, latencyMsMax: number, direct: boolean) {
    this.#antiEntropy = antiEntropy;
    this.#direct = direct;
    const hubTiming = this.#timing = new HubTiming(latencyMsMax);
    const leafTiming = new LeafTiming(hubTiming.roundMs);
    const delays = this.#delays = new RoundDelays({
      hubTiming,
      leafTiming,
      direct,
      isHub: () => this.#isHub,
    });
    const leaf = this.#leaf = new Leaf(antiEntropy, {
      timing: leafTiming,
      delays,
      direct,
      onHubChosen: (hub) => this.#hub.removeDependent(hub),
    });
    const hub = this.#hub = new Hub(antiEntropy, { timing: hubTiming, delays, leaf, direct });
    this.#audit = new Audit(antiEntropy, { delays, leaf, hub });
    antiEntropy.replyTimeoutMs = (peer, options) => this.#replyTimeoutMs(peer, options);
  }

  /** All peers in the agreed order, because the first one is normally the hub. */
  get bootstrapPeers(): readonly Peer[] {
    return this.#antiEntropy.peers;
  }

  get status(): StrategyStatus {
    const { hub } = this.#leaf;
    const roundMs = Math.round(this.#delays.roundMs);
    return hub === undefined
      ? { role: "hub", hub: this.#antiEntropy.self, roundMs }
      : { role: "leaf", hub: hub.id, roundMs };
  }

  get probeMs(): number {
    return this.#timing.latencyMsMax;
  }

  isResponsibleFor(peer: Peer): boolean {
    return this.#hub.isResponsibleFor(peer);
  }

  ackDueAt(peer: Peer, since: number): number {
    if (this.isResponsibleFor(peer) && !this.#direct) return Infinity; // the next scatter acknowledges
    return since + this.#delays.ackMs;
  }

  changed(now: number): void {
    if (this.#direct) this.#sendToAll(now);
    this.#leaf.refresh(now);
  }

  received({ peer, message, learned, event }: Received, now: number): void {
    if (message.direct) this.#recordDirect(peer, message.deltas ?? [], now);
    if (event === "restarted" && !message.requestReply && !this.#isHub) this.#leaveToOthers(peer, now);
    this.#leaf.refresh(now);
    if (message.roundMs !== undefined) this.#onScatter(peer, message.roundMs, now);
    else if (message.oldestAgeMs !== undefined) {
      // A gather that left before the last scatter arrived does not answer it, so another one is still expected.
      const inRound = this.#timing.onGather(message.ack?.[1] ?? -Infinity, now);
      this.#hub.onGather(peer, { oldestAgeMs: message.oldestAgeMs, inRound, learned }, now);
    }
    if (message.requestReply) this.#antiEntropy.answer(peer, now);
    else if (event === "recovered" && peer !== this.#leaf.hub && this.#antiEntropy.hasUnsentChanges(peer)) {
      this.#antiEntropy.send(peer, now); // a hub gets a gather at once, because it was just chosen
    }
    this.#leaf.refresh(now);
  }

  unreachable(peer: Peer, now: number): void {
    this.#hub.removeDependent(peer);
    const wasHub = peer === this.#leaf.hub;
    this.#leaf.refresh(now);
    if (wasHub && this.#leaf.hub?.state === "unknown") this.#leaf.askCandidates(now);
  }

  scheduleActions(actions: NextAction): void {
    this.#leaf.scheduleActions(actions);
    this.#hub.scheduleActions(actions);
    this.#audit.scheduleActions(actions);
  }

  get #isHub(): boolean {
    return this.#leaf.hub === undefined;
  }

  #onScatter(peer: Peer, roundMs: number, now: number): void {
    this.#hub.removeDependent(peer);
    if (peer === this.#leaf.hub) this.#leaf.onScatter(peer, roundMs, now);
    else this.#antiEntropy.send(peer, now); // it acts as a hub, and may lack what this node has
  }

  /** Records that a change is in flight to every node, because its sender sends it to all. */
  #recordDirect(sender: Peer, deltas: ByOrigin, now: number): void {
    const { version, peers, origins } = this.#antiEntropy;
    eachOrigin(deltas, (name) => {
      const origin = origins.numberOf(name);
      const count = version.get(origin);
      for (const peer of peers) if (peer !== sender) peer.delivery.markSent(origin, count, now);
    });
    // The sender's hub acknowledges on behalf of all its leaves.
    if (sender !== this.#leaf.hub && !this.isResponsibleFor(sender)) sender.ackPendingSince = undefined;
  }

  /** Leaves it to others to send a restarted peer the changes of other nodes: it asks one node, and one answer is enough. */
  #leaveToOthers(peer: Peer, now: number): void {
    const { version, origins, replica } = this.#antiEntropy;
    for (const [origin, name] of origins.names.entries()) {
      if (!replica.isOwn(name)) peer.delivery.markSent(origin, version.get(origin), now);
    }
  }

  #sendToAll(now: number): void {
    for (const peer of this.#antiEntropy.peers) {
      if (peer.state !== "down") this.#antiEntropy.send(peer, now, { direct: true });
    }
  }

  #replyTimeoutMs(peer: Peer, { requestReply, direct }: SendOptions): number | undefined {
    const toHub = peer === this.#leaf.hub;
    const responsible = this.isResponsibleFor(peer);
    if (direct && !toHub && !responsible) return undefined;
    const ackIsDelayed = !requestReply && (responsible || !toHub || this.#direct);
    const { roundMs, ackMs } = this.#delays;
    return this.#delays.replyMs(peer) + SILENT_ROUNDS * roundMs + (ackIsDelayed ? ackMs : 0);
  }
}
