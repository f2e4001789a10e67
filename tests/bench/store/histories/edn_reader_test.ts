import { assertEquals, assertThrows } from "@std/assert";
import { EdnError, parseEdn, readForms } from "../../../../lib/bench/store/histories/edn_reader.ts";
import { Decimal } from "../../../../lib/protocol/exact_json.ts";

const VALUES: readonly [edn: string, value: unknown][] = [
  ["nil", null],
  ["[true false]", [true, false]],
  [":a/b", "a/b"],
  ["sym", "sym"],
  ["\\a", "a"],
  ["[\\newline \\u0041 \\o101 \\(]", ["\n", "A", "A", "("]],
  ['"a\\n\\"\\u0041\\101\\\\"', 'a\n"AA\\'],
  ["[1 -1 +1 -0]", [1, -1, 1, 0]],
  ["[0 100 123456789012345 1234567890123456]", [0, 100, 123456789012345, 1234567890123456]],
  ["[5N 12345678901234567890 9007199254740993N]", [5, 12345678901234567890n, 9007199254740993n]],
  ["[1.0 1e3 2.5 1.5M 7M 1e400]", [
    new Decimal("1.0"),
    new Decimal("1.0e3"),
    2.5,
    1.5,
    new Decimal("7.0"),
    new Decimal("1.0e400"),
  ]],
  ["[1/3 4/2 2/4 -2/4]", ["1/3", 2, "1/2", "-1/2"]],
  ["[0x1f 017 2r101]", [31, 15, 5]],
  ["[##Inf ##NaN]", ["##Inf", "##NaN"]],
  ["(1, 2 #{3})", [1, 2, [3]]],
  ['{:a 1 "b" 2 3 4 [5] 6}', { a: 1, b: 2, "3": 4, "[5]": 6 }],
  ["{:__proto__ 1}", JSON.parse('{"__proto__":1}')],
  ["#:n{:a 1}", { "n/a": 1 }],
  ['#uuid "x"', "x"],
  ["#jepsen.history.Op{:index 0}", { index: 0 }],
  ['#object[java.lang.Object 0x4c "o"]', ["java.lang.Object", 76, "o"]],
  ["^{:line 1} [1]", [1]],
  ["[1 #_2 #_ [3] #_#_4 5 6] ; end", [1, 6]],
  ['#"a.b"', "a.b"],
];

for (const [edn, value] of VALUES) {
  Deno.test(`EDN ${edn} is read`, () => assertEquals(parseEdn(edn), value));
}

const ERRORS: readonly [edn: string, line: number, column: number, isCutOff: boolean][] = [
  ["{:a 1}\n {:b}", 2, 2, false],
  ["[1 2", 1, 1, true],
  ["[1 2}", 1, 5, false],
  ["[345 }", 1, 6, false],
  [")", 1, 1, false],
  ['\n  "abc', 2, 3, true],
  ["[12ab]", 1, 2, false],
  ["{:a 1 :a 2}", 1, 1, false],
  ['{5 1 "5" 2}', 1, 1, false],
  ["#<Object>", 1, 1, false],
  ["[\\nothing]", 1, 2, false],
  ['"\\q"', 1, 3, false],
  ["#_", 1, 1, true],
];

for (const [edn, line, column, isCutOff] of ERRORS) {
  Deno.test(`EDN ${JSON.stringify(edn)} is refused at its place`, () => {
    const { at, isCutOff: isCut } = assertThrows(() => [...readForms([edn])], EdnError);
    assertEquals([at, isCut], [{ line, column }, isCutOff]);
  });
}

/** The same history in several layouts. */
const LAYOUTS = [
  "{:a 1}\n{:a 29}\n",
  "[{:a 1}\n {:a 29}]",
  "; a comment\n({:a 1} #_{:a 0} {:a\n\n29})",
  "#history [#op{:a 1}, #op{:a 29}]",
];

Deno.test("operations are read equally from lines, vectors, lists and tagged values, in any chunks", () => {
  for (const layout of LAYOUTS) {
    const whole = [...readForms([layout])];
    assertEquals(whole.map(({ value }) => value), [{ a: 1 }, { a: 29 }], layout);
    assertEquals([...readForms(layout.split(""))], whole, "character by character");
  }
});

Deno.test("the place of a form is its first character", () => {
  const forms = [...readForms(["[{:a 1}\n  {:a 29}]\n[0 :invoke :read nil]"])];
  assertEquals(forms.map(({ line, column }) => [line, column]), [[1, 2], [2, 3], [3, 1]]);
});

Deno.test("a value nested 100,000 deep is read", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  assertEquals([...readForms([`{:a ${deep}}`])].length, 1);
});
