/**
 * The command `charybdis serve`, which serves the store to browsers on this machine only.
 *
 * Tested by `tests/bench/cli/help_test.ts`.
 */

import { PLAIN_STATUSES } from "./exit_statuses.ts";
import {
  ArgumentError,
  describeSettings,
  flag,
  number,
  parseSettings,
  text,
} from "../../runtime/settings.ts";
import { say } from "../terminal/output.ts";
import { BenchError, reasonOf } from "../errors.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";
import { storeHandler } from "../report/serve/router.ts";

const settings = {
  store: text({ syntax: "DIR", description: `Directory of the store. Default: ${STORE_DEFAULT}.` }),
  port: number(8080, {
    min: 0,
    max: 65535,
    whole: true,
    description: "Port on 127.0.0.1; 0 selects any free port. Also -p.",
  }),
  host: text({
    syntax: "HOST",
    description:
      "Accepted as on Jepsen's command line, without effect. Only this machine can read the store. Also -b.",
  }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command until it is interrupted. */
export async function serveCommand(args: readonly string[]): Promise<number> {
  const values = parseSettings(settings, args, { alias: { p: "port", b: "host" } });
  if (values.help) {
    say(
      [
        "Usage: charybdis serve [--store DIR] [--port N]",
        "",
        "Browses the store. Options:",
        describeSettings(settings),
        "",
        PLAIN_STATUSES,
      ].join("\n"),
    );
    return 0;
  }
  const store = values.store ?? STORE_DEFAULT;
  if (!isFolder(store)) throw new ArgumentError(`store not found: ${store}`);
  const stop = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: "127.0.0.1",
      port: values.port,
      signal: stop.signal, // ends at once, even if a browser still follows a run
      onListen: ({ port }) => say(`${store} is shown at http://127.0.0.1:${port}/ (Ctrl-C ends it)`),
    }, storeHandler(store));
  } catch (error) {
    throw new BenchError(
      `cannot listen on port ${values.port}: ${reasonOf(error)}. Choose another with --port`,
    );
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop.abort());
  await server.finished;
  return 0;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
