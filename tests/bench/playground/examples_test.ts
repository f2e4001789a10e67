import { assertEquals } from "@std/assert";
import { OFFERED } from "../../../lib/bench/cluster/module/offered.ts";

Deno.test("the playground offers each module that a node of this project imports", () => {
  const folder = new URL("../../../nodes/", import.meta.url);
  const missing = [...Deno.readDirSync(folder)].flatMap(({ name }) => {
    const text = Deno.readTextFileSync(new URL(name, folder));
    return [...text.matchAll(/^import .*? from "([^"]+)";$/gm)].map(([, path = ""]) => path).filter((path) =>
      !OFFERED.has(path)
    );
  });
  assertEquals(missing, []);
});
