/** The conformance suite of hosts, run on the real, the virtual and the in-memory one. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Host } from "../../lib/runtime/host.ts";

/** A host, and how a test lets its time pass and reads what it sent. */
export interface HostUnderTest {
  readonly host: Pick<Host, "clock" | "random" | "transport" | "log">;
  /** Advances time, and fires due timers. */
  pass(ms: number): void | Promise<void>;
  /** The lines that have left, in order, after the turn has ended. */
  sent(): readonly string[] | Promise<readonly string[]>;
}

/** The maximum error of a real timer, in ms. */
const EARLY_MS = 1;

/** Registers the suite for one kind of host; `make` gives a new one. */
export function hostConformance(name: string, make: () => HostUnderTest): void {
  Deno.test(`${name}: time never decreases, and advances by the elapsed time`, async () => {
    const { host: { clock }, pass } = make();
    let before = clock.now();
    const first = before;
    assert(Number.isFinite(before));
    for (let i = 0; i < 5; i++) {
      await pass(2);
      assert(clock.now() >= before);
      before = clock.now();
    }
    assert(before - first >= 10 - EARLY_MS);
  });

  Deno.test(`${name}: timers fire once, not early, ordered by time and then by creation`, async () => {
    const { host: { clock }, pass } = make();
    const fired: string[] = [];
    const start = clock.now();
    const set = (label: string, delayMs: number) =>
      clock.after(delayMs, () => {
        fired.push(label);
        assert(clock.now() - start >= delayMs - EARLY_MS, `${label} fired too early`);
      });
    set("30 first", 30);
    set("10", 10);
    set("30 second", 30);
    set("0", 0);
    assertEquals(fired, [], "nothing fires inside of after");
    await pass(60);
    await pass(60);
    assertEquals(fired, ["0", "10", "30 first", "30 second"]);
  });

  Deno.test(`${name}: a canceled timer does not fire, and canceling again or late is harmless`, async () => {
    const { host: { clock }, pass } = make();
    const fired: string[] = [];
    const cancel = clock.after(5, () => fired.push("canceled"));
    const late = clock.after(5, () => {
      fired.push("late");
      late();
    });
    cancel();
    cancel();
    await pass(20);
    late();
    cancel();
    await pass(20);
    assertEquals(fired, ["late"]);
  });

  Deno.test(`${name}: a timer of any length does not fire early`, async () => {
    const { host: { clock }, pass } = make();
    const fired: number[] = [];
    const cancels = [2 ** 31, 1e300, Infinity].map((delayMs) =>
      clock.after(delayMs, () => fired.push(delayMs))
    );
    await pass(20);
    for (const cancel of cancels) cancel();
    assertEquals(fired, []);
  });

  Deno.test(`${name}: a timer may set and cancel others`, async () => {
    const { host: { clock }, pass } = make();
    const fired: string[] = [];
    const other = clock.after(30, () => fired.push("never"));
    clock.after(5, () => {
      other();
      clock.after(5, () => {
        fired.push("second");
        clock.after(0, () => fired.push("third"));
      });
    });
    await pass(60);
    await pass(5);
    assertEquals(fired, ["second", "third"]);
  });

  Deno.test(`${name}: random numbers cover their range`, () => {
    const { host: { random } } = make();
    const tenths = new Set<number>();
    const dice = new Set<number>();
    for (let i = 0; i < 1000; i++) {
      const x = random.next();
      assert(x >= 0 && x < 1);
      tenths.add(Math.floor(x * 10));
      dice.add(random.below(6));
      assertEquals(random.below(1), 0);
      const large = random.below(2 ** 40);
      assert(Number.isInteger(large) && large >= 0 && large < 2 ** 40);
    }
    assertEquals(tenths.size, 10);
    assertEquals([...dice].sort(), [0, 1, 2, 3, 4, 5]);
  });

  Deno.test(`${name}: random ids are 128 bits in hexadecimal, and differ`, () => {
    const { host: { random } } = make();
    const ids = Array.from({ length: 200 }, () => random.id());
    for (const id of ids) assertMatch(id, /^[0-9a-f]{32}$/);
    assertEquals(new Set(ids).size, ids.length);
    // Every bit is random: each position shows digits of both halves.
    for (let place = 0; place < 32; place++) {
      assert(
        ids.some((id) => (id[place] ?? "") >= "8") && ids.some((id) => (id[place] ?? "8") < "8"),
        `digit ${place}`,
      );
    }
  });

  Deno.test(`${name}: lines leave in the order of their sends, each once`, async () => {
    const { host: { clock, transport }, pass, sent } = make();
    const lines = Array.from({ length: 50 }, (_, i) => `{"line":${i},"text":"é漢🐙 \\n"}`);
    for (const line of lines.slice(0, 20)) transport.send(line);
    clock.after(2, () => lines.slice(20, 30).forEach((line) => transport.send(line)));
    clock.after(4, () => lines.slice(30).forEach((line) => transport.send(line)));
    await pass(20);
    assertEquals(await sent(), lines);
  });

  Deno.test(`${name}: any text can be logged`, () => {
    const { host: { log } } = make();
    for (const text of ["", "a line", "two\nlines\r\n", "é漢🐙\0\ud800", "x".repeat(100_000)]) log.line(text);
  });
}
