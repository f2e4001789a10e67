/**
 * A disk that loses unsynced writes when its node is killed, and that can be damaged. The store on it is the real one,
 * byte by byte; only the files are simulated.
 */

import type { Storage } from "../runtime/host.ts";
import type { StoreFile, StoreFolder } from "../runtime/storage/files.ts";
import { openStore, setStoreAside } from "../runtime/storage/store.ts";
import type { SeededRandom } from "./random.ts";

/** A damage to one file. */
export type Damage =
  | { readonly kind: "flip"; readonly file: string; readonly byte: number; readonly bit: number }
  | { readonly kind: "zero"; readonly file: string; readonly from: number; readonly to: number }
  | { readonly kind: "truncate"; readonly file: string; readonly size: number }
  | { readonly kind: "remove"; readonly file: string }
  | { readonly kind: "replace"; readonly file: string; readonly bytes: Uint8Array };

/** The error of a disk whose node was killed within one of its steps. */
export class KilledError extends Error {
  constructor() {
    super("the node was killed");
    this.name = "KilledError";
  }
}

/** The pending writes of the system at a power failure. */
type Pending =
  | { readonly kind: "write"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number };

type NameChange = (names: Map<string, Content>) => void;

/** The bytes of a file: those that are read, and those that survive. */
class Content {
  current = new Uint8Array();
  durable = new Uint8Array();
  pending: Pending[] = [];

  change(pending: Pending): void {
    this.current = changed(this.current, pending);
    this.pending.push(pending);
  }

  sync(): void {
    for (const each of this.pending) this.durable = changed(this.durable, each);
    this.pending = [];
  }
}

/** The bytes after a change. Grows by doubling the buffer behind them, since a log is written piece by piece. */
function changed(bytes: Uint8Array<ArrayBuffer>, change: Pending): Uint8Array<ArrayBuffer> {
  if (change.kind === "truncate") return bytes.slice(0, change.size);
  const end = Math.max(bytes.length, change.at + change.bytes.length);
  const hasRoom = bytes.byteOffset === 0 && bytes.buffer.byteLength >= end;
  const grown = hasRoom
    ? new Uint8Array(bytes.buffer, 0, end)
    : new Uint8Array(new ArrayBuffer(2 * end), 0, end);
  if (!hasRoom) grown.set(bytes);
  grown.set(change.bytes, change.at);
  return grown;
}

/** Returns the bytes of a file after a damage; undefined if the file is gone. */
export function damagedBytes(
  whole: Uint8Array<ArrayBuffer>,
  damage: Damage,
): Uint8Array<ArrayBuffer> | undefined {
  const bytes = whole.slice();
  switch (damage.kind) {
    case "flip":
      bytes[damage.byte] = (bytes[damage.byte] ?? 0) ^ (1 << damage.bit);
      return bytes;
    case "zero":
      return bytes.fill(0, damage.from, damage.to);
    case "truncate":
      return bytes.slice(0, damage.size);
    case "replace":
      return Uint8Array.from(damage.bytes);
    case "remove":
      return undefined;
  }
}

/** The minimum length of a log that is rewritten, in bytes: small, so that short runs contain rewrites. */
const REWRITE_BYTES_MIN = 8 * 1024;

/** The outcome of writes that a killed node had not synced: a power failure may keep any part of them. */
export type Unsynced = "lost" | "kept" | SeededRandom;

/** The disks of a cluster, for disk faults. Operations on a node that is dead do nothing. */
export interface DiskControl {
  /** Lets each sync with changes take some time, in which the node does nothing; 0 ends that. */
  slowDisk(id: string, delayMs: number): void;
  /** Lets the next write or sync fail, which ends the node. */
  failDisk(id: string): void;
  /** Ends the failure of a disk. */
  repairDisk(id: string): void;
  /** Damages a file of a dead node's disk at random. Returns the damage in words; undefined if the disk is empty. */
  damageDisk(id: string, random: SeededRandom): string | undefined;
  /** True unless the node is dead. */
  isRunning(id: string): boolean;
}

/** A node's disk, which outlives its incarnations. */
export class Disk {
  #names = new Map<string, Content>();
  #durableNames = new Map<string, Content>();
  #pendingNames: NameChange[] = [];
  #incarnation = 0;
  #stores = 0;
  #syncs = 0;
  #steps = 0;
  #stepsMax = Infinity;
  readonly #nodeId: string;
  readonly #log: (line: string) => void;

  constructor(options: { readonly nodeId?: string; readonly log?: (line: string) => void } = {}) {
    this.#nodeId = options.nodeId ?? "n0";
    this.#log = options.log ?? (() => {});
  }

  /** The number of syncs. */
  get syncs(): number {
    return this.#syncs;
  }

  /** The number of writes, syncs and renames so far: the moments at which kills differ. */
  get steps(): number {
    return this.#steps;
  }

  /** Kills the node within the step after `count` further ones, which is done in part. Infinity cancels it. */
  killAfter(count: number): void {
    this.#stepsMax = this.#steps + count;
  }

  /** Opens the disk for one incarnation of its node, after the end of the previous one. */
  open(unsynced: Unsynced = "lost"): Storage {
    this.crash(unsynced);
    return openStore(this.#folder(), this.#options());
  }

  /** Sets the damaged store aside, and opens an empty one. */
  replace(): Storage {
    const folder = this.#folder();
    setStoreAside(folder, this.#nodeId);
    return openStore(folder, this.#options());
  }

  /** The durable bytes of each file. */
  get files(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#durableNames].map(([name, { durable }]) => [name, durable]));
  }

  /** Replaces all files, between two incarnations. */
  restore(files: ReadonlyMap<string, Uint8Array>): void {
    this.#durableNames = new Map([...files].map(([name, bytes]) => {
      const content = new Content();
      content.durable = Uint8Array.from(bytes);
      return [name, content];
    }));
    this.#pendingNames = [];
  }

  /** Damages a file between two incarnations, as a failing device would. */
  damage(damage: Damage): void {
    const content = this.#durableNames.get(damage.file);
    if (content === undefined) throw new Error(`there is no file ${damage.file}`);
    const bytes = damagedBytes(content.durable, damage);
    if (bytes === undefined) this.#durableNames.delete(damage.file);
    else content.durable = bytes;
  }

  #options() {
    const store = `${this.#nodeId}-${this.#stores++}`;
    return {
      nodeId: this.#nodeId,
      run: undefined,
      newId: () => store,
      log: this.#log,
      rewriteBytesMin: REWRITE_BYTES_MIN,
    };
  }

  /** Ends an incarnation of the node, and decides the outcome of its unsynced writes. */
  crash(unsynced: Unsynced): void {
    this.#incarnation++;
    if (this.#steps > this.#stepsMax) this.#stepsMax = Infinity; // that kill has happened
    const names = this.#pendingNames.length;
    const kept = unsynced === "lost" ? 0 : unsynced === "kept" ? names : unsynced.below(names + 1);
    for (const change of this.#pendingNames.slice(0, kept)) change(this.#durableNames);
    this.#pendingNames = [];
    this.#names = new Map(this.#durableNames);
    for (const content of this.#names.values()) {
      for (const pending of content.pending) {
        const part = partOf(pending, unsynced);
        if (part !== undefined) content.durable = changed(content.durable, part);
      }
      content.pending = [];
      content.current = content.durable.slice();
    }
  }

  /** Counts a step. Returns true if the node is killed in it. */
  #isKilled(incarnation: number): boolean {
    if (incarnation !== this.#incarnation || this.#steps >= this.#stepsMax + 1) throw new KilledError();
    return ++this.#steps > this.#stepsMax;
  }

  #folder(): StoreFolder {
    const incarnation = this.#incarnation;
    const rename = (change: NameChange) => {
      const killed = this.#isKilled(incarnation);
      change(this.#names);
      this.#pendingNames.push(change);
      if (killed) throw new KilledError();
    };
    return {
      name: "disk",
      has: (name) => this.#names.has(name),
      open: (name) => {
        const found = this.#names.get(name);
        const content = found ?? new Content();
        if (found === undefined) rename((names) => names.set(name, content));
        return this.#file(content, incarnation);
      },
      rename: (from, to) => {
        const content = this.#names.get(from);
        if (content === undefined) throw new Error(`there is no file ${from}`);
        rename((names) => {
          names.delete(from);
          names.set(to, content);
        });
      },
      remove: (name) => {
        if (this.#names.has(name)) rename((names) => names.delete(name));
      },
      sync: () => {
        if (this.#isKilled(incarnation)) throw new KilledError();
        for (const change of this.#pendingNames) change(this.#durableNames);
        this.#pendingNames = [];
      },
    };
  }

  #file(content: Content, incarnation: number): StoreFile {
    const change = (pending: Pending) => {
      const killed = this.#isKilled(incarnation);
      content.change(pending);
      if (killed) throw new KilledError();
    };
    return {
      size: () => content.current.length,
      read: (at, buffer) => {
        const bytes = content.current.subarray(at, at + buffer.length);
        buffer.set(bytes);
        return bytes.length;
      },
      write: (at, bytes) => change({ kind: "write", at, bytes: bytes.slice() }),
      truncate: (size) => {
        if (size !== content.current.length) change({ kind: "truncate", size });
      },
      sync: () => {
        if (this.#isKilled(incarnation)) throw new KilledError();
        content.sync();
        this.#syncs++;
      },
      lock: () => true,
      close: () => {},
    };
  }
}

/** Returns the part of a write that reached the disk: none, a beginning, or all of it. */
function partOf(pending: Pending, unsynced: Unsynced): Pending | undefined {
  if (unsynced === "lost") return undefined;
  if (unsynced === "kept") return pending;
  if (unsynced.chance(0.4)) return undefined;
  if (pending.kind === "truncate" || unsynced.chance(0.5)) return pending;
  return { ...pending, bytes: pending.bytes.slice(0, unsynced.below(pending.bytes.length + 1)) };
}

/** Draws a damage of one file of a disk. */
export function drawDamage(disk: Disk, random: SeededRandom): Damage {
  const files = [...disk.files];
  const [file, bytes] = random.pick(files);
  const byte = random.below(Math.max(1, bytes.length));
  switch (random.below(6)) {
    case 0:
      return { kind: "truncate", file, size: byte };
    case 1:
      return { kind: "truncate", file, size: 0 };
    case 2:
      return { kind: "remove", file };
    case 3: {
      const unit = random.pick([512, 4096]);
      const from = byte - byte % unit;
      return { kind: "zero", file, from, to: from + unit };
    }
    case 4: {
      const [, other] = random.pick(files);
      return { kind: "replace", file, bytes: other };
    }
    default:
      return { kind: "flip", file, byte, bit: random.below(8) };
  }
}
