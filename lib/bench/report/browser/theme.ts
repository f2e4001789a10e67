/** Colours for canvases, as the page's style has them. */

/// <reference lib="dom" />

/** The number of colours that faults have. */
export const FAULT_COLOURS = 6;

/** Colours by what they mean. */
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
  /** By the kinds of faults, in the order of the page's data. */
  readonly faults: readonly string[];
}

/** The colours that hold now; they change with the reader's light or dark. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim() || "#888";
  return {
    ink: colour("ink"),
    dim: colour("dim"),
    line: colour("line"),
    card: colour("card"),
    ok: colour("ok"),
    fail: colour("fail"),
    info: colour("info"),
    bad: colour("bad"),
    client: colour("client"),
    follow: colour("follow"),
    fault: colour("fault"),
    faults: Array.from({ length: FAULT_COLOURS }, (_, i) => colour(`fault-${i}`)),
  };
}

/** Calls `changed` when light becomes dark, dark light, or the screen paper. */
export function onThemeChange(changed: () => void): void {
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", changed);
  }
}
