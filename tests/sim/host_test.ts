import type { Host } from "../../lib/runtime/host.ts";
import { InProcessCluster } from "../../lib/sim/in_process.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";
import { hostConformance } from "../runtime/host_conformance.ts";

hostConformance("the simulator's host", () => {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const hosts: Host[] = [];
  const cluster = new InProcessCluster({
    clock,
    random: new SeededRandom(1),
    run: (host) => {
      hosts.push(host);
      return { receive: () => {}, stop: () => {}, consumeAsyncFlag: () => false, state: "running" };
    },
    send: (_node, line) => sent.push(line),
    log: () => {},
    fault: () => {},
    storage: false,
  });
  cluster.start("n1");
  const [host] = hosts;
  if (host === undefined) throw new Error("the node was not started");
  const pass = (ms: number) => {
    let over = false;
    clock.after(ms, () => over = true);
    while (!over) clock.step();
  };
  return {
    // What is sent leaves at the end of a turn, and a test has none of its own.
    host: {
      ...host,
      transport: { send: (line) => void host.clock.after(0, () => host.transport.send(line)) },
    },
    pass,
    sent: () => {
      pass(0);
      return sent;
    },
  };
});
