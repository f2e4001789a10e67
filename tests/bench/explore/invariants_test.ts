/** Invariants that are checked after each step of an exploration. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { explore, rerun, simplest } from "../../../lib/bench/explore/explore.ts";
import { loadInvariants } from "../../../lib/bench/invariants/registry.ts";
import { failureKinds } from "../../../lib/bench/replay/case.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { folderTest } from "../../folder.ts";
import { scopeOf, stopped } from "./scopes.ts";
import { longTest } from "../../seeds.ts";

const ONE_HOLDER = `
import type { Step } from "@charybdis/charybdis/workload";

export function oneHolder({ nodes }: Step): string | undefined {
  const holders = [...nodes].filter(([, values]) => values.get("holds") === true).map(([node]) => node);
  return holders.length > 1 ? \`\${holders.join(" and ")} hold the lock\` : undefined;
}
`;

/** Holds a lock from an operation until a message from itself. \`asks\` is true if the node asks the other one first. */
function locks(asks: boolean) {
  return (node: Node) => {
    let holds = false;
    node.watch("holds", () => holds);
    node.on("echo", async ({ echo }) => {
      const [peer = node.id] = node.peers;
      if (asks && (await node.rpc(peer, { type: "may" }))["holds"] === true) return { echo: String(echo) };
      holds = true;
      node.send(node.id, { type: "release" });
      return { echo: String(echo) };
    });
    node.on("may", () => ({ holds }));
    node.on("release", () => void (holds = false));
  };
}

folderTest(
  "a state of two nodes is found, although the steps that make it are independent",
  async (folder) => {
    const file = `${folder}/one_holder.ts`;
    Deno.writeTextFileSync(file, ONE_HOLDER);
    await loadInvariants(file);
    const scope = scopeOf("echo", {
      nodes: 2,
      operationCount: 2,
      program: locks(false),
      settleMs: 0,
      args: ["--invariant", file],
    });
    const { failing } = await explore(scope, { stopped });
    assert(failing !== undefined);
    assertEquals([...failureKinds(failing.result)], ["invariant oneHolder"]);
    assertStringIncludes(JSON.stringify(failing.result.invariants), "n0 and n1 hold the lock");
    const again = await rerun(scope, failing.steps);
    assertEquals(again.result.invariants, failing.result.invariants);
  },
);

folderTest("a race between a question and an answer breaks a lock", async (folder) => {
  const file = `${folder}/one_holder.ts`;
  Deno.writeTextFileSync(file, ONE_HOLDER);
  await loadInvariants(file);
  const options = { nodes: 2, program: locks(true), settleMs: 0, args: ["--invariant", file] };
  const { failing } = await explore(scopeOf("echo", { ...options, operationCount: 2 }), { stopped });
  assert(failing !== undefined, "both ask before either one holds the lock");
  const alone = await explore(scopeOf("echo", { ...options, operationCount: 1 }), { stopped });
  assertEquals([alone.failing, alone.exhausted], [undefined, true]);
});

folderTest("a schedule that fails does not shrink to one whose invariants are unchecked", async (folder) => {
  const file = `${folder}/one_holder.ts`;
  Deno.writeTextFileSync(file, ONE_HOLDER);
  await loadInvariants(file);
  const options = { nodes: 2, operationCount: 2, program: locks(false), settleMs: 0 };
  const { failing } = await explore(scopeOf("echo", { ...options, args: ["--invariant", file] }), {
    stopped,
  });
  assert(failing !== undefined && failing.steps.length > 0);
  const both = `${folder}/both.ts`;
  const broken = "export const broken = () => { throw new Error('no'); };";
  Deno.writeTextFileSync(both, `${ONE_HOLDER}${broken}`);
  await loadInvariants(both);
  const scope = scopeOf("echo", { ...options, args: ["--invariant", both] });
  assertEquals((await rerun(scope, [])).result.valid, "unknown");
  assertEquals((await simplest(scope, failing)).result.valid, false);
});

longTest("Raft's safety properties hold in every schedule of two operations and a crash", async () => {
  const scope = scopeOf("lin-kv", {
    operationCount: 2,
    seed: 4,
    storage: true,
    bounds: { crashes: 1 },
    args: ["--invariant", "raft"],
  });
  const { failing, exhausted, schedules } = await explore(scope, { stopped });
  assertEquals([failing, exhausted], [undefined, true]);
  assert(schedules > 77, "the order of visible states counts");
  const { result } = await rerun(scope, []);
  assertEquals(result.invariants?.valid, true);
});
