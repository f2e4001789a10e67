/** Programs that try to leave their sandbox, or to use up the machine. They answer `init` and `echo` all the while. */

/** A program for Python. Each attempt that succeeds logs a line that begins with `ESCAPED`. */
export interface EscapingProgram {
  readonly name: string;
  readonly text: string;
}

const PYTHON = `#!/usr/bin/env python3
import json, os, signal, socket, sys, threading, time
OUTSIDE = sys.argv[1:]
def log(*words): print(*words, file=sys.stderr, flush=True)
def tries(name, attempt):
    try: got = attempt()
    except BaseException as error: log("refused", name, repr(error))
    else: log("ESCAPED" if got else "refused", name, repr(got)[:80])
def serve():
    for line in sys.stdin:
        message = json.loads(line); body = message["body"]
        reply = dict(body); reply.pop("msg_id", None)
        reply["type"] = body["type"] + "_ok"; reply["in_reply_to"] = body["msg_id"]
        print(json.dumps({"src": "n0", "dest": message["src"], "body": reply}), flush=True)
    os._exit(0)
threading.Thread(target=serve, daemon=True).start()
`;

/** A program that only answers. */
export const HONEST: EscapingProgram = { name: "honest", text: `${PYTHON}time.sleep(600)\n` };

/** Reads, writes, signals and connects. Its arguments are paths outside its folder, and a port. */
export const INTRUDER: EscapingProgram = {
  name: "intruder",
  text: `${PYTHON}
*paths, port = OUTSIDE
def read(path): return open(path).read() if os.path.isfile(path) else os.listdir(path)
def kills(pid):
    if os.path.exists("/proc/self/task/" + str(pid)): return False
    try: os.kill(pid, signal.SIGKILL)
    except OSError: return False
    return True
def write(path):
    open(path, "w").write("x")
    return path
for path in [*paths, "/etc/passwd", "/etc/shadow", "/root", "/home/student/..", "/proc/1/root/etc/passwd"]:
    if path != "/home/student/..": tries("read " + path, lambda: read(path))
    tries("write " + path, lambda: write(path + "/x"))
for path in ["/x", "/usr/x", "/submission/x", "/dev/x", "/proc/sys/kernel/core_pattern"]:
    tries("write " + path, lambda: write(path))
tries("see processes", lambda: set(pid for pid in os.listdir("/proc") if pid.isdigit()) - {"1", str(os.getpid())})
tries("kill every process", lambda: [pid for pid in range(2, 70000) if kills(pid)])
tries("kill its parent", lambda: os.kill(os.getppid(), signal.SIGKILL))
def connect():
    with socket.create_connection(("127.0.0.1", int(port)), 1): return True
tries("connect to the machine", connect)
tries("send beyond the machine", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9)))
server = socket.socket(); server.bind(("0.0.0.0", 8080)); server.listen()
log("done")
time.sleep(60)
`,
};

/** Programs that use up the machine. */
export const DEVOURERS: readonly EscapingProgram[] = [
  {
    name: "a fork bomb",
    text: `${PYTHON}
def bomb():
    for i in range(5000):
        try: pid = os.fork()
        except OSError:
            log("refused fork", i); break
        if pid == 0: time.sleep(60); os._exit(0)
    else: log("ESCAPED fork")
bomb(); log("done"); time.sleep(60)
`,
  },
  {
    name: "10 GB of memory",
    text: `${PYTHON}
tries("memory", lambda: len(bytes(10 * 2**30)))
log("done"); time.sleep(60)
`,
  },
  {
    name: "10 GB of disk",
    text: `${PYTHON}
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def fill(folder):
    for i in range(200):
        with open(folder + "/" + str(i), "wb") as file: file.write(bytes(50 * 2**20))
    return folder
for folder in ["/tmp", "/dev/shm", "/home/student"]: tries("fill " + folder, lambda: fill(folder))
log("done"); time.sleep(60)
`,
  },
  {
    name: "processes that leave their session",
    text: `${PYTHON}
for i in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.execvpe("sleep", ["sleep", "98765"], {})
        os._exit(0)
log("done"); time.sleep(60)
`,
  },
];
