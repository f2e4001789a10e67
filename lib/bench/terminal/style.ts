/** The styles of text on a terminal. Tested by `tests/bench/terminal/summary_test.ts`. */

import { colored } from "./terminal_text.ts";

/** The styles of text: empty strings unless the output is a terminal. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly unsure: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Colors for a terminal, or none. */
export function style(colors: boolean): Style {
  const wrap = (code: string) => (text: string) => colors ? colored(code, text) : text;
  return { good: wrap("32"), bad: wrap("31"), unsure: wrap("33"), dim: wrap("2") };
}
