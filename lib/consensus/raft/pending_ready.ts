/** The work that a turn has collected for its batch. Tested by `tests/consensus/raft/transcripts_test.ts`. */

import type { Entry, ReadState, Snapshot } from "../types.ts";
import type { HardState, Message, Ready } from "./types.ts";

/** Collects what the next {@linkcode Ready} hands out. */
export class PendingReady {
  messages: Message[] = [];
  entries: Entry[] = [];
  truncateFrom: number | undefined;
  discardBefore: number | undefined;
  snapshot: Snapshot | undefined;
  /** True if `snapshot` came from the leader. */
  restore = false;
  reads: ReadState[] = [];
  /** The hard state that was handed out last. */
  storedHardState: HardState;

  constructor(storedHardState: HardState) {
    this.storedHardState = storedHardState;
  }

  /** Removes the entries from an index on, also from the store. */
  truncate(from: number): void {
    this.truncateFrom = Math.min(this.truncateFrom ?? from, from);
    this.entries = this.entries.filter(({ index }) => index < from);
  }

  /** Returns everything collected and starts again, with nothing. */
  take(): Pick<
    Ready,
    "snapshot" | "restore" | "truncateFrom" | "entries" | "discardBefore" | "messages" | "reads"
  > {
    const { snapshot, restore, truncateFrom, entries, discardBefore, messages, reads } = this;
    this.snapshot = this.truncateFrom = this.discardBefore = undefined;
    this.restore = false;
    this.entries = [];
    this.messages = [];
    this.reads = [];
    return { snapshot, restore, truncateFrom, entries, discardBefore, messages, reads };
  }
}
