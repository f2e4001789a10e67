/** Values and times as text for people. */

import { resultText } from "../../../checkers/parse.ts";

/** Text of at most `max` characters; what is left out is counted. Never cuts a character in two. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  const end = last >= 0xd800 && last < 0xdc00 ? max - 1 : max;
  return `${text.slice(0, end)}… (${text.length - end} more characters)`;
}

/** A value as JSON of at most `max` characters; nothing for null. */
export function valueJson(value: unknown, max: number): string {
  if (value === null || value === undefined) return "";
  return clip(resultText(value), max);
}

/** Microseconds as seconds, to the millisecond. */
export function seconds(us: number): string {
  return `${(us / 1e6).toFixed(3)} s`;
}

/** A figure with three significant digits, thousands apart. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(3));
  return rounded.toLocaleString("en-GB", { maximumFractionDigits: 6 }).replaceAll(",", "\u202f");
}
