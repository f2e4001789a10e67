import { assert, assertEquals } from "@std/assert";
import { type Fault, FAULTS, type Profile, simulate } from "./support/simulation.ts";
import { sliceOf, soaking } from "../../seeds.ts";

function check(profile: Profile, count: { readonly few: number; readonly many: number }): void {
  for (let seed = 1; seed <= (soaking ? count.many : count.few); seed++) {
    const { violation, answered } = simulate(seed, profile);
    assertEquals(violation, undefined, `seed ${seed} with ${JSON.stringify(profile)}`);
    assert(answered > 0, `seed ${seed}: no request was answered`);
  }
}

for (const nodes of [3, 5, 7]) {
  Deno.test(`${nodes} nodes keep the five safety properties under every fault, and recover`, () => {
    check({ nodes }, { few: 2, many: 668 }); // 2,004 seeds in all
  });
}

const singly: readonly Fault[] = FAULTS.filter((fault) => fault !== "jump" && fault !== "lose_disk");

Deno.test("a cluster survives each fault by itself", () => {
  for (const fault of sliceOf(singly, 2)) {
    check({ nodes: 3, disks: true, faults: [fault], faultsMs: 600 }, { few: 1, many: 20 });
  }
});

Deno.test("without leases, a cluster survives clock jumps", () => {
  check({ nodes: 3, leases: false, faults: ["jump", "partition", "pause"], faultsMs: 1000 }, {
    few: 3,
    many: 200,
  });
});

Deno.test("with leases, a cluster survives clocks that drift within the bound", () => {
  check({ nodes: 3, leases: true, faults: ["drift", "isolate", "pause"], faultsMs: 1000 }, {
    few: 3,
    many: 200,
  });
});

Deno.test("diskless nodes survive restarts of less than a majority of the voters at a time", () => {
  check({ nodes: 5, disks: false, faults: ["kill", "partition", "bounce", "membership"], faultsMs: 1500 }, {
    few: 3,
    many: 200,
  });
});

for (const nodes of [3, 5]) {
  Deno.test(`${nodes} nodes survive the loss of a minority of disks at a time, and kills of any nodes`, () => {
    const faults = ["lose_disk", "kill", "kill_all", "partition", "pause", "bounce", "isolate"] as const;
    check({ nodes, disks: true, faults, faultsMs: 2000 }, { few: 3, many: 400 });
  });
}

Deno.test("the same seed gives the same run", () => {
  const [a, b] = [1, 2].map(() => simulate(7, { trace: true, faultsMs: 500 }));
  assertEquals(a, b);
});
