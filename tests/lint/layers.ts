/**
 * The project's own lint rules, for `deno lint`: the system access and the imports of each layer. The layers
 * are in `layer_table.ts`; each message names what to use instead.
 */

import manifest from "../../deno.json" with { type: "json" };
import { globalProblem, GLOBALS, importProblem } from "./layer_table.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

/** A file's path inside the repository. */
export function pathInside(filename: string): string {
  const path = filename.replaceAll("\\", "/").replace(/^file:\/\//, "");
  return path.startsWith(ROOT) ? path.slice(ROOT.length) : path.replace(/^\.?\//, "");
}

/** Names of packages as `deno.json` maps them. */
const MAPPED = new Map(Object.entries(manifest.imports));

/** Resolves an import's specifier to a path inside the repository, or to a package: `npm:…` also for mapped names. */
export function resolveImport(from: string, specifier: string): string {
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, `file:///${from}`).pathname.slice(1);
  const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const mapped = MAPPED.get(specifier) ?? MAPPED.get(name);
  return mapped?.startsWith("npm:") ? mapped : specifier;
}

/** Nodes whose identifiers are types or names, not values that are used. */
const NAMING = new Set([
  "TSTypeReference",
  "TSQualifiedName",
  "TSTypeQuery",
  "TSInterfaceHeritage",
  "TSClassImplements",
  "TSPropertySignature",
  "TSMethodSignature",
  "TSEnumMember",
  "PropertyDefinition",
  "MethodDefinition",
  "ImportSpecifier",
  "ExportSpecifier",
  "LabeledStatement",
  "BreakStatement",
  "ContinueStatement",
]);

/** Returns true if an identifier is a value here, not a property, a key, a type or a label. */
function isValue(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed;
  if (parent.type === "Property") return parent.value === node || parent.computed;
  if (parent.type === "PropertyDefinition") return parent.value === node || parent.computed;
  return !NAMING.has(parent.type);
}

function seam(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const path = pathInside(context.filename);
  const check = (node: Deno.lint.Node, name: string) => {
    const message = globalProblem(path, name);
    if (message !== undefined) context.report({ node, message });
  };
  return {
    Identifier(node) {
      if (Object.hasOwn(GLOBALS, node.name) && isValue(node)) check(node, node.name);
      // `const { random } = Math` and `Math[x]` would hide what is used of it.
      const member = node.parent.type === "MemberExpression" && !node.parent.computed;
      if (node.name === "Math" && isValue(node) && !member) check(node, "Math.random");
    },
    MemberExpression(node) {
      if (node.object.type !== "Identifier" || node.property.type !== "Identifier" || node.computed) return;
      const { object: { name: object }, property: { name: property } } = node;
      check(node, `${object}.${property}`);
      if (object === "self" || object === "window") check(node, property);
    },
  };
}

/** Calls `found` for everything that a module imports or exports from elsewhere, types and dynamic imports too. */
export function visitImports(
  found: (node: Deno.lint.Node, specifier: string, options: { readonly typeOnly: boolean }) => void,
): Deno.lint.LintVisitor {
  return {
    ImportDeclaration(node) {
      const inline = node.specifiers.length > 0 &&
        node.specifiers.every((each) => each.type === "ImportSpecifier" && each.importKind === "type");
      found(node, node.source.value, { typeOnly: node.importKind === "type" || inline });
    },
    ExportNamedDeclaration(node) {
      if (node.source !== null) found(node, node.source.value, { typeOnly: node.exportKind === "type" });
    },
    ExportAllDeclaration(node) {
      found(node, node.source.value, { typeOnly: node.exportKind === "type" });
    },
    ImportExpression(node) {
      const { source } = node;
      if (source.type === "Literal" && typeof source.value === "string") {
        found(node, source.value, { typeOnly: false });
      }
    },
    TSImportType(node) {
      const { argument } = node;
      if (argument.type === "TSLiteralType" && argument.literal.type === "Literal") {
        found(node, String(argument.literal.value), { typeOnly: true });
      }
    },
  };
}

function imports(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const from = pathInside(context.filename);
  return visitImports((node, specifier, { typeOnly }) => {
    const message = importProblem({ from, to: resolveImport(from, specifier), typeOnly });
    if (message !== undefined) context.report({ node, message });
  });
}

const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: { seam: { create: seam }, imports: { create: imports } },
};

// Deno takes a plugin from its module's default export.
export default plugin;
