/**
 * Snapshots: taken (§5.1), sent in pieces to peers that lag too far behind (§5.3), and installed.
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import { invariant } from "../../protocol/errors.ts";
import { IncomingSnapshot } from "../snapshot_transfer.ts";
import type { NodeId, Snapshot } from "../types.ts";
import { type Core, send } from "./core.ts";
import type { Progress } from "./progress.ts";
import type { SnapshotChunk } from "./types.ts";

/**
 * Records a snapshot of the state after entry `index`, which must be applied. `keep` entries before it stay in the log for peers
 * that lag a little.
 */
export function compact(core: Core, index: number, data: string, keep: number): void {
  invariant(index <= core.applied, () => `cannot compact at ${index}: applied up to ${core.applied}`);
  if (core.snapshot !== undefined && index <= core.snapshot.index) return;
  const term = core.log.termAt(index);
  invariant(term !== undefined, () => `cannot compact at ${index}: not in the log`);
  const { membership, incarnations } = core.configs.at(index);
  core.snapshot = { index, term, membership, incarnations, data };
  core.pending.snapshot = core.snapshot;
  const base = Math.max(index - keep, core.log.firstIndex - 1);
  core.log.compact(base);
  core.configs.compact(base);
  core.pending.discardBefore = base + 1;
}

/** Starts to send the latest snapshot to a peer that needs entries which are compacted away. */
export function beginSnapshot(core: Core, progress: Progress): void {
  const { snapshot } = core;
  invariant(snapshot !== undefined, "entries are compacted away only after a snapshot");
  progress.beginSnapshot(snapshot);
}

/** Sends the next piece. The one after it waits for the reply. */
export function sendChunk(core: Core, to: NodeId, progress: Progress, round: number): void {
  invariant(progress.snapshot !== undefined, () => `no snapshot is on its way to ${to}`);
  progress.waitingSince = core.now;
  progress.lastSentAt = core.now;
  const piece = progress.snapshot.piece(core.config.snapshotChunkChars);
  send(core, { type: "snapshot", to, ...piece, round });
}

/** Handles a piece, and installs the snapshot after the last one. */
export function onChunk(core: Core, chunk: SnapshotChunk): void {
  const { from, term, meta, round, stamp } = chunk;
  if (meta.index <= core.commit) { // this node has all of it, and its committed entries agree with every leader's log
    return send(core, { type: "append_ok", to: from, match: core.commit, round }, stamp?.from);
  }
  const { inbound } = core;
  if (!inbound.snapshot?.isSame(from, term, meta.index)) {
    inbound.snapshot = new IncomingSnapshot(from, term, meta);
  }
  const snapshot = inbound.snapshot.add(chunk);
  if (snapshot === undefined) {
    const offset = inbound.snapshot.length;
    return send(core, { type: "snapshot_ok", to: from, index: meta.index, offset, round }, stamp?.from);
  }
  inbound.snapshot = undefined;
  install(core, snapshot);
  send(core, { type: "append_ok", to: from, match: meta.index, round }, stamp?.from);
}

/** Replaces this node's state by a snapshot (§5.1). Later entries stay only if the log agrees with the snapshot. */
function install(core: Core, snapshot: Snapshot): void {
  const { index, term, membership, incarnations } = snapshot;
  const agrees = core.rules.keepsSuffix(core.log.termAt(index), term) && index <= core.log.lastIndex;
  if (agrees) {
    core.log.compact(index);
    core.configs.compact(index);
    core.pending.discardBefore = index + 1;
  } else {
    core.log.reset({ index, term });
    core.configs.reset({ index, membership, incarnations });
    core.pending.entries = [];
    core.pending.truncateFrom = 1; // no stored entry continues the snapshot
  }
  core.snapshot = snapshot;
  core.pending.snapshot = snapshot;
  core.pending.restore = true;
  core.commit = index;
  core.applied = index;
}
