/**
 * The command `charybdis playground`, which serves the playground to browsers on this machine only.
 *
 * Tested by `tests/bench/cli/local_server_test.ts`.
 */

import { describeSettings, flag, parseSettings } from "../../runtime/settings.ts";
import { say } from "../terminal/output.ts";
import { PLAIN_STATUSES } from "./exit_statuses.ts";
import { portSetting, serveLocally } from "./local_server.ts";

/** The compressed page that the build includes in the executable. */
const INCLUDED = new URL("../../../.toolchain/playground/index.html.gz", import.meta.url);

const settings = {
  port: portSetting(8090),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command until it is interrupted. */
export async function playgroundCommand(args: readonly string[]): Promise<number> {
  const values = parseSettings(settings, args, { alias: { p: "port" } });
  if (values.help) {
    say(usage());
    return 0;
  }
  const page = await compressedPlayground();
  return await serveLocally(values.port, "The playground is at", (request) => answer(request, page));
}

/** Returns the page: the included one in an executable, else a new one. */
async function compressedPlayground(): Promise<Uint8Array<ArrayBuffer>> {
  if (Deno.build.standalone) return await Deno.readFile(INCLUDED);
  const { makePlayground } = await import("../playground/bundle.ts");
  return await gzip(await makePlayground());
}

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function answer(request: Request, page: Uint8Array<ArrayBuffer>): Response {
  if (new URL(request.url).pathname !== "/") return new Response("not found\n", { status: 404 });
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" };
  // Each browser accepts gzip; other clients get the text.
  if (request.headers.get("accept-encoding")?.includes("gzip") === true) {
    return new Response(page, { headers: { ...headers, "content-encoding": "gzip" } });
  }
  return new Response(new Blob([page]).stream().pipeThrough(new DecompressionStream("gzip")), { headers });
}

function usage(): string {
  return [
    "Usage: charybdis playground [--port N]",
    "",
    "Serves a page in which you write a node, run it in virtual time, and interfere by hand. Nothing leaves the browser.",
    "make playground writes the same page to dist/playground, for any web server or to open from disk. Options:",
    describeSettings(settings),
    "",
    PLAIN_STATUSES,
  ].join("\n");
}
