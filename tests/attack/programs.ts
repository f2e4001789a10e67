/** Hostile programs: each floods, hangs, hides or ends in its own way. */

/** A program for /bin/sh or Python. */
export interface HostileProgram {
  readonly name: string;
  /** The whole text, with its `#!` line. */
  readonly text: string;
  /** True if the fast slice runs it. */
  readonly fast?: boolean;
}

/** Answers init, then does what follows. */
const SH = `#!/bin/sh
read -r line
echo '{"src":"n0","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}'
`;

/** Answers init and echo from a thread, while the main thread does what follows. */
const PYTHON = `#!/usr/bin/env python3
import json, os, signal, subprocess, sys, threading, time
lock = threading.Lock()
def put(text):
    with lock:
        sys.stdout.write(text); sys.stdout.flush()
def say(dest, body): put(json.dumps({"src": "n0", "dest": dest, "body": body}) + "\\n")
def answer(line):
    message = json.loads(line); body = message["body"]
    reply = dict(body); reply.pop("msg_id", None)
    reply["type"] = body["type"] + "_ok"; reply["in_reply_to"] = body["msg_id"]
    if body["type"] == "init": reply = {"type": "init_ok", "in_reply_to": body["msg_id"]}
    say(message["src"], reply)
answer(sys.stdin.readline())
def serve():
    for line in sys.stdin: answer(line)
threading.Thread(target=serve, daemon=True).start()
`;

/** All of them. */
export const HOSTILE_PROGRAMS: readonly HostileProgram[] = [
  { name: "empty lines without end", text: `${SH}exec yes ''`, fast: true },
  { name: "short garbage lines without end", text: `${SH}exec yes garbage` },
  {
    name: "endless valid messages to an unknown node",
    text: `${SH}exec yes '{"src":"n0","dest":"n99","body":{"type":"x"}}'`,
  },
  {
    name: "valid messages to itself without end",
    text: `${SH}exec yes '{"src":"n0","dest":"n0","body":{"type":"x"}}'`,
  },
  {
    name: "replies that no request waits for",
    text: `${SH}exec yes '{"src":"n0","dest":"c1","body":{"type":"echo_ok","in_reply_to":99,"echo":"x"}}'`,
  },
  {
    name: "requests to a service without end",
    text: `${SH}exec yes '{"src":"n0","dest":"lin-kv","body":{"type":"read","key":1,"msg_id":7}}'`,
  },
  { name: "stderr without end", text: `${SH}exec yes to-stderr >&2`, fast: true },
  { name: "stderr without line ends", text: `${SH}exec cat /dev/zero >&2` },
  { name: "stdout without line ends", text: `${SH}exec cat /dev/zero` },
  { name: "both streams without end", text: `${SH}yes to-stderr >&2 & exec yes ''` },
  {
    name: "lines of 60 MB to stdout",
    text: `${PYTHON}\nwhile True: put("x" * 60_000_000 + "\\n")`,
  },
  {
    name: "messages of 60 MB to itself",
    text: `${PYTHON}\nwhile True: say("n0", {"type": "x", "pad": "y" * 60_000_000})`,
  },
  {
    name: "lines of 60 MB to stderr",
    text: `${PYTHON}\nwhile True: sys.stderr.write("x" * 60_000_000 + "\\n")`,
  },
  {
    name: "10^6 messages at once, again and again",
    text: `${PYTHON}
batch = (json.dumps({"src": "n0", "dest": "n0", "body": {"type": "x"}}) + "\\n") * 1_000_000
while True: put(batch); time.sleep(1)`,
  },
  { name: "it stops reading its stdin", text: `${SH}exec sleep 1000` },
  { name: "it stops itself", text: `${SH}kill -STOP $$` },
  {
    name: "it ignores every signal",
    text: `${PYTHON}
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE): signal.signal(number, signal.SIG_IGN)
time.sleep(1000)`,
    fast: true,
  },
  { name: "it closes its stdout and lives on", text: `${SH}exec >&-; exec sleep 1000` },
  { name: "it ends at once", text: "#!/bin/sh\nexit 0\n" },
  { name: "it never answers init", text: "#!/bin/sh\nexec sleep 1000\n" },
  { name: "it dies of a signal after init", text: `${SH}kill -SEGV $$` },
  {
    name: "it leaves children in sessions of their own",
    text: `${SH}setsid sleep 1000 & setsid sh -c 'setsid sleep 1000 &' & exec sleep 1000`,
    fast: true,
  },
  {
    name: "it leaves children that ignore signals and hold the pipes",
    text: `${SH}setsid sh -c 'trap "" TERM INT HUP; exec sleep 1000' & exit 0`,
  },
  { name: "it starts children all the time", text: `${SH}while :; do setsid sleep 1000 & sleep 0.05; done` },
  {
    name: "control characters in every line",
    text: `${PYTHON}
while True:
    sys.stderr.write("\\x1b[2J\\x1b]0;title\\x07 \\u202e\\n"); put("\\x1b[31m\\n"); time.sleep(0.01)`,
  },
  { name: "bytes that are not UTF-8", text: `${SH}exec head -c 200000000 /dev/urandom` },
  {
    name: "deeply nested JSON",
    text:
      `${PYTHON}\nwhile True: put('{"src":"n0","dest":"n0","body":{"type":"x","a":' + "[" * 100000 + "]" * 100000 + "}}\\n"); time.sleep(0.1)`,
  },
];
