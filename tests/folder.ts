/** Tests that work in a folder of their own. */

import { isInSlice } from "./seeds.ts";

/** The number of tests of this file so far. Each file of tests has its own copy of this module. */
let count = 0;

/** A test with a temporary folder; ignored where files may not be read and written. */
export function folderTest(
  name: string,
  run: (directory: string) => void | Promise<void>,
  { permissions = [], ignore = false, slices = 1, parent }: {
    readonly permissions?: ReadonlyArray<"run" | "env" | "sys" | "net">;
    readonly ignore?: boolean;
    /** The number of slices of the file's tests, of which each commit runs the next one. Default: 1. */
    readonly slices?: number;
    /** The folder of the test's folder. Default: the system's folder for temporary files. */
    readonly parent?: string;
  } = {},
): void {
  const needed = ["read", "write", ...permissions] as const;
  Deno.test({
    name,
    ignore: ignore || !isInSlice(count++, slices) || needed.some((permission) =>
      Deno.permissions.querySync({ name: permission }).state !== "granted"
    ) ||
      (permissions.includes("run") && Deno.build.os === "windows"), // the bench needs POSIX signals
    fn: async () => {
      const directory = Deno.makeTempDirSync(parent === undefined ? {} : { dir: parent });
      try {
        await run(directory);
      } finally {
        Deno.removeSync(directory, { recursive: true });
      }
    },
  });
}
