/** Divides a search into parts that run on several cores or machines. Tested by `tests/bench/explore/search_test.ts`. */

import { depend, type Execution, type SearchPart, WHOLE_SEARCH } from "./search.ts";

/** The settings of a division. */
interface DivideOptions<T> {
  /** Begins an execution. */
  readonly begin: () => Promise<Execution<T>>;
  /** The number of parts that are enough. */
  readonly parts: number;
  /** Returns true to end the division with the parts so far. Default: never. */
  readonly stopped?: () => boolean;
}

/** A part, and the steps that are possible after its prefix. */
interface OpenPart {
  readonly part: SearchPart;
  readonly enabled: readonly string[];
}

/**
 * Divides a search into at least this number of parts, if it has as many. Together they cover every order once, like the whole search.
 * All steps that are possible in the first states are tried, so that no part adds a step to the prefix of another one.
 */
export async function divide<T>(
  { begin, parts: wanted, stopped = () => false }: DivideOptions<T>,
): Promise<SearchPart[]> {
  const ended: SearchPart[] = [];
  const open: OpenPart[] = [{ part: WHOLE_SEARCH, enabled: (await begin()).enabled() }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const isEnough = ended.length + open.length + 1 >= wanted || stopped();
    const divided = isEnough ? [] : await divideOnce(next, begin);
    if (divided.length === 0) ended.push(next.part);
    open.push(...divided);
  }
  return ended;
}

/** Returns one part per step that is possible after a prefix. The list is empty if no step is possible. */
async function divideOnce<T>(
  { part: { prefix, sleep }, enabled }: OpenPart,
  begin: () => Promise<Execution<T>>,
): Promise<OpenPart[]> {
  const parts: OpenPart[] = [];
  const asleep = [...sleep];
  const tried = new Set(asleep.map(({ id }) => id));
  for (const id of enabled) {
    if (tried.has(id)) continue;
    const execution = await begin();
    for (const before of prefix) await execution.execute(before);
    const step = await execution.execute(id);
    const independent = asleep.filter((other) => !depend(other, step));
    const part = { ...WHOLE_SEARCH, prefix: [...prefix, id], sleep: independent };
    parts.push({ part, enabled: execution.enabled() });
    asleep.push(step);
  }
  return parts;
}
