/** Tests that work in a folder of their own. */

/** A test with a temporary folder; ignored where files may not be read and written. */
export function folderTest(
  name: string,
  run: (directory: string) => void | Promise<void>,
  { permissions = [], ignore = false, parent }: {
    readonly permissions?: ReadonlyArray<"run" | "env" | "sys">;
    readonly ignore?: boolean;
    /** The folder of the test's folder. Default: the system's folder for temporary files. */
    readonly parent?: string;
  } = {},
): void {
  const needed = ["read", "write", ...permissions] as const;
  Deno.test({
    name,
    ignore: ignore || needed.some((permission) =>
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
