import { assert, assertEquals } from "@std/assert";
import { play } from "../leaderless/support/transcript.ts";
import { Cluster } from "./support/transcript.ts";

const DIRECTORY = new URL("./transcripts/", import.meta.url);
const readable = Deno.permissions.querySync({ name: "read" }).state === "granted";
const rewrite = Deno.permissions.querySync({ name: "env" }).state === "granted" &&
  Deno.env.get("CHARYBDIS_REWRITE") === "1";

const names = readable ? [...Deno.readDirSync(DIRECTORY)].map(({ name }) => name).sort() : [];

for (const name of names) {
  Deno.test(`transcript ${name.replace(".txt", "")} is reproduced`, () => {
    const url = new URL(name, DIRECTORY);
    const written = Deno.readTextFileSync(url);
    const played = play(written, new Cluster());
    if (rewrite) Deno.writeTextFileSync(url, played);
    else assertEquals(played, written);
  });
}

Deno.test({
  name: "the folder of transcripts is not empty",
  ignore: !readable,
  fn: () => assert(names.length >= 6),
});
