/** Transfer of a snapshot in pieces, from its sender's and from its receiver's side. */

import type { NodeId, Snapshot, SnapshotMeta } from "./types.ts";

/** One piece of a snapshot: `data` is at `offset` of `total` UTF-16 code units. */
export interface SnapshotPiece {
  readonly meta: SnapshotMeta;
  readonly offset: number;
  readonly total: number;
  readonly data: string;
}

/** A snapshot in transfer to a peer. */
export class OutgoingSnapshot {
  readonly snapshot: Snapshot;
  #offset = 0;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  /** Returns the piece that the peer needs next, of `charsMax` UTF-16 code units at most. */
  piece(charsMax: number): SnapshotPiece {
    const { data, ...meta } = this.snapshot;
    const offset = this.#offset;
    return { meta, offset, total: data.length, data: data.slice(offset, offset + charsMax) };
  }

  /** Records how much has arrived. */
  acknowledge(offset: number): void {
    this.#offset = Math.min(offset, this.snapshot.data.length);
  }
}

/** A snapshot that is arriving. */
export class IncomingSnapshot {
  readonly #from: NodeId;
  readonly #term: number;
  readonly #meta: SnapshotMeta;
  readonly #pieces: string[] = [];
  #length = 0;

  constructor(from: NodeId, term: number, meta: SnapshotMeta) {
    this.#from = from;
    this.#term = term;
    this.#meta = meta;
  }

  /** The number of UTF-16 code units that have arrived. */
  get length(): number {
    return this.#length;
  }

  /** Returns true if a snapshot of `index` that `from` sends in `term` is this one. */
  isSame(from: NodeId, term: number, index: number): boolean {
    return this.#from === from && this.#term === term && this.#meta.index === index;
  }

  /** Adds a piece if it is the next one. Returns the snapshot when it is complete. */
  add({ offset, total, data }: SnapshotPiece): Snapshot | undefined {
    if (offset === this.#length) {
      this.#pieces.push(data);
      this.#length += data.length;
    }
    return this.#length < total ? undefined : { ...this.#meta, data: this.#pieces.join("") };
  }
}
