import { assert, assertEquals } from "@std/assert";
import { ClientThreads } from "../../../lib/bench/run/client_threads.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { Connections } from "../../../lib/bench/run/connections.ts";
import { EventRecorder } from "../../../lib/bench/run/event_recorder.ts";
import { RunSignals } from "../../../lib/bench/run/run_signals.ts";
import { echoWorkload as workload } from "../../../lib/bench/workloads/echo.ts";
import { MessageRouter } from "../../../lib/sim/message_router.ts";
import { Network } from "../../../lib/sim/network.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { VirtualClock } from "../../../lib/sim/virtual_clock.ts";

/** Four threads with a node that answers at once, unless the value is `keep`. */
function fourThreads({ takesTurns }: { readonly takesTurns: boolean }): ClientThreads {
  const { test } = parseTest(["-w", "echo", "--virtual", "--nodes", "n1,n2", "--concurrency", "4"]);
  const [clock, signals, random] = [new VirtualClock(), new RunSignals(), new SeededRandom(1)];
  const router = new MessageRouter({
    clock,
    network: new Network({ dist: "constant", meanMs: 0 }, random),
    journal: { sent: () => {}, received: () => {}, dropped: () => {}, duplicated: () => {} },
    observe: () => {},
    deliverSynchronously: true,
    lateReplies: "refuse",
  });
  for (const node of test.nodes) {
    router.attach(node, ({ message: { src, body } }) => {
      const { echo, msg_id } = body;
      if (echo !== "keep") {
        router.send({ src: node, dest: src, body: { type: "echo_ok", echo, in_reply_to: msg_id } });
      }
      return true;
    });
  }
  const connections = new Connections({ clock, router, signals });
  const recorder = new EventRecorder({ clock, workload, record: () => {} });
  const threads = new ClientThreads({
    workload,
    options: test,
    random,
    connections,
    recorder,
    signals,
    takesTurns,
  });
  threads.open();
  return threads;
}

/** Runs an operation on the thread that is chosen among some of the free ones, and returns it. */
function runNext(
  threads: ClientThreads,
  { value = "echo", among = [0, 1, 2, 3] }: { readonly value?: string; readonly among?: readonly number[] } =
    {},
): number {
  const free = threads.free.filter((each) => among.includes(each));
  const thread = threads.choose(free, new SeededRandom(threads.free.length));
  threads.run({ thread, f: "echo", value }, () => {});
  return thread;
}

Deno.test("threads take turns, and the first one takes that of the faults, too", () => {
  const threads = fourThreads({ takesTurns: true });
  assertEquals(Array.from({ length: 12 }, () => runNext(threads)), [0, 1, 2, 3, 0, 0, 1, 2, 3, 0, 0, 1]);
});

Deno.test("a turn of a busy thread goes to the next one, and the turns go on", () => {
  const threads = fourThreads({ takesTurns: true });
  assertEquals([runNext(threads), runNext(threads, { value: "keep" })], [0, 1]);
  assertEquals(Array.from({ length: 7 }, () => runNext(threads)), [2, 3, 0, 0, 2, 2, 3]);
});

Deno.test("among some threads, most turns go to the first one", () => {
  const threads = fourThreads({ takesTurns: true });
  assertEquals(Array.from({ length: 6 }, () => runNext(threads, { among: [1, 2] })), [1, 1, 2, 1, 1, 1]);
});

Deno.test("without turns, each thread is chosen at times", () => {
  const threads = fourThreads({ takesTurns: false });
  const random = new SeededRandom(7);
  const chosen = new Set(Array.from({ length: 60 }, () => threads.choose(threads.free, random)));
  assert(chosen.size === 4);
});
