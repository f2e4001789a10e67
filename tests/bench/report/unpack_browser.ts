/**
 * Unpacks a chromium from npm into .toolchain/chromium/, for the tests in a browser, where the system has none:
 * `unpack_browser.ts ROOT`. Libraries that it needs and the system lacks come with it.
 */

import { brotliDecompressSync } from "node:zlib";

const PACKAGE = "@sparticuz/chromium@153.0.0";

const [root] = Deno.args;
if (root === undefined) throw new Error("usage: unpack_browser.ts ROOT");
const folder = `${root}/.toolchain/chromium`;
const packed = `${folder}/packed`;
Deno.mkdirSync(packed, { recursive: true });

async function run(command: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args, cwd: packed }).output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
}

await run("npm", "pack", "--silent", PACKAGE);
await run("sh", "-c", "tar -xzf *.tgz");
const unpack = (name: string) => brotliDecompressSync(Deno.readFileSync(`${packed}/package/bin/${name}`));
Deno.writeFileSync(`${folder}/chromium`, unpack("chromium.br"), { mode: 0o755 });
for (const name of ["al2023.tar", "swiftshader.tar"]) {
  Deno.writeFileSync(`${packed}/${name}`, unpack(`${name}.br`));
  await run("tar", "-xf", name, "-C", "..");
}
Deno.removeSync(packed, { recursive: true });
