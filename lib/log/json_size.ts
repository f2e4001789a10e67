/** The approximate size of a value as JSON, without encoding it. */

import type { Json } from "../protocol/schema.ts";

/** The assumed length of a number, a boolean or null. */
const SCALAR_BYTES = 8;

/** Returns the approximate length of a value's JSON, in bytes. */
export function estimateJsonBytes(value: Json): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return SCALAR_BYTES;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) bytes += 1 + estimateJsonBytes(value[i]);
    return bytes;
  }
  for (const [key, element] of Object.entries(value)) bytes += key.length + 4 + estimateJsonBytes(element);
  return bytes;
}
