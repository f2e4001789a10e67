/** Counts in sentences. */

/** `1 seed`, `2 seeds`. */
export function plural(count: number, noun: string, figure: (count: number) => string = String): string {
  return `${figure(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `once`, `2 times`. */
export function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
