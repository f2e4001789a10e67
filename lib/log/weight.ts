/** How long a value is when it is written as JSON, roughly: without writing it. */

import type { Json } from "../protocol/schema.ts";

const NUMBER_BYTES = 8;

/** Roughly the bytes of a value's JSON. */
export function weigh(value: Json): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return NUMBER_BYTES;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (const element of value) bytes += 1 + weigh(element);
    return bytes;
  }
  for (const [key, element] of Object.entries(value)) bytes += key.length + 4 + weigh(element);
  return bytes;
}
