/**
 * The command `charybdis serve`, which serves the store to browsers on this machine only.
 *
 * Tested by `tests/bench/cli/local_server_test.ts`.
 */

import { PLAIN_STATUSES } from "./exit_statuses.ts";
import { ArgumentError, describeSettings, flag, parseSettings, text } from "../../runtime/settings.ts";
import { say } from "../terminal/output.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";
import { storeHandler } from "../report/serve/router.ts";
import { portSetting, serveLocally } from "./local_server.ts";

const settings = {
  store: text({ syntax: "DIR", description: `Directory of the store. Default: ${STORE_DEFAULT}.` }),
  port: portSetting(8080),
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
  return await serveLocally(values.port, `${store} is shown at`, storeHandler(store));
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
