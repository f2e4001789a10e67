/** Access to columns: the typed arrays that hold one number per operation, transaction, version or vertex. */

/**
 * Returns the number at an index of a column.
 *
 * The kernels read only indexes that they have counted themselves. An index outside of the column is a bug in the checker,
 * and a default value would hide it.
 *
 * @throws {RangeError} if the index is outside of the column.
 */
export function valueAt(column: Int32Array | readonly number[], index: number): number {
  const value = column[index];
  if (value === undefined) throw new RangeError(`a column of ${column.length} has no index ${index}`);
  return value;
}
