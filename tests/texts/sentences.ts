/**
 * Replaces every sentence of a source by one mark. A sentence is a text literal with words between spaces. Names of keys, types,
 * imports, markup and code are left, because they are not read as text.
 */

import { parse } from "npm:@babel/parser@7.28.5";

/** The replacement of each sentence. No other text contains it. */
export const MARK = "xQx";

/** A source whose sentences are replaced, and their number. */
export interface Masked {
  readonly text: string;
  readonly sentences: number;
}

/** A node of the syntax tree. */
interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Properties whose texts are code, markup or style. */
const CODE_KEYS = new Set(["class", "className", "style", "template", "d", "content", "points", "transform"]);

/** Constants whose text is code. */
const CODE_NAMES = new Set(["SCRIPT", "STYLE"]);

/** Texts that a program reads: markup, style sheets, headers and code. */
const CODE = /^\s*(<[a-z!/]|data: 0|\/\*\*|#!)|[;{}]\s*$|=>|[a-z]-src |^[\w-]+: [\w-]+;|^\w+\/\w+;/;

/** An option of a command line with its value. */
const OPTIONS = /(^| )--?[a-z][a-z-]*( [\w.,-]+)?/g;

/** Two words, or a value and a word, between spaces. */
const WORDS = /(^|[\s(])["'`]?([a-z]+|[A-Z][a-z-]*)["'`]?[,:;.)]* +["'`(]?[a-z0-9]|[0-9)] +[a-z]{2,}/;

/** A word and a value, as in `crash n1`: the name of a step of an exploration. */
const STEP_NAME = /^`?[a-z]+ 0`?$/;

/** Returns the names of the values that the nodes of a source watch. Invariants read values by these names, so they are not sentences. */
export function watchedNames(source: string): string[] {
  return [...source.matchAll(/\.watch\("([^"]+)"/g)].map(([, name = ""]) => name);
}

/** Returns a TypeScript source with `MARK` in place of each sentence but `names`. Throws on a source that cannot be parsed. */
export function withoutSentences(source: string, names: ReadonlySet<string> = new Set()): Masked {
  const { program } = parse(source, { sourceType: "module", plugins: ["typescript"] });
  const replaced: { readonly start: number; readonly end: number; readonly by: string }[] = [];
  let sentences = 0;
  const visit = (node: Syntax): void => {
    if (isSkipped(node)) return;
    const value = node.type === "StringLiteral" ? String(node["value"]) : "";
    if (isSentence(value) && !names.has(value)) {
      replaced.push({ start: node.start, end: node.end, by: JSON.stringify(MARK) });
      sentences++;
    }
    if (node.type === "TemplateLiteral") {
      const parts = syntaxes(node["quasis"]);
      const text = parts.map((part) => source.slice(part.start, part.end)).join("0");
      if (isSentence(text) && !STEP_NAME.test(text)) {
        for (const { start, end } of parts) {
          const [before = "", after = ""] = source.slice(start, end).match(/^ *| *$/g) ?? [];
          if (end > start) replaced.push({ start, end, by: `${before}${MARK}${after}` });
        }
        sentences++;
      }
    }
    for (const [key, value] of Object.entries(node)) {
      if (key === "key" && node["computed"] !== true) continue;
      for (const child of syntaxes(value)) visit(child);
    }
  };
  for (const node of syntaxes(program)) visit(node);
  replaced.sort((a, b) => b.start - a.start);
  const text = replaced.reduce(
    (rest, { start, end, by }) => rest.slice(0, start) + by + rest.slice(end),
    source,
  );
  return { text, sentences };
}

/** Methods that search a text for another one. */
const SEARCHES = new Set(["includes", "startsWith", "endsWith", "indexOf", "lastIndexOf", "split"]);
const EQUALITIES = new Set(["===", "!=="]);

/** Two words between spaces in a pattern. */
const PATTERN_WORDS = /[a-z]{2,}[:,]? (?:[a-z]{2,}|[\\([]|$)|(?:^|[^\w*+?]) ?[a-z]{2,}: |\S\+ [a-z]{2,}:? /;

/**
 * Returns the places of a source, as `line: text`, at which a text is compared with a sentence, or searched for one. The copy
 * without sentences does not show these, because both sides change.
 */
export function comparedSentences(source: string): string[] {
  const { program } = parse(source, { sourceType: "module", plugins: ["typescript"] });
  const found: string[] = [];
  const visit = (node: Syntax): void => {
    if (comparesSentence(node)) {
      const line = source.slice(0, node.start).split("\n").length;
      found.push(`${line}: ${source.slice(node.start, node.end).replaceAll(/\s+/g, " ").slice(0, 120)}`);
    }
    for (const value of Object.values(node)) for (const child of syntaxes(value)) visit(child);
  };
  for (const node of syntaxes(program)) visit(node);
  return found;
}

function comparesSentence(node: Syntax): boolean {
  switch (node.type) {
    case "RegExpLiteral":
      return PATTERN_WORDS.test(String(node["pattern"]));
    case "BinaryExpression":
      return EQUALITIES.has(String(node["operator"])) && [node["left"], node["right"]].some(isSentenceNode);
    case "SwitchCase":
      return isSentenceNode(node["test"]);
    case "CallExpression": {
      const [callee] = syntaxes(node["callee"]);
      const [property] = syntaxes(callee?.["property"]);
      return SEARCHES.has(String(property?.["name"])) && syntaxes(node["arguments"]).some(isSentenceNode);
    }
    default:
      return false;
  }
}

function isSentenceNode(value: unknown): boolean {
  return syntaxes(value).some((node) => node.type === "StringLiteral" && isSentence(String(node["value"])));
}

function isSentence(text: string): boolean {
  return !CODE.test(text) && WORDS.test(text.replaceAll(OPTIONS, ""));
}

function isSkipped(node: Syntax): boolean {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "TSTypeAnnotation":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeParameterInstantiation":
    case "TaggedTemplateExpression":
    case "Directive":
      return true;
    case "ObjectProperty": {
      const [key] = syntaxes(node["key"]);
      return CODE_KEYS.has(String(key?.["name"] ?? key?.["value"]));
    }
    case "VariableDeclarator":
      return CODE_NAMES.has(String(syntaxes(node["id"])[0]?.["name"]));
    // A list of names, as in `"get set".split(" ")`.
    case "MemberExpression":
      return syntaxes(node["property"])[0]?.["name"] === "split";
    default:
      return false;
  }
}

function syntaxes(value: unknown): Syntax[] {
  return (Array.isArray(value) ? value : [value]).filter(isSyntax);
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === "object" && value !== null && "type" in value && "start" in value && "end" in value;
}
