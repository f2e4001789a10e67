/** The store of a node, and its damage if it has any. Tested by `tests/runtime/node_test.ts`. */

import { DamagedStoreError, type Host, type Storage } from "./host.ts";

/** The store of a node, in the state at the node's start. */
export class NodeStore {
  readonly #host: Host;
  readonly #id: string;
  #storage: Storage | undefined;
  #damage: DamagedStoreError | undefined;

  constructor(host: Host, id: string) {
    this.#host = host;
    this.#id = id;
    try {
      this.#storage = host.openStorage(id);
    } catch (error) {
      if (!(error instanceof DamagedStoreError)) throw error;
      this.#damage = error;
    }
  }

  get storage(): Storage | undefined {
    this.requireSound();
    return this.#storage;
  }

  /** Throws the damage of the store, unless the store was replaced. */
  requireSound(): void {
    if (this.#damage !== undefined) throw this.#damage;
  }

  replaceDamaged(): DamagedStoreError | undefined {
    const damage = this.#damage;
    if (damage === undefined) return undefined;
    this.#storage = this.#host.replaceStorage(this.#id);
    this.#damage = undefined;
    return damage;
  }
}
