/** The server of the commands that show pages in a browser, on this machine only. */

import { number, type Setting } from "../../runtime/settings.ts";
import { BenchError, reasonOf } from "../errors.ts";
import { say } from "../terminal/output.ts";

/** The option `--port` of a command, with its default. */
export function portSetting(preset: number): Setting<number> {
  return number(preset, {
    min: 0,
    max: 65535,
    whole: true,
    description: "Port on 127.0.0.1; 0 selects any free port. Also -p.",
  });
}

/**
 * Serves until the command is interrupted, and returns its exit status. `title` begins the sentence that gives the address.
 * Throws {@linkcode BenchError} if the port is not free.
 */
export async function serveLocally(
  port: number,
  title: string,
  handler: (request: Request) => Response | Promise<Response>,
): Promise<number> {
  const stop = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: "127.0.0.1",
      port,
      signal: stop.signal, // ends at once, even if a browser still follows a run
      onListen: (address) => {
        const url = `http://127.0.0.1:${address.port}/`;
        say(`${title} ${url} (Ctrl-C ends it)`);
      },
    }, handler);
  } catch (error) {
    throw new BenchError(`cannot listen on port ${port}: ${reasonOf(error)}. Choose another with --port`);
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop.abort());
  await server.finished;
  return 0;
}
