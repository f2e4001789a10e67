/** Native executables as processes: only messages on stdout, no lost reply, and a clean end. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { optionsOf } from "../../lib/bench/cluster/executable.ts";
import { bin, INIT, line, messagesIn, NodeProcess, run, runnable, shell } from "./executable.ts";

const ignore = !runnable("echo", "unique-ids");

/** Returns this number of echo requests, each with its number. */
function requests(count: number, options: { readonly from?: number } = {}): string {
  const { from = 0 } = options;
  return Array.from(
    { length: count },
    (_, i) => line({ type: "echo", msg_id: from + i + 10, echo: from + i }),
  ).join("");
}

/** The numbers that came back, in order. */
function echoed(stdout: string): unknown[] {
  return messagesIn(stdout).filter(({ body }) => body.type === "echo_ok").map(({ body }) => body["echo"]);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

Deno.test("executables run with an empty environment and an empty PATH", { ignore }, async () => {
  const { code, stdout, stderr } = await run(bin("echo"), { input: INIT + requests(1) });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(messagesIn(stdout).map(({ body }) => body.type), ["init_ok", "echo_ok"]);
  const ids = await run(bin("unique-ids"), { input: INIT + line({ type: "generate", msg_id: 2 }) });
  assertEquals([ids.code, ids.stderr], [0, ""]);
  assertEquals(messagesIn(ids.stdout).map(({ body }) => body.type), ["init_ok", "generate_ok"]);
});

Deno.test("when stdin ends, all replies are written, and the exit status is 0", { ignore }, async () => {
  const { code, stdout } = await run(bin("echo"), { input: INIT + requests(5000) });
  assertEquals(code, 0);
  assertEquals(echoed(stdout), numbers(5000));
});

Deno.test("a last line without a line end is read, and \\r\\n ends a line", { ignore }, async () => {
  const input = (INIT + requests(3)).replaceAll("\n", "\r\n").trimEnd();
  assertEquals(echoed((await run(bin("echo"), { input })).stdout), [0, 1, 2]);
});

Deno.test("without input, a node ends with status 0 and without output", { ignore }, async () => {
  assertEquals(await run(bin("echo")), { code: 0, signal: null, stdout: "", stderr: "" });
});

Deno.test(
  "after SIGTERM or SIGINT, pending requests are answered and the exit status is 0",
  { ignore },
  async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const node = await NodeProcess.started(bin("echo"));
      await node.write(requests(1));
      assertEquals((await node.message()).body["echo"], 0);
      node.child.kill(signal);
      assertEquals((await node.ended()).code, 0);
    }
  },
);

Deno.test("SIGTERM ends a node before init and during a long write", { ignore }, async () => {
  const silent = new NodeProcess(bin("echo"));
  await silent.write("\n");
  // Its signal handlers are installed once it has sent a reply.
  await silent.write(requests(1));
  assertEquals((await silent.message()).body["code"], 11);
  silent.child.kill("SIGTERM");
  assertEquals((await silent.ended()).code, 0);
});

Deno.test("a closed stdout ends a node without a message", { ignore }, async () => {
  const { code, stdout, stderr } = await shell(
    `{ printf '%s\\n' '${INIT.trim()}'; i=0; while [ $i -lt 20000 ]; do echo '${
      requests(1).trim()
    }'; i=$((i+1)); done; } |
     { $BIN; echo "exit $?" >&2; } | head -n 1`,
    "echo",
  );
  assertEquals([code, messagesIn(stdout).length, stderr], [0, 1, "exit 0\n"]);
});

Deno.test(
  "a full disk at stdout ends a node with status 1 and one line",
  { ignore },
  async () => {
    const { code, stderr } = await shell(`printf '%s\\n' '${INIT.trim()}' | $BIN > /dev/full`, "echo");
    assertEquals(code, 1);
    assertMatch(stderr, /^fatal: stdout cannot be written: [^\n]*\n$/);
    assert(!stderr.includes(" at "), stderr);
  },
);

Deno.test(
  "an unreadable stdin ends a node with status 1 and one line",
  { ignore },
  async () => {
    const { code, stderr } = await shell("$BIN < /", "echo");
    assertEquals(code, 1);
    assertMatch(stderr, /^fatal: stdin cannot be read: [^\n]*\n$/);
  },
);

Deno.test("a node survives a closed stdin, stdout or stderr", { ignore }, async () => {
  assertEquals((await shell("$BIN <&-", "echo")).code, 0);
  assertEquals((await shell(`printf '%s\\nx\\n' '${INIT.trim()}' | $BIN >&-`, "echo")).code, 0);
  const { code, stdout } = await shell(`printf '%s\\nx\\n' '${INIT.trim()}' | $BIN 2>&-`, "echo");
  assertEquals([code, messagesIn(stdout).length], [0, 1]);
});

Deno.test("100,000 lines written before anything is read are all answered", { ignore }, async () => {
  const count = 100_000;
  const node = await NodeProcess.started(bin("echo"));
  await node.write(requests(count)); // resolves when the pipe has taken all of it
  for (let i = 0; i < count; i++) {
    const { body } = await node.message();
    if (body["echo"] !== i || body.in_reply_to !== i + 10) {
      throw new Error(`reply ${i} is ${JSON.stringify(body)}`);
    }
  }
  await node.closeInput();
  assertEquals((await node.ended()).code, 0);
});

Deno.test("a slow reader gets all output after the end of input", { ignore }, async () => {
  const count = 20_000;
  const node = await NodeProcess.started(bin("echo"));
  await node.write(requests(count));
  await node.closeInput();
  // Longer than a node waits after a signal.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  for (let i = 0; i < count; i++) {
    const { body } = await node.message();
    if (body["echo"] !== i) throw new Error(`reply ${i} is ${JSON.stringify(body)}`);
  }
  assertEquals((await node.ended()).code, 0);
});

Deno.test("after SIGTERM, a node ends although its output is never read", { ignore }, async () => {
  const node = await NodeProcess.started(bin("echo"));
  await node.write(requests(20_000));
  node.child.kill("SIGTERM");
  assertEquals((await node.child.status).code, 0);
  await node.ended();
});

Deno.test("lines are read from any chunks, also split within a character", { ignore }, async () => {
  const node = await NodeProcess.started(bin("echo"));
  const bytes = new TextEncoder().encode(line({ type: "echo", msg_id: 3, echo: "é漢🐙\u2028" }));
  for (const byte of bytes) await node.write(Uint8Array.of(byte));
  assertEquals((await node.message()).body["echo"], "é漢🐙\u2028");
  await node.closeInput();
  assertEquals((await node.ended()).code, 0);
});

Deno.test("a line of 10 MB is answered in full", { ignore }, async () => {
  const echo = "x".repeat(10 * 1024 * 1024);
  const input = INIT + line({ type: "echo", msg_id: 2, echo }) +
    line({ type: "echo", msg_id: 3, echo: "next" });
  const { code, stdout } = await run(bin("echo"), { input });
  assertEquals(code, 0);
  const values = echoed(stdout);
  assert(values[0] === echo);
  assertEquals(values[1], "next");
});

Deno.test("a non-blocking stdin that is empty is not at its end", {
  ignore: ignore || !hasPython(),
}, async () => {
  const script = `
import os, subprocess, sys, time
read, write = os.pipe()
os.set_blocking(read, False)
node = subprocess.Popen([os.environ["BIN"]], stdin=read, stdout=subprocess.PIPE)
for line in sys.argv[1:]:
    os.write(write, line.encode())
    print(node.stdout.readline().decode(), end="")
os.close(read); os.close(write)
print(node.wait())
`;
  const { stdout, stderr } = await new Deno.Command("python3", {
    args: ["-c", script, INIT, requests(1), requests(1, { from: 1 })],
    env: { BIN: bin("echo") },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  assertEquals([lines.length, lines.at(-2)], [5, "0"], new TextDecoder().decode(stderr));
  assertEquals(messagesIn(`${lines.slice(0, 3).join("\n")}\n`).map(({ body }) => body["echo"]), [
    undefined,
    0,
    1,
  ]);
});

/** Returns true if Python is available, which can make a pipe non-blocking; Deno cannot. */
function hasPython(): boolean {
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return false;
  try {
    return new Deno.Command("python3", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

Deno.test("stderr has one line per refused message, cut to a readable length", {
  ignore,
}, async () => {
  const input = `${INIT}garbage\n${line({ type: "echo", msg_id: 2 })}${
    line({ type: "x".repeat(100_000), msg_id: 3 })
  }`;
  const { code, stdout, stderr } = await run(bin("echo"), { input });
  assertEquals(code, 0);
  assertEquals(messagesIn(stdout).map(({ body }) => body["code"]), [undefined, 12, 10]);
  const lines = stderr.trimEnd().split("\n");
  assertEquals(lines.length, 3);
  assertMatch(lines[0] ?? "", /^malformed line: not JSON .*: garbage$/);
  for (const each of lines) assert(each.length < 5000);
});

Deno.test("--version and --help print to stdout and end with status 0", { ignore }, async () => {
  const version = await run(bin("echo"), { args: ["--version"] });
  assertEquals([version.code, version.stderr], [0, ""]);
  assertMatch(version.stdout, /^echo \d+\.\d+\.\d+ \(Charybdis, Deno [\d.]+\)\n$/);
  const help = await run(bin("unique-ids"), { args: ["--help"] });
  assertEquals([help.code, help.stderr], [0, ""]);
  assertStringIncludes(help.stdout, "Usage: unique-ids [options]");
  assertStringIncludes(help.stdout, "Gives out ids that no node gives twice.");
  assertStringIncludes(help.stdout, "--help");
  for (const each of help.stdout.split("\n")) assert(each.length <= 100, each);
});

Deno.test("the bench recognizes an executable, and knows its options", { ignore }, async () => {
  assert((await optionsOf(bin("broadcast"))).has("--max-latency-ms"));
  assertEquals(await optionsOf("/bin/sh"), new Set());
});

Deno.test(
  "a wrong argument ends with status 254 and one line with the nearest name",
  { ignore },
  async () => {
    const cases: ReadonlyArray<readonly [args: string[], message: string]> = [
      [["--hlep"], "unknown option --hlep: did you mean --help?"],
      [["--versoin=1"], "unknown option --versoin: did you mean --version?"],
      [["--data", "x"], "unknown option --data: one of --help, --version"],
      [["-z"], "unknown option -z: one of --help, --version"],
      [["fast"], "unexpected argument: fast; only options are taken here, as --name value"],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await run(bin("echo"), { args });
      assertEquals([code, stdout, stderr], [254, "", `echo: ${message}\nSee --help.\n`], args.join(" "));
    }
  },
);
