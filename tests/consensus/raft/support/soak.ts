/** How much a test run is to try. */

const soaking = Deno.permissions.querySync({ name: "env", variable: "CHARYBDIS_SOAK" }).state === "granted" &&
  Deno.env.get("CHARYBDIS_SOAK") === "1";

/** The seeds to try: a few, or in a long run (CHARYBDIS_SOAK=1) many. */
export function* seeds({ few, many }: { readonly few: number; readonly many: number }): Generator<number> {
  const last = soaking ? many : few;
  for (let seed = 1; seed <= last; seed++) yield seed;
}
