/**
 * Objects whose keys may be integers in text form, such as the names of logs.
 *
 * The engine keeps a field named "900" at index 900 of an array. An object with five such fields takes 7 KB, and each
 * listing of its fields visits all 900 places. If an object has had a field with a huge index, the engine keeps its integer
 * keys in a hash table instead.
 */

/** Returns what `Object.fromEntries` returns, in a tenth of the memory if keys are large integers. */
export function sparseRecord<T>(entries: Iterable<readonly [key: string, value: T]>): Record<string, T> {
  const record: Record<string, T> = emptyTable();
  for (const [key, value] of entries) setField(record, key, value);
  return record;
}

/** Sets a field of an object. A field named `__proto__` is one like any other. */
export function setField<T>(record: Record<string, T>, key: string, value: T): void {
  if (key === "__proto__") Object.defineProperty(record, key, { ...DATA, value });
  else record[key] = value;
}

/** Returns an empty object that keeps its integer keys in a hash table. */
function emptyTable(): Record<never, never> {
  // The greatest index of an array. As part of a literal it costs a fifth of what it costs to set it later.
  const table: { 4294967294?: null } = { 4294967294: null };
  delete table[4294967294];
  return table;
}

const DATA = { configurable: true, enumerable: true, writable: true };
