/**
 * Writes `import_map.json`: the substitutes for `@std`, and every other import of `deno.json`. Thus only `deno.json` states each
 * version. `make fmt` runs this script.
 */

/**
 * Returns the imports of `deno.json`, with `@std` replaced by the substitutes: `@std/PACKAGE/PART` is the file `PACKAGE/PART.ts`.
 */
export function importMap(
  imports: Readonly<Record<string, string>>,
  standIns: readonly string[],
): { readonly imports: Readonly<Record<string, string>> } {
  const std = standIns.toSorted().map((path) => [
    `@std/${path.replace(/\.ts$/, "").replace(/\/mod$/, "").replaceAll("_", "-")}`,
    `./${path}`,
  ]);
  const others = Object.entries(imports).filter(([name]) => !name.startsWith("@std/"));
  return { imports: Object.fromEntries([...std, ...others]) };
}

/** Returns the substitutes' files, as `PACKAGE/PART.ts`. */
export function standIns(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory).flatMap(({ name }) =>
    [...Deno.readDirSync(new URL(`${name}/`, folder))].map((file) => `${name}/${file.name}`)
  );
}

if (import.meta.main) {
  const folder = new URL("./", import.meta.url);
  const { imports } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", folder)));
  const text = JSON.stringify(importMap(imports, standIns(folder)), null, 2);
  Deno.writeTextFileSync(new URL("import_map.json", folder), `${text}\n`);
}
