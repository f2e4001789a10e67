/** Each node that stores values returns them after a restart as they were written: no number is rounded or reformatted. */

import { assert, assertEquals } from "@std/assert";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import type { WorkloadName } from "../../../lib/checkers/workloads.ts";
import { parseExactJson, stringifyExactJson } from "../../../lib/protocol/exact_json.ts";
import type { Body } from "../../../lib/protocol/message.ts";
import { type Json, json } from "../../../lib/protocol/schema.ts";
import { LogCluster } from "../log_cluster.ts";

const VALUE = '[9007199254740993,1.0,1e400,{"__proto__":18446744073709551615}]';

interface Case {
  readonly workload: WorkloadName;
  readonly args?: readonly string[];
  readonly write: (value: Json) => Body;
  readonly read: Body;
}

const add: Pick<Case, "write" | "read"> = {
  write: (element) => ({ type: "add", element }),
  read: { type: "read" },
};
const register: Pick<Case, "write" | "read"> = {
  write: (value) => ({ type: "write", key: "x", value }),
  read: { type: "read", key: "x" },
};
const append: Pick<Case, "write" | "read"> = {
  write: (value) => ({ type: "txn", txn: [["append", "x", value]] }),
  read: { type: "txn", txn: [["r", "x", null]] },
};

const CASES: readonly Case[] = [
  {
    workload: "broadcast",
    write: (message) => ({ type: "broadcast", message }),
    read: { type: "read" },
  },
  { workload: "g-set", ...add },
  {
    workload: "kafka",
    write: (msg) => ({ type: "send", key: "x", msg }),
    read: { type: "poll", offsets: { x: 0 } },
  },
  {
    workload: "txn-rw-register",
    write: (value) => ({ type: "txn", txn: [["w", "x", value]] }),
    read: { type: "txn", txn: [["r", "x", null]] },
  },
  { workload: "lin-kv", ...register },
  { workload: "lin-kv", args: ["--snapshot-entries", "1"], ...register },
  { workload: "lin-kv", args: ["--consensus", "epaxos"], ...register },
  { workload: "txn-list-append", ...append },
  { workload: "txn-list-append", args: ["--snapshot-entries", "1"], ...append },
  { workload: "txn-list-append", args: ["--consensus", "accord"], ...append },
];

for (const { workload, args = [], write, read } of CASES) {
  const name = [workload, ...args].join(" ");
  Deno.test(`${name}: numbers of any size and form are the same after a restart`, async () => {
    const value = parseExactJson(VALUE);
    assert(json.is(value));
    const program = await loadProgram({ workload, args });
    const cluster = await LogCluster.started(program, { nodes: 3, storage: true });
    const written = await cluster.ask("n0", write(value));
    assertEquals(written?.type, `${write(value).type}_ok`, stringifyExactJson(written));
    cluster.kill(cluster.ids);
    await cluster.wait(1000); // some kills take effect in the node's next turn only
    await cluster.start(cluster.ids);
    await cluster.wait(2000);
    const reply = stringifyExactJson(await cluster.ask("n0", read));
    assert(reply.includes(VALUE), reply);
  });
}
