/** Values and times as text for readers. */

import { resultText } from "../../../checkers/parse.ts";

/** A text that may be shortened, and the number of characters that it lacks. */
export interface ShortText {
  readonly text: string;
  readonly omitted: number;
}

/** Returns a text of at most `max` characters with the number of omitted ones. Never splits a character. */
export function clip(text: string, max: number): string {
  return shorten(text, max).text;
}

function shorten(text: string, max: number): ShortText {
  if (text.length <= max) return { text, omitted: 0 };
  const last = text.charCodeAt(max - 1);
  const end = last >= 0xd800 && last < 0xdc00 ? max - 1 : max;
  const omitted = text.length - end;
  return { text: `${text.slice(0, end)}… (${omitted} more characters)`, omitted };
}

/** Returns a value as JSON of at most `max` characters; nothing for null. */
export function valueJson(value: unknown, max: number): string {
  return shortJson(value, max).text;
}

/** Returns a value as JSON of at most `max` characters; an empty text for null. */
export function shortJson(value: unknown, max: number): ShortText {
  if (value === null || value === undefined) return { text: "", omitted: 0 };
  return shorten(resultText(value), max);
}

/** Returns microseconds as seconds, with three decimals. */
export function seconds(us: number): string {
  return `${(us / 1e6).toFixed(3)} s`;
}

/** Returns a figure with three significant digits and grouped thousands. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(3));
  return rounded.toLocaleString("en-GB", { maximumFractionDigits: 6 }).replaceAll(",", "\u202f");
}
