import { assertEquals } from "@std/assert";
import { readable, sources, textOf } from "../lint/repository.ts";

/** Returns the executables of `.make/permissions` with their flags. */
function permissions(): (readonly [name: string, flags: readonly string[]])[] {
  return textOf(".make/permissions").split("\n").flatMap((line) => {
    const [, name, flags] = /^([a-z-]+): (.*)$/.exec(line) ?? [];
    return name === undefined || flags === undefined ? [] : [[name, flags.split(" ")] as const];
  });
}

Deno.test("each executable with permissions has a source", { ignore: !readable }, () => {
  const executables = [
    "charybdis",
    ...sources("nodes/").map((path) => path.slice(6, -3).replaceAll("_", "-")),
  ];
  assertEquals(permissions().map(([name]) => name).filter((name) => !executables.includes(name)), []);
});

Deno.test("each module that an executable includes exists", { ignore: !readable }, () => {
  // The page of the playground is made at compilation.
  const all = new Set([
    ...sources("lib/"),
    ...sources("tests/examples/"),
    ".toolchain/playground/index.html.gz",
  ]);
  const included = permissions().flatMap(([, flags]) => flags.filter((_, i) => flags[i - 1] === "--include"));
  assertEquals(included.filter((path) => !all.has(path)), [], "correct its path in .make/permissions");
});
