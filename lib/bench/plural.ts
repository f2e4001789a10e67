/** Counts in sentences. */

/** `1 seed`, `2 seeds`. */
export function plural(count: number, noun: string, figure: (count: number) => string = String): string {
  return `${figure(count)} ${noun}${count === 1 ? "" : "s"}`;
}
