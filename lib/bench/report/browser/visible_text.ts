/** Text of unknown origin, made safe to look at. */

/** Unseen characters as their code points, for example ⟨U+202E⟩; lone halves of pairs too. Line breaks and tabs stay. */
export function visible(text: string): string {
  return text.toWellFormed().replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `⟨U+${code.padStart(4, "0")}⟩`;
  });
}
