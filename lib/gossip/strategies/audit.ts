/**
 * Audits by a leaf that knows of failures: it looks for nodes that no hub reaches.
 *
 * Tested by `tests/gossip/strategies_test.ts`.
 */

import type { AntiEntropy } from "../anti_entropy.ts";
import type { NextAction } from "../next_action.ts";
import type { Peer } from "../peer/peer.ts";
import type { VersionVector } from "../version_vector.ts";
import type { Hub } from "./hub.ts";
import type { Leaf } from "./leaf.ts";
import type { RoundDelays } from "./round_delays.ts";

/** The number of rounds between two audits of a node. */
const AUDIT_ROUNDS = 3;

/** The inputs of {@linkcode Audit}. */
export interface AuditOptions {
  readonly delays: RoundDelays;
  readonly leaf: Leaf;
  readonly hub: Hub;
}

/**
 * Audits of one node. If a node before this one is down, some peer may be reachable from here although no hub reaches it.
 * So this node asks all other peers for their vectors, one per audit, in turn. If a peer still lacks what this node had at
 * the last audit of that peer, no hub serves it, and this node sends it the changes.
 */
export class Audit {
  readonly #antiEntropy: AntiEntropy;
  readonly #options: AuditOptions;
  readonly #lastAudit = new Map<string, VersionVector>(); // id → this node's vector at its last audit
  #auditedAt = -Infinity;
  #audits = 0;

  constructor(antiEntropy: AntiEntropy, options: AuditOptions) {
    this.#antiEntropy = antiEntropy;
    this.#options = options;
  }

  /** Schedules the next audit, if there is a reason for one. */
  scheduleActions(actions: NextAction): void {
    if (this.#antiEntropy.unreachable.size === 0) return;
    const next = this.#next();
    if (next === undefined) return;
    if (this.#auditedAt === -Infinity) this.#auditedAt = actions.now;
    actions.scheduleFor(
      next,
      this.#auditedAt + AUDIT_ROUNDS * this.#options.delays.roundMs,
      this.#audit,
    );
  }

  /** Returns the peer to audit next, if there is a reason for an audit. */
  #next(): Peer | undefined {
    const { peers, unreachable } = this.#antiEntropy;
    const { leaf, hub } = this.#options;
    if (leaf.hub === undefined || !leaf.hubCandidates.some((peer) => unreachable.has(peer))) return undefined;
    const behind = peers.filter((peer) =>
      peer !== leaf.hub && !hub.isResponsibleFor(peer) && this.#antiEntropy.isBehind(peer)
    );
    return behind[this.#audits % behind.length];
  }

  readonly #audit = (peer: Peer, now: number): void => {
    this.#auditedAt = now;
    this.#audits++;
    const before = this.#lastAudit.get(peer.id);
    this.#lastAudit.set(peer.id, this.#antiEntropy.version.copy());
    const withoutDeltas = before === undefined || !peer.delivery.isBehind(before);
    this.#antiEntropy.send(peer, now, { requestReply: true, withoutDeltas });
  };
}
