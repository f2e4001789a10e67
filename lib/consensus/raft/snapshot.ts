/** Snapshots: taken (§5.1), sent in pieces to those who lag too far behind (§5.3), and installed. */

import { type Core, send } from "./core.ts";
import { invariant } from "../../protocol/errors.ts";
import type { Progress } from "./progress.ts";
import type { Snapshot, SnapshotChunk, SnapshotMeta } from "./types.ts";

/**
 * Takes note of a snapshot of the state after entry `index`, which must have been applied; `keep` entries before it stay
 * in the log for those who lag a little.
 */
export function compact(
  core: Core,
  options: { readonly index: number; readonly data: string; readonly keep: number },
): void {
  const { index, data, keep } = options;
  invariant(index <= core.applied, `cannot compact at ${index}: applied up to ${core.applied}`);
  if (index <= (core.snapshot?.index ?? 0)) return;
  const term = core.log.termAt(index);
  invariant(term !== undefined, `cannot compact at ${index}: not in the log`);
  const { membership, incarnations } = core.configs.at(index);
  core.snapshot = { index, term, membership, incarnations, data };
  core.snapshotToStore = core.snapshot;
  const base = Math.max(index - keep, core.log.firstIndex - 1);
  core.log.compact(base);
  core.configs.compact(base);
  core.discardBefore = base + 1;
}

/** Begins to send the latest snapshot to a peer that needs entries which are gone. */
export function beginSnapshot(core: Core, progress: Progress): void {
  const { snapshot } = core;
  invariant(snapshot !== undefined, "entries are compacted away only after a snapshot");
  progress.beginSnapshot(snapshot);
}

/** Sends the next piece; the one after it waits for the answer. */
export function sendChunk(
  core: Core,
  { to, progress, round }: { readonly to: string; readonly progress: Progress; readonly round: number },
): void {
  const { transfer } = progress;
  invariant(transfer !== undefined, `no snapshot is on its way to ${to}`);
  const { data, ...meta } = transfer.snapshot;
  const piece = data.slice(transfer.offset, transfer.offset + core.config.snapshotChunkChars);
  progress.waitingSince = core.now;
  progress.lastSentAt = core.now;
  send(core, { type: "snapshot", to, meta, offset: transfer.offset, total: data.length, data: piece, round });
}

/** Takes a piece; after the last one, installs. */
export function onChunk(core: Core, chunk: SnapshotChunk): void {
  const { meta, round, stamp } = chunk;
  if (meta.index <= core.commit) { // all of it is here already, and what is committed agrees with every leader's log
    send(core, { type: "append_ok", to: chunk.from, match: core.commit, round }, { answers: stamp });
    return;
  }
  const known = core.incoming;
  const fresh = known === undefined || known.from !== chunk.from || known.term !== chunk.term ||
    known.meta.index !== meta.index;
  const incoming = fresh ? { from: chunk.from, term: chunk.term, meta, pieces: [], length: 0 } : known;
  core.incoming = incoming;
  if (chunk.offset === incoming.length) {
    incoming.pieces.push(chunk.data);
    incoming.length += chunk.data.length;
  }
  if (incoming.length < chunk.total) {
    send(core, { type: "snapshot_ok", to: chunk.from, index: meta.index, offset: incoming.length, round }, {
      answers: stamp,
    });
    return;
  }
  core.incoming = undefined;
  install(core, { ...meta, data: incoming.pieces.join("") });
  send(core, { type: "append_ok", to: chunk.from, match: meta.index, round }, { answers: stamp });
}

/** Takes a snapshot for one's own state (§5.1): what follows it in the log stays only if the log agrees with it. */
function install(core: Core, snapshot: Snapshot): void {
  const { index, term, data: _data, ...configuration } = snapshot satisfies SnapshotMeta;
  const agrees = core.rules.keepsSuffix(core.log.termAt(index), term) && index <= core.log.lastIndex;
  if (agrees) {
    core.log.compact(index);
    core.configs.compact(index);
    core.discardBefore = index + 1;
  } else {
    core.log.reset(index, term);
    core.configs.reset({ index, ...configuration });
    core.unstored = [];
    core.truncateFrom = 1; // nothing that is stored continues the snapshot
  }
  core.snapshot = snapshot;
  core.snapshotToStore = snapshot;
  core.restore = true;
  core.commit = index;
  core.applied = index;
}
