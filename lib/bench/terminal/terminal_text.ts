/** Text for a terminal: what nodes and files bring along is shown, never obeyed. */

/**
 * Characters that a terminal obeys, or that change the order of what is read: controls but for tab and line end, and the marks
 * that turn the direction of text.
 */
// deno-lint-ignore no-control-regex -- these are the ones that are replaced
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Stands for the beginning of the bench's own color codes. No node can know it, so no node can bring one along. */
const OWN_ESCAPE = `\uf8ff${crypto.randomUUID()}[`;

/** Returns a text with a color, for {@linkcode terminalText}. */
export function colored(code: string, text: string): string {
  return `${OWN_ESCAPE}${code}m${text}${OWN_ESCAPE}0m`;
}

/** Returns a text with its control characters escaped, as `\x1b` or `\u202e`. The bench's own colors stay. */
export function terminalText(text: string): string {
  return withoutControls(text).replaceAll(OWN_ESCAPE, "\x1b[");
}

/** Returns a text with all control characters escaped but tab and line end. */
export function withoutControls(text: string): string {
  return text.replaceAll(CONTROLS, (character) => {
    const code = character.charCodeAt(0).toString(16);
    // JSON has escapes for what is below 0x20 already, and knows the form with u.
    return character < " " ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}
