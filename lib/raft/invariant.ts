/** What must hold in every state. These checks run in production: a node that finds one broken must stop, not guess. */

/** Something that Raft's safety rests on does not hold. It is never an answer to anybody: the node ends. */
export class InvariantError extends Error {
  constructor(text: string) {
    super(text);
    this.name = "InvariantError";
  }
}

/** Throws {@linkcode InvariantError} unless `condition` holds. */
export function invariant(condition: boolean, text: string): asserts condition {
  if (!condition) throw new InvariantError(text);
}
