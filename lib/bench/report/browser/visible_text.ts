/** Text of unknown origin, made safe to display. Tested by `tests/bench/report/page_script_test.ts`. */

/**
 * Shows invisible characters as code points, for example ⟨U+202E⟩, and also lone surrogates. Keeps line breaks and
 * tabs.
 */
export function visible(text: string): string {
  return text.toWellFormed().replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `⟨U+${code.padStart(4, "0")}⟩`;
  });
}
