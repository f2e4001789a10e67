/**
 * Escapes text for a terminal, so that the terminal never executes control sequences from nodes and files.
 *
 * Tested by `tests/bench/terminal_text_test.ts`.
 */

/**
 * Control characters except tab and line feed, marks that change the direction of text, and byte order marks. A terminal
 * obeys the first, the second change the reading order, and the third are invisible, so that refused JSON looks correct.
 */
// deno-lint-ignore no-control-regex -- these characters are replaced
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The placeholder for the start of the bench's own color codes. Nodes cannot know it, so their output cannot contain one. */
const OWN_ESCAPE = `\uf8ff${crypto.randomUUID()}[`;

/** Returns a text with a color, for {@linkcode terminalText}. */
export function colored(code: string, text: string): string {
  return `${OWN_ESCAPE}${code}m${text}${OWN_ESCAPE}0m`;
}

/** Returns a text with its control characters escaped, as `\x1b` or `\u202e`. The bench's own colors stay. */
export function terminalText(text: string): string {
  return withoutControls(text).replaceAll(OWN_ESCAPE, "\x1b[");
}

/** Returns a text with all control characters escaped except tab and line feed. */
export function withoutControls(text: string): string {
  return text.replaceAll(CONTROLS, (character) => {
    const code = character.charCodeAt(0).toString(16);
    // JSON escapes characters below 0x20 itself, and supports the \u form.
    return character < " " ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}
