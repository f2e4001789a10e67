/** All languages of starters, besides TypeScript, whose files are the lessons' templates. */

import { unknownName } from "../../../runtime/settings.ts";
import { go } from "./go.ts";
import { java } from "./java.ts";
import { javascript } from "./javascript.ts";
import { python } from "./python.ts";
import { rust } from "./rust.ts";
import type { Language } from "./starter.ts";

/** All languages besides TypeScript. */
export const LANGUAGES: readonly Language[] = [javascript, python, go, rust, java];

/** The id of TypeScript, whose files run in virtual time. */
export const TYPESCRIPT = "ts";

/** Returns the language with an id; undefined for TypeScript. Throws `ArgumentError` for an unknown id. */
export function languageOf(id: string): Language | undefined {
  if (id === TYPESCRIPT) return undefined;
  const found = LANGUAGES.find((language) => language.id === id);
  if (found === undefined) {
    throw unknownName("language", id, [
      TYPESCRIPT,
      ...LANGUAGES.map((each) => each.id),
    ]);
  }
  return found;
}
