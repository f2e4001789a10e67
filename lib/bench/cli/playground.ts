/**
 * The command `charybdis playground`, which serves the playground to browsers on this machine only.
 *
 * Tested by `tests/bench/playground/page_test.ts`.
 */

import { describeSettings, flag, number, parseSettings } from "../../runtime/settings.ts";
import { BenchError, reasonOf } from "../errors.ts";
import { say } from "../terminal/output.ts";
import { PLAIN_STATUSES } from "./exit_statuses.ts";

/** The page that the build includes in the executable. */
const INCLUDED = new URL("../../../.toolchain/playground/index.html", import.meta.url);

const settings = {
  port: number(8090, {
    min: 0,
    max: 65535,
    whole: true,
    description: "Port on 127.0.0.1; 0 selects any free port. Also -p.",
  }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command until it is interrupted. */
export async function playgroundCommand(args: readonly string[]): Promise<number> {
  const values = parseSettings(settings, args, { alias: { p: "port" } });
  if (values.help) {
    say(usage());
    return 0;
  }
  const page = await gzip(await playgroundText());
  const stop = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: "127.0.0.1",
      port: values.port,
      signal: stop.signal,
      onListen: ({ port }) => say(`The playground is at http://127.0.0.1:${port}/ (Ctrl-C ends it)`),
    }, (request) => answer(request, page));
  } catch (error) {
    throw new BenchError(
      `cannot listen on port ${values.port}: ${reasonOf(error)}. Choose another with --port`,
    );
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop.abort());
  await server.finished;
  return 0;
}

/** Returns the page: the included one in an executable, else a new one. */
async function playgroundText(): Promise<string> {
  if (Deno.build.standalone) return await Deno.readTextFile(INCLUDED);
  const { makePlayground } = await import("../playground/bundle.ts");
  return await makePlayground();
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
