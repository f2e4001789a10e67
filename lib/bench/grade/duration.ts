/** Durations as users write and read them. Tested by `tests/bench/grade/batch_test.ts`. */

/** The number of seconds in each unit. */
const UNIT_SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** Returns the seconds of `90s`, `8m` or `2h`; undefined if it is not a duration. */
export function parseDuration(given: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(given) ?? [];
  const seconds = Number(number) * UNIT_SECONDS[(unit ?? "s") as keyof typeof UNIT_SECONDS];
  return seconds > 0 ? seconds : undefined;
}

/** Returns seconds as `48 s`, `1 min 32 s` or `2 h 5 min`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
