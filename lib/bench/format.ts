/** Counts in sentences. */

/** `1 seed`, `2 seeds`. */
export function plural(count: number, noun: string, numberText: (count: number) => string = String): string {
  return `${numberText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `once`, `2 times`. */
export function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** Formats a figure with three significant digits. */
export function shortNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : Number(value.toPrecision(3)).toString();
}
