/** Small disks for tests of full ones. To mount one, a process must be root, which a container's root may not be in full. */

/** Runs a program; true if it succeeds. */
async function succeeds(program: string, ...args: readonly string[]): Promise<boolean> {
  const command = new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" });
  return await command.output().then(({ success }) => success, () => false);
}

/** Mounts a disk of a size such as `40k`; true if that is allowed. */
export async function mountDisk(folder: string, size: string): Promise<boolean> {
  return await succeeds("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder);
}

/** Unmounts a disk, also while a process has a file of it open; true if that succeeds. */
export async function unmountDisk(folder: string): Promise<boolean> {
  return await succeeds("umount", "--lazy", folder);
}

/** Returns true if this process may mount disks. */
export async function mayMount(): Promise<boolean> {
  const permitted = (["run", "read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  if (!permitted || Deno.build.os !== "linux") return false;
  const folder = Deno.makeTempDirSync();
  const mounted = await mountDisk(folder, "40k");
  if (mounted) await unmountDisk(folder);
  Deno.removeSync(folder);
  return mounted;
}
