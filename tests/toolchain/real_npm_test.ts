/** The real npm where it cannot install: what it says is what `toolchain.sh` looks for. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { folderTest } from "../folder.ts";
import { soaking } from "../seeds.ts";
import { mayMount, mountDisk, unmountDisk } from "../small_disk.ts";
import { Sandbox } from "./sandbox.ts";

const permitted = (["read", "write", "run", "env"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

/** The place of a program on PATH. */
function onPath(name: string): string | undefined {
  if (!permitted) return undefined;
  return (Deno.env.get("PATH") ?? "").split(":").map((folder) => `${folder}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

const npm = onPath("npm");
const node = onPath("node");
const withNpm = {
  permissions: ["run", "env"],
  ignore: npm === undefined || node === undefined,
} as const;

/** A sandbox with the machine's own npm and node. */
function npmSandbox(folder: string, programs: Readonly<Record<string, string>> = {}): Sandbox {
  const sandbox = new Sandbox(folder, programs);
  for (const [name, path] of [["npm", npm], ["node", node]] as const) {
    if (path !== undefined) Deno.symlinkSync(Deno.realPathSync(path), `${folder}/bin/${name}`);
  }
  return sandbox;
}

folderTest("a proxy that answers npm with a page is reported, and no file is left", async (folder) => {
  const sandbox = npmSandbox(folder);
  const page = () => new Response("<html>Log in</html>", { headers: { "content-type": "text/html" } });
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, page);
  const { code, said } = await sandbox.find({ npm_config_registry: `http://127.0.0.1:${server.addr.port}` });
  assertEquals(code, 1);
  assertStringIncludes(said.at(-1) ?? "", "the registry does not answer with packages");
  assertEquals(sandbox.left(), []);
}, withNpm);

folderTest("an unresponsive registry is reported", async (folder) => {
  const closed = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = closed.addr;
  closed.close();
  const sandbox = npmSandbox(folder);
  const { code, said } = await sandbox.find({
    npm_config_registry: `http://127.0.0.1:${port}`,
    npm_config_fetch_retries: "0",
  });
  assertEquals(code, 1);
  assertStringIncludes(said.at(-1) ?? "", "the registry does not answer");
  assertEquals(sandbox.left(), []);
}, withNpm);

// Downloads the real package, so it is not part of every run.
const canFill = soaking && permitted && await mayMount();

folderTest(
  "a disk that fills up during npm's installation is reported, and no file is left",
  async (folder) => {
    assert(await mountDisk(folder, "60m"));
    const cache = Deno.makeTempDirSync();
    try {
      // Says at first that there is room, as if something else filled the disk later.
      const df = `#!/bin/sh
[ ! -e "$SANDBOX/asked" ] || exec ${onPath("df")} "$@"
: >"$SANDBOX/asked"
echo Filesystem 1024-blocks Used Available
echo disk 9000000 0 9000000 0% /
`;
      const sandbox = npmSandbox(folder, { df });
      const { code, said } = await sandbox.find({ npm_config_cache: cache, ...npmSettings() });
      assertEquals(code, 1);
      assertStringIncludes(said.at(-1) ?? "", "the disk is full");
      assertEquals(sandbox.left(), []);
    } finally {
      Deno.removeSync(cache, { recursive: true });
      await unmountDisk(folder);
    }
  },
  { ...withNpm, ignore: withNpm.ignore || !canFill },
);

/** The machine's own settings of npm: the sandbox has a HOME without them. */
function npmSettings(): Record<string, string> {
  const names = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
  const settings = names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const npmrc = `${Deno.env.get("HOME")}/.npmrc`;
  return { ...Object.fromEntries(settings), npm_config_userconfig: npmrc };
}
