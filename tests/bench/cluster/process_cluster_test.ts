/** The bench with real processes. These tests wait in real time, so there are only the necessary ones. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { folderTest } from "../../folder.ts";
import { writeProgram } from "../../program.ts";
import { assertTook } from "../../seeds.ts";

/** A test that starts processes and waits in real time. */
function processTest(name: string, run: (box: Box) => Promise<void>): void {
  folderTest(name, (directory) => run(new Box(directory)), { permissions: ["run"], slices: 3 });
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** A folder to work in. */
class Box {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Writes a program for /bin/sh and returns its path. */
  script(name: string, lines: readonly string[], head = "#!/bin/sh"): string {
    const path = `${this.directory}/${name}`;
    writeProgram(path, [head, ...lines, ""].join("\n"));
    return path;
  }

  spawn(args: readonly string[]): Deno.ChildProcess {
    return new Deno.Command("bin/charybdis", {
      args: args[0] === "test" ? [...args, "--store", `${this.directory}/store`] : [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  async charybdis(...args: readonly string[]): Promise<Ended> {
    const began = performance.now();
    const { code, stdout, stderr } = await this.spawn(args).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, stdout: out ?? "", stderr: err ?? "", seconds: (performance.now() - began) / 1000 };
  }
}

/** Speaks just enough JSON for /bin/sh: answers init and echo. */
const SH_ECHO = [
  'field() { printf "%s" "$1" | sed -n "s/.*\\"$2\\":\\"\\{0,1\\}\\([^,}\\"]*\\).*/\\1/p"; }',
  "while read -r line; do",
  '  src=$(field "$line" src) dest=$(field "$line" dest) id=$(field "$line" msg_id)',
  "  case $line in",
  '  *\\"init\\"*) body="\\"type\\":\\"init_ok\\"" ;;',
  '  *) body="\\"type\\":\\"echo_ok\\",\\"echo\\":\\"$(field "$line" echo)\\"" ;;',
  "  esac",
  '  printf \'{"src":"%s","dest":"%s","body":{%s,"in_reply_to":%s}}\\n\' "$dest" "$src" "$body" "$id"',
  "done",
];

const ECHO = ["test", "-w", "echo", "--node-count", "1", "--time-limit", "1", "--rate", "10"];

processTest("an executable is judged, and the stored run can be judged again", async (box) => {
  const args = [...ECHO, "--concurrency", "4", "--bin", "bin/echo"];
  const { code, stdout, stderr: shown, seconds } = await box.charybdis(...args);
  assertEquals(code, 0, stdout);
  assertEquals(shown, "", "without a terminal, progress is printed at most every ten seconds");
  assertMatch(stdout, /Everything looks good! ヽ\(‘ー`\)ノ\n$/);
  assertTook(seconds, { lessThan: 15, what: "a test of one second" });
  const run = Deno.realPathSync(`${box.directory}/store/latest`);
  assertEquals(Deno.realPathSync(`${box.directory}/store/echo/latest`), run);
  assertMatch(run, /\/store\/echo\/\d{8}T\d{6}\.\d{3}$/);
  for (const name of ["test.json", "history.jsonl", "results.json", "node-logs/n0.log"]) {
    assert(Deno.statSync(`${run}/${name}`).isFile, name);
  }
  const events = Deno.readTextFileSync(`${run}/history.jsonl`).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  const clients = events.filter(({ type }) => type === "invoke").map(({ process }) => process);
  assertEquals(clients.slice(0, 5), [0, 1, 2, 3, 0], "operations go to the clients in turn");
  const again = await box.charybdis("check", run);
  assertEquals(again.code, 0, again.stderr);
});

processTest("a node written in sh passes", async (box) => {
  const bin = box.script("echo.sh", SH_ECHO);
  const shown = ["--json", "--log-net-send", "--log-net-recv"];
  const { code, stdout, stderr } = await box.charybdis(...ECHO, "--bin", bin, ...shown);
  assertEquals(code, 0, stdout);
  for (const passed of ["send", "recv"]) {
    for (const start of ['"src":"c', '"src":"n0","dest":"c']) {
      assertStringIncludes(stderr, `${passed} {${start}`);
    }
  }
  const result = JSON.parse(stdout);
  assert(result.stats["ok-count"] > 3, "stdout contains only the JSON");
});

processTest(
  "a wrong reply makes the test invalid, with status 1 and the operation",
  async (box) => {
    const liar = box.script(
      "liar.sh",
      SH_ECHO.map((line) => line.replace('$(field "$line" echo)', "something else")),
    );
    const { code, stdout } = await box.charybdis(...ECHO, "--bin", liar);
    assertEquals(code, 1);
    assertMatch(stdout, /something\s+else/);
    assertStringIncludes(stdout, "Analysis invalid!");
  },
);

processTest(
  "a program that is not a node is reported with its output and the expected output",
  async (box) => {
    const cases: ReadonlyArray<readonly [string, string, number]> = [
      [
        box.script("ends.sh", ["echo some last words >&2", "exit 3"]),
        "node n0 ended with exit status 3. The end of its stderr:\n    some last words",
        255,
      ],
      [box.script("chats.sh", ["echo hello there", "sleep 5"]), "Unexpected token", 255],
      [
        box.script("endless.sh", ["exec cat /dev/zero"]),
        "more than 64 MiB without a line's end: a message is one line",
        255,
      ],
      [
        box.script("text", ["this is not a program"], "plain text"),
        "node n0 ended with exit status 127",
        255,
      ],
      [
        box.script("headless", ["exit 0"], "#!/no/such/interpreter"),
        "the interpreter that its #! line names is missing",
        255,
      ],
      [`${box.directory}/missing`, "the file does not exist", 254],
      [box.directory, "is not a file", 254],
    ];
    for (const [bin, expected, status] of cases) {
      const { code, stderr, seconds } = await box.charybdis(...ECHO, "--bin", bin);
      assertStringIncludes(stderr, expected);
      assertEquals(code, status, stderr);
      assertTook(seconds, { lessThan: 5, what: bin });
    }
  },
);

processTest("a wrong command line does not add a run to the store", async (box) => {
  for (
    const options of [[], ["--bin", `${box.directory}/missing`], [
      "--virtual",
      "--report",
      "--bin",
      "bin/echo",
    ]]
  ) {
    const { code, stderr } = await box.charybdis(...ECHO, ...options);
    assertEquals(code, 254, stderr);
  }
  assertEquals([...Deno.readDirSync(box.directory)].map(({ name }) => name), []);
});

processTest(
  "a wrong command line ends with status 254 and one line that names the nearest option",
  async (box) => {
    const cases: ReadonlyArray<readonly [readonly string[], string]> = [
      [["test", "-w", "brodcast", "--bin", "bin/echo"], "unknown workload brodcast: did you mean broadcast?"],
      [
        ["test", "-w", "echo", "--node-cuont", "3"],
        "unknown option --node-cuont: did you mean --node-count?",
      ],
      [["test", "-w", "echo"], "--bin FILE is missing"],
      [["test", "-w", "echo", "--rate", "fast"], "--rate must be 0…1000000, but is fast"],
      [["test", "-w", "echo", "--latency-dist", "uniforn"], "did you mean uniform?"],
      [["test", "-w", "echo", "--nemesis", "clock", "--bin", "bin/echo"], "needs --virtual"],
      [["tset"], "unknown command tset: did you mean test?"],
      [["sweep", "-w", "echo", "--faults", "everything"], "unknown fault everything"],
    ];
    for (const [args, expected] of cases) {
      const { code, stderr } = await box.charybdis(...args);
      assertEquals(code, 254, stderr);
      assertStringIncludes(stderr, expected);
      assertEquals(stderr.trim().split("\n").length, 1, stderr);
    }
  },
);

processTest("floods, nodes that do not read and full pipes do not block the bench", async (box) => {
  const flood = box.script("flood.sh", ["read -r line", ...SH_ECHO.slice(0, 1), "yes '{\"broken\":' "]);
  const flooded = await box.charybdis(...ECHO, "--bin", flood);
  assertEquals(flooded.code, 255, flooded.stderr);
  assertTook(flooded.seconds, { lessThan: 20, what: "a flood" });
  const init = `'{"src":"n0","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}'`;
  const deaf = box.script("deaf.sh", ["read -r line", `echo ${init}`, "sleep 30"]);
  const { code, stdout, seconds } = await box.charybdis(
    ...ECHO,
    "--bin",
    deaf,
    "--concurrency",
    "20",
    "--rate",
    "1000",
  );
  assertEquals(code, 1, stdout);
  assertTook(seconds, { lessThan: 15, what: "a node that does not read" });
});

processTest(
  "after a line that is not JSON, the node is not read again, and a remark quotes the line",
  async (box) => {
    const later = box.script(
      "later.sh",
      SH_ECHO.map((line) => line.startsWith("  *) body") ? `  *) echo debug; ${line.slice(5)}` : line),
    );
    const { code: status, stdout } = await box.charybdis(...ECHO, "--bin", later);
    assertEquals(status, 1);
    assertStringIncludes(
      stdout,
      "node n0 wrote a line that is not JSON (1 time); after such a line,",
    );
  },
);

processTest("a killed bench leaves no node, not even a paused one", async (box) => {
  const pids = `${box.directory}/pids`;
  Deno.writeTextFileSync(pids, "");
  const node = box.script("node.sh", [`echo $$ >>${pids}`, ...SH_ECHO]);
  const child = box.spawn(["test", "-w", "echo", "--bin", node, "--node-count", "2", "--time-limit", "60"]);
  const started = () => Deno.readTextFileSync(pids).split("\n").slice(0, -1).map(Number);
  await until(() => started().length === 2);
  const nodes = started();
  assertEquals(nodes.length, 2);
  Deno.kill(nodes[0] ?? 0, "SIGSTOP");
  child.kill("SIGKILL");
  await child.output();
  await until(() => !nodes.some(alive));
  assertEquals(nodes.filter(alive), []);
});

/** Waits until a condition holds, for 20 s at most. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function alive(pid: number): boolean {
  try {
    const state = Deno.readTextFileSync(`/proc/${pid}/stat`).split(" ")[2];
    return state !== "Z";
  } catch {
    return false;
  }
}

processTest("an unwritable store is reported before any node starts", async (box) => {
  const file = `${box.directory}/file`;
  Deno.writeTextFileSync(file, "");
  const { stderr, code } = await new Deno.Command("bin/charybdis", {
    args: [...ECHO, "--bin", "bin/echo", "--store", `${file}/store`],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assertEquals(code, 255);
  assertStringIncludes(new TextDecoder().decode(stderr), "cannot write to the store");
});
