/** Colors for canvases, as defined in the page's style. Tested by `tests/bench/report/browser_test.ts`. */

/// <reference lib="dom" />

/** Number of colors for faults. */
export const FAULT_COLOURS = 6;

/** Number of colors for types of messages. The last one is for all remaining types. */
export const TYPE_COLORS = 8;

/** Colors by their meaning. */
export interface Theme {
  readonly ink: string;
  readonly dim: string;
  readonly line: string;
  readonly card: string;
  readonly ok: string;
  readonly fail: string;
  readonly info: string;
  readonly bad: string;
  readonly client: string;
  readonly follow: string;
  readonly fault: string;
  /** Colors by kind of fault, in the order of the page's data. */
  readonly faults: readonly string[];
  /** Colors of messages by the groups of their types. */
  readonly types: readonly string[];
  readonly barrier: string;
  /** Background of a value that has just changed. */
  readonly changed: string;
  readonly faultPause: string;
  readonly faultSlow: string;
  readonly faultClock: string;
  readonly faultMembership: string;
}

/** Returns the current colors, which depend on the reader's light or dark mode. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim() || "#888";
  return {
    ink: color("ink"),
    dim: color("dim"),
    line: color("line"),
    card: color("card"),
    ok: color("ok"),
    fail: color("fail"),
    info: color("info"),
    bad: color("bad"),
    client: color("client"),
    follow: color("follow"),
    fault: color("fault"),
    faults: Array.from({ length: FAULT_COLOURS }, (_, i) => color(`fault-${i}`)),
    types: Array.from({ length: TYPE_COLORS }, (_, i) => color(`type-${i}`)),
    changed: color("changed"),
    barrier: color("barrier"),
    faultPause: color("fault-1"),
    faultSlow: color("fault-5"),
    faultClock: color("fault-2"),
    faultMembership: color("fault-0"),
  };
}

/** Calls `changed` when the color scheme changes or the page is printed. */
export function onThemeChange(changed: () => void): void {
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", changed);
  }
}
