/** Divides a search into parts that run on several cores or machines. Tested by `tests/bench/explore/search_test.ts`. */

import { depend, type Execution, type SearchPart, WHOLE_SEARCH } from "./search.ts";

/**
 * Divides a search into at least this number of parts, if it has as many. Together they cover every order once, like the whole search.
 * All steps that are possible in the first states are tried, so that no part adds a step to the prefix of another one.
 */
export async function divide<T>(
  { begin, parts: wanted }: { readonly begin: () => Promise<Execution<T>>; readonly parts: number },
): Promise<SearchPart[]> {
  const ended: SearchPart[] = [];
  const open: SearchPart[] = [WHOLE_SEARCH];
  for (let part = open.shift(); part !== undefined; part = open.shift()) {
    const next = ended.length + open.length + 1 < wanted ? await divideOnce(part, begin) : [];
    if (next.length === 0) ended.push(part);
    open.push(...next);
  }
  return ended;
}

/** Returns one part per step that is possible after a prefix. The list is empty if no step is possible. */
async function divideOnce<T>(
  { prefix, sleep }: SearchPart,
  begin: () => Promise<Execution<T>>,
): Promise<SearchPart[]> {
  const parts: SearchPart[] = [];
  const asleep = [...sleep];
  const start = async () => {
    const execution = await begin();
    for (const id of prefix) await execution.execute(id);
    return execution;
  };
  const tried = new Set(asleep.map(({ id }) => id));
  for (const id of (await start()).enabled()) {
    if (tried.has(id)) continue;
    const step = await (await start()).execute(id);
    const independent = asleep.filter((other) => !depend(other, step));
    parts.push({ ...WHOLE_SEARCH, prefix: [...prefix, id], sleep: independent });
    asleep.push(step);
  }
  return parts;
}
