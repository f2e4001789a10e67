import { assert, assertEquals } from "@std/assert";
import {
  type SandboxAccess,
  sandboxCommand,
  type SandboxTools,
} from "../../../lib/bench/sandbox/bubblewrap.ts";
import { NODE_LIMITS } from "../../../lib/bench/sandbox/limits.ts";

const tools: SandboxTools = {
  system: [{ path: "/usr" }, { path: "/bin", target: "usr/bin" }],
  options: new Set(["--disable-userns"]),
  isRoot: false,
  path: ["/home/teacher/bin", "/usr/bin", "/bin"],
  scope: [],
};
const access: SandboxAccess = {
  folder: "/grades/alice",
  readable: ["/jdk"],
  hidden: [],
  limits: NODE_LIMITS,
};

function line(given: Partial<SandboxTools>, more: Partial<SandboxAccess> = {}): string {
  return ` ${
    sandboxCommand({ ...tools, ...given }, { ...access, ...more }, ["/submission/echo", "-v"]).join(" ")
  } `;
}

Deno.test("a sandbox has no network, an own home, and its folder read-only", () => {
  const plain = line({});
  const wanted = [
    "bwrap --unshare-all --unshare-user --die-with-parent --clearenv --disable-userns",
    "--setenv PATH /usr/bin:/bin ",
    "--ro-bind /usr /usr --symlink usr/bin /bin --ro-bind /jdk /jdk",
    "--tmpfs /home/student",
    "--ro-bind /grades/alice /submission",
    "--remount-ro / --chdir /tmp -- prlimit --core=0 --nproc=256",
    "-- /submission/echo -v",
  ];
  for (const part of wanted) assert(plain.includes(` ${part}`), part);
  assert(!plain.includes(" --bind "), "nothing of the system is writable");
});

Deno.test("hidden folders are covered only where they would be readable", () => {
  const covered = line({}, { hidden: ["/usr/local/grades", "/home/teacher/store", "/jdk/secret"] });
  assertEquals(covered.match(/--tmpfs \/(usr|jdk|home\/teacher)\S*/g), [
    "--tmpfs /usr/local/grades",
    "--tmpfs /jdk/secret",
  ]);
});

Deno.test("root gives up its rights, and systemd bounds the memory of all processes", () => {
  assert(line({ isRoot: true }).startsWith(" setpriv --reuid=65534 --regid=65534 --clear-groups bwrap "));
  const grouped = line({ scope: ["systemd-run", "--user", "--scope"] });
  assert(
    grouped.startsWith(
      " systemd-run --user --scope -p MemoryMax=2048M -p MemorySwapMax=0 -p TasksMax=256 -- bwrap ",
    ),
  );
});

Deno.test("a build gets a writable folder of bounded size, and its source read-only", () => {
  const build = line({}, { buildMb: 3 });
  assert(build.includes(" --ro-bind /grades/alice /source --size 3145728 --tmpfs /submission "));
  assert(build.includes(" --chdir /submission "));
});
