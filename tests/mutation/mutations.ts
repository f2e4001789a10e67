/**
 * Makes mutations: all single changes of a running program that the operators below make. Types, comments,
 * texts and imports stay as they are. An `invariant` is left out too: right code never meets it, so no test could.
 *
 * Mutation testing: DeMillo, Lipton, Sayward, "Hints on test data selection" (IEEE Computer, 1978); the operators are those
 * of Offutt et al., "An experimental determination of sufficient mutant operators" (TOSEM 1996), as TypeScript has them.
 */

import { parse } from "npm:@babel/parser@7.28.5";

/** The kinds of change. */
export type Operator =
  | "comparison"
  | "logic"
  | "arithmetic"
  | "truth"
  | "number"
  | "condition"
  | "statement"
  | "fallback"
  | "extreme"
  | "return";

/**
 * The name of a change within its file: the function or constant around it, the operator, the replacement, and the ordinal if
 * several are equal, as in `Counter.add comparison >= #2`. It holds as long as the function does the same in the same order.
 */
export type MutationId = string;

/** One change: replaces the text from `start` up to `end`. */
export interface Mutation {
  readonly operator: Operator;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** Counted from 1. */
  readonly line: number;
  /** The lines that it is made in, with the replaced text between ⟦ and ⟧, and white space drawn together. */
  readonly place: string;
  readonly id: MutationId;
}

/** The used part of a node of the syntax tree. */
interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

type Change = Pick<Mutation, "operator" | "start" | "end" | "replacement">;
type NamedChange = Change & { readonly symbol: string };

const COMPARISONS: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "==": "!=",
  "!=": "==",
};
const ARITHMETIC: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "+=": "-=",
  "-=": "+=",
  "++": "--",
  "--": "++",
};
/** From this value on, a number is a measure, so that one more or less is not a bug. */
const ONE_COUNTS_BELOW = 100;
const LOGIC: Readonly<Record<string, string>> = { "&&": "||", "||": "&&" };
const EXTREMES: Readonly<Record<string, string>> = { max: "min", min: "max" };

/** Returns every mutation of a TypeScript source, in the order of the text. Throws if the text is not TypeScript. */
export function mutationsOf(text: string): Mutation[] {
  const { program } = parse(text, { sourceType: "module", plugins: ["typescript"] });
  const found: NamedChange[] = [];
  if (isSyntax(program)) visit(program, text, { found, symbol: "" });
  found.sort((a, b) => a.start - b.start || a.end - b.end || (a.replacement < b.replacement ? -1 : 1));
  const times = new Map<string, number>();
  return found.map(({ symbol, ...change }) => {
    // The replacement of a fallback is source text.
    const by = change.operator === "fallback" ? "" : ` ${change.replacement}`;
    const name = `${symbol || "top"} ${change.operator}${by}`;
    const ordinal = (times.get(name) ?? 0) + 1;
    times.set(name, ordinal);
    return {
      ...change,
      line: lineOf(text, change.start),
      place: placeOf(text, change),
      id: ordinal === 1 ? name : `${name} #${ordinal}`,
    };
  });
}

/** The text with the change made. */
export function applied(text: string, { start, end, replacement }: Change): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function visit(
  node: Syntax,
  text: string,
  { found, symbol }: { readonly found: NamedChange[]; readonly symbol: string },
): void {
  if (isLeftOut(node, text)) return;
  const name = nameOf(node);
  const inside = name === undefined ? symbol : symbol === "" ? name : `${symbol}.${name}`;
  found.push(...changesOf(node, text).map((change) => ({ ...change, symbol: inside })));
  for (const [key, value] of Object.entries(node)) {
    if (key === "key" && node["computed"] !== true) continue; // a name
    if (node.type.startsWith("TS") && key !== "expression" && key !== "parameter") continue; // a type
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isSyntax(child)) visit(child, text, { found, symbol: inside });
    }
  }
}

/** Returns the name that a node gives to the code in it; undefined for most nodes. */
function nameOf(node: Syntax): string | undefined {
  switch (node.type) {
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "VariableDeclarator":
      return isSyntax(node["id"]) && typeof node["id"]["name"] === "string" ? node["id"]["name"] : undefined;
    case "ClassMethod":
    case "ClassPrivateMethod":
    case "ClassProperty":
    case "ClassPrivateProperty":
    case "ObjectMethod":
    case "ObjectProperty":
      return keyName(node["key"]);
    default:
      return undefined;
  }
}

function keyName(key: unknown): string | undefined {
  if (!isSyntax(key)) return undefined;
  if (isSyntax(key["id"])) return `#${String(key["id"]["name"])}`;
  const name = key["name"] ?? key["value"];
  return name === undefined ? undefined : String(name);
}

function isLeftOut(node: Syntax, text: string): boolean {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
      return true;
    case "ExportNamedDeclaration":
      return isSyntax(node["source"]);
    case "CallExpression":
      return /^(invariant|super)\(/.test(text.slice(node.start, node.end));
    case "IfStatement":
      return /^if \(import\.meta\.main\)/.test(text.slice(node.start, node.end));
    default:
      return false;
  }
}

function changesOf(node: Syntax, text: string): Change[] {
  switch (node.type) {
    case "BinaryExpression":
      return [
        ...replaceSign(node, text, { operator: "comparison", by: COMPARISONS }),
        ...(joinsTexts(node) ? [] : replaceSign(node, text, { operator: "arithmetic", by: ARITHMETIC })),
      ];
    case "LogicalExpression":
      return [...replaceSign(node, text, { operator: "logic", by: LOGIC }), ...withoutLeft(node, text)];
    case "AssignmentExpression":
      return joinsTexts(node) ? [] : replaceSign(node, text, { operator: "arithmetic", by: ARITHMETIC });
    case "UpdateExpression":
      return replaceUpdate(node, text);
    case "BooleanLiteral":
      return [whole(node, "truth", String(node["value"] !== true))];
    case "NumericLiteral":
      return neighboringNumbers(node);
    case "IfStatement":
    case "ConditionalExpression":
      return forced(node["test"], ["true", "false"]);
    case "WhileStatement":
      return forced(node["test"], ["false"]);
    case "UnaryExpression":
      return node["operator"] === "!" ? [{ ...whole(node, "condition", ""), end: node.start + 1 }] : [];
    case "ExpressionStatement":
      return removed(node, text);
    case "CallExpression":
      return otherExtreme(node["callee"]);
    case "ReturnStatement":
      return emptied(node["argument"], text);
    default:
      return [];
  }
}

function whole({ start, end }: Syntax, operator: Operator, replacement: string): Change {
  return { operator, start, end, replacement };
}

/** Finds the operator between two operands, among white space and comments. */
function replaceSign(
  node: Syntax,
  text: string,
  { operator, by }: { readonly operator: Operator; readonly by: Readonly<Record<string, string>> },
): Change[] {
  const { left, right, operator: sign } = node;
  if (!isSyntax(left) || !isSyntax(right) || typeof sign !== "string") return [];
  const replacement = by[sign];
  const start = text.indexOf(sign, left.end);
  if (replacement === undefined || start < 0 || start >= right.start) return [];
  return [{ operator, start, end: start + sign.length, replacement }];
}

function replaceUpdate(node: Syntax, text: string): Change[] {
  const sign = String(node["operator"]);
  const replacement = ARITHMETIC[sign];
  const start = text.indexOf(sign, node["prefix"] === true ? node.start : node.end - sign.length);
  return replacement === undefined
    ? []
    : [{ operator: "arithmetic", start, end: start + sign.length, replacement }];
}

/** `a ?? b` as `b`. */
function withoutLeft(node: Syntax, text: string): Change[] {
  const { right, operator } = node;
  if (operator !== "??" || !isSyntax(right)) return [];
  return [whole(node, "fallback", `(${text.slice(right.start, right.end)})`)];
}

/** Returns a number plus and minus one; for large numbers, twice and half. */
function othersThan(value: number): readonly number[] {
  return value < ONE_COUNTS_BELOW ? [value + 1, value - 1] : [value * 2, Math.floor(value / 2)];
}

function neighboringNumbers(node: Syntax): Change[] {
  return othersThan(Number(node["value"])).map((other) =>
    whole(node, "number", other < 0 ? `(${other})` : `${other}`)
  );
}

function forced(test: unknown, outcomes: readonly string[]): Change[] {
  if (!isSyntax(test) || test.type === "BooleanLiteral") return [];
  return outcomes.map((outcome) => whole(test, "condition", outcome));
}

/** Returns true for a statement with an effect, except directives and super calls. */
function removed(node: Syntax, text: string): Change[] {
  const { expression } = node;
  if (!isSyntax(expression) || isLeftOut(expression, text)) return [];
  return [whole(node, "statement", ";")];
}

function otherExtreme(callee: unknown): Change[] {
  if (!isSyntax(callee) || callee.type !== "MemberExpression") return [];
  const { object, property } = callee;
  if (!isSyntax(object) || !isSyntax(property) || object["name"] !== "Math") return [];
  const other = EXTREMES[String(property["name"])];
  return other === undefined ? [] : [whole(property, "extreme", other)];
}

function emptied(argument: unknown, text: string): Change[] {
  if (!isSyntax(argument) || text.slice(argument.start, argument.end) === "undefined") return [];
  return [whole(argument, "return", "undefined")];
}

/** Returns true if a `+` appears to join strings, so that a `-` in its place would prove nothing. */
function joinsTexts(node: Syntax): boolean {
  const sides = [node["left"], node["right"]].filter(isSyntax);
  return sides.some((side) =>
    side.type === "StringLiteral" || side.type === "TemplateLiteral" ||
    side.type === "BinaryExpression" && side["operator"] === "+" && joinsTexts(side)
  );
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" &&
    "start" in value && typeof value.start === "number" && "end" in value && typeof value.end === "number";
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function placeOf(text: string, { start, end }: Change): string {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const to = text.indexOf("\n", end);
  const marked = `${text.slice(from, start)}⟦${text.slice(start, end)}⟧${
    text.slice(end, to < 0 ? text.length : to)
  }`;
  return marked.replaceAll(/\s+/g, " ").trim();
}
