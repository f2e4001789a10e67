import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { colored, terminalText, withoutControls } from "../../lib/bench/terminal/terminal_text.ts";

Deno.test("no control character remains except tab and line end", () => {
  for (let code = 0; code < 0x3000; code++) {
    const shown = terminalText(String.fromCharCode(code));
    const obeyed = (code < 32 && code !== 9 && code !== 10) || (code >= 127 && code < 160);
    if (obeyed) assert(/^\\(x[01][0-9a-f]|u00[789][0-9a-f])$/.test(shown), `code ${code}: ${shown}`);
    if (code >= 0x20 && code < 127) assertEquals(shown, String.fromCharCode(code));
  }
  assertEquals(terminalText("a\tb\n\x1b]0;title\x07\u202eabc"), "a\tb\n\\x1b]0;title\\x07\\u202eabc");
});

Deno.test("a byte order mark before JSON is visible", () => {
  assertEquals(terminalText('\ufeff{"src":"n0"}'), '\\ufeff{"src":"n0"}');
});

Deno.test("colors of the bench reach the terminal, colors of nodes do not", () => {
  assertEquals(terminalText(colored("32", "\x1b[31mred\x1b[0m")), "\x1b[32m\\x1b[31mred\\x1b[0m\x1b[0m");
  assertNotEquals(colored("32", "x"), "\x1b[32mx\x1b[0m");
});

Deno.test("text in any script is unchanged, and JSON keeps its meaning", () => {
  for (const text of ["ヽ(‘ー`)ノ", "ಠ~ಠ", "čeština", "👩‍👩‍👧", "العربية"]) {
    assertEquals(withoutControls(text), text);
  }
  const value = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join("");
  assertEquals(JSON.parse(terminalText(JSON.stringify(value))), value);
});
