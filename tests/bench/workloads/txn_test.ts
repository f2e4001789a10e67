import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  MalformedReplyError,
  recordFailure,
  type RequestSequence,
} from "../../../lib/bench/workloads/operations.ts";
import { txnListAppendWorkload } from "../../../lib/bench/workloads/txn_list_append.ts";
import { txnRwRegisterWorkload } from "../../../lib/bench/workloads/txn_rw_register.ts";
import { checkListAppend, checkRwRegister } from "../../../lib/checkers/elle/mod.ts";
import { CODE, RpcError } from "../../../lib/protocol/errors.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { forSeeds } from "../../seeds.ts";
import { asked, drive, invocations, options, type Server } from "./drive.ts";
import { listServer, registerServer } from "./servers.ts";
import { typesOf } from "../../checkers/elle/findings.ts";

const CONTEXT = { process: 0, random: new SeededRandom(0) };
const OPERATION = { f: "txn", value: [["r", 1, null], ["append", 1, 5]] };

/** Every tenth transaction forgets what it wrote. */
function forgetful(server: Server): Server {
  let count = 0;
  return (body) => {
    const { txn } = body as { txn?: unknown };
    if (count++ % 10 !== 9 || !Array.isArray(txn)) return server(body);
    server({ ...body, txn: txn.filter(([f]) => f === "r") });
    return { txn: txn.map(([f, key, value]) => f === "r" ? [f, key, null] : [f, key, value]) };
  };
}

Deno.test("lists of a serial store are strict-serializable, also if replies are lost", () =>
  forSeeds({ slice: 2, full: 100 }, (_, seed) => {
    const history = drive(txnListAppendWorkload, options(), {
      seed,
      operations: 2000,
      server: listServer(),
      lostReplies: seed % 2 === 0 ? 0 : 0.05,
    });
    assertEquals(invocations(history).length, 2000);
    const result = checkListAppend(history, { consistencyModels: ["strict-serializable"] });
    assertEquals(result.valid, true, JSON.stringify(typesOf(result)));
  }));

Deno.test("registers of a serial store are strict-serializable, also if replies are lost", () =>
  forSeeds({ slice: 2, full: 100 }, (_, seed) => {
    const history = drive(txnRwRegisterWorkload, options(), {
      seed,
      operations: 2000,
      server: registerServer(),
      lostReplies: seed % 2 === 0 ? 0 : 0.05,
    });
    const result = checkRwRegister(history, { consistencyModels: ["strict-serializable"] });
    assertEquals(result.valid, true, JSON.stringify(typesOf(result)));
  }));

Deno.test("a list store that loses writes is invalid", () => {
  const history = drive(txnListAppendWorkload, options(), {
    seed: 1,
    operations: 500,
    server: forgetful(listServer()),
  });
  assertEquals(checkListAppend(history, { consistencyModels: ["strict-serializable"] }).valid, false);
});

Deno.test("transactions use the configured number of keys, lengths and writes per key", () => {
  const history = drive(
    txnRwRegisterWorkload,
    options({ keyCount: 2, maxTxnLength: 7, maxWritesPerKey: 3 }),
    { seed: 3, operations: 500, server: registerServer() },
  );
  const transactions = invocations(history).map(({ value }) => value as [string, number, number | null][]);
  assertEquals(Math.max(...transactions.map((each) => each.length)), 7);
  assertEquals(Math.max(...transactions.flat().map(([, , value]) => value ?? 0)), 3);
  assertEquals(new Set(transactions.slice(0, 3).flat().map(([, key]) => key < 6)), new Set([true]));
});

function reply(steps: RequestSequence<unknown>, txn: unknown): unknown {
  steps.next();
  const result = steps.next({ type: "txn_ok", in_reply_to: 1, txn });
  assert(result.done);
  return result.value;
}

Deno.test("a transaction is sent unchanged, and completes with the value of the reply", () => {
  const steps = txnListAppendWorkload.client(options(), CONTEXT).invoke(OPERATION);
  assertEquals(asked(steps), { body: { type: "txn", txn: OPERATION.value }, timeoutMs: undefined });
  const filled = [["r", 1, [4]], ["append", 1, 5]];
  assertEquals(steps.next({ type: "txn_ok", in_reply_to: 1, txn: filled }), { done: true, value: filled });
});

Deno.test("a list read is null or an array, and any other value is malformed", () => {
  const steps = () => txnListAppendWorkload.client(options(), CONTEXT).invoke(OPERATION);
  assertEquals(reply(steps(), [["r", 1, null], ["append", 1, 5]]), [["r", 1, null], ["append", 1, 5]]);
  try {
    reply(steps(), [["r", 1, 7], ["append", 1, 5]]);
  } catch (error) {
    assert(error instanceof MalformedReplyError);
    assertStringIncludes(error.message, 'but is ["r",1,7]');
    assertEquals(recordFailure(error, OPERATION).type, "info");
    return;
  }
  throw new Error("a list 7 was accepted");
});

Deno.test("a transaction fails only by a definite error", () => {
  for (const workload of [txnListAppendWorkload, txnRwRegisterWorkload]) {
    const record = workload.recordFailure ?? recordFailure;
    const failure = (code: number) => record(new RpcError(code, "no"), OPERATION);
    assertEquals(failure(CODE.txnConflict), { type: "fail", error: ["txn-conflict", "no"] });
    assertEquals(failure(CODE.abort), { type: "fail", error: ["abort", "no"] });
    assertEquals(failure(CODE.crash), { type: "info", error: ["crash", "no"] });
    assertEquals(failure(CODE.timeout).type, "info");
  }
});
