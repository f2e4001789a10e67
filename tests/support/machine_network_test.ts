import { assertEquals } from "@std/assert";
import { MachineNetwork } from "./machine_network.ts";

function recorded(delays: readonly number[]) {
  const arrived: string[] = [];
  const network = new MachineNetwork<string>({
    delays: () => delays,
    receive: (to, from, message) => arrived.push(`${network.now} ${from}>${to} ${message}`),
  });
  return { network, arrived };
}

Deno.test("a message arrives once per delay, or never without one", () => {
  const { network, arrived } = recorded([5, 2]);
  network.send("a", "b", "x");
  network.delays = () => [];
  network.send("a", "b", "lost");
  network.run(10);
  assertEquals(arrived, ["2 a>b x", "5 a>b x"]);
  assertEquals([network.now, network.events], [10, 2]);
});

Deno.test("a blocked link drops what arrives while it is blocked", () => {
  const { network, arrived } = recorded([3]);
  network.isBlocked = (from) => from === "a" && network.now < 4;
  network.send("a", "b", "early");
  network.send("b", "a", "back");
  network.after(2, () => network.send("a", "b", "late"));
  network.run(10);
  assertEquals(arrived, ["3 b>a back", "5 a>b late"]);
});

Deno.test("events at one time run in the order of their scheduling", () => {
  const { network } = recorded([]);
  const order: number[] = [];
  network.at(2, () => order.push(1));
  network.after(2, () => order.push(2));
  network.at(1, () => order.push(0));
  network.run(2);
  assertEquals(order, [0, 1, 2]);
});

Deno.test("an incarnation ends with a crash or the next start", () => {
  const { network } = recorded([]);
  assertEquals(network.isRunning("a"), false);
  const first = network.start("a");
  assertEquals([first, network.isRunning("a", first)], [1, true]);
  network.crash("a");
  assertEquals(network.isRunning("a"), false);
  const second = network.start("a");
  assertEquals([second, network.isRunning("a", first), network.isRunning("a")], [2, false, true]);
});
