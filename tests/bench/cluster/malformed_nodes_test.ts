/** Kinds of public programs. Each row is Maelstrom's verdict on a node that is malformed in one respect. */

import { assertEquals } from "@std/assert";
import type { RemarkKind } from "../../../lib/sim/remarks.ts";
import { folderTest } from "../../folder.ts";
import { writeProgram } from "../../program.ts";
import { sliceOf, soaking } from "../../seeds.ts";

/** Maelstrom's verdict; `no-start`: the node does not start, which ends the test with status 255. */
type Verdict = "valid" | "invalid" | "unknown" | "no-start";

interface Row {
  readonly quirk: string;
  readonly verdict: Verdict;
  readonly options: string;
  /** The kind of remark in addition to the verdict. */
  readonly remark?: RemarkKind;
  /** True if the quirk is an option, without `--` before it. */
  readonly withoutDashes?: true;
}

const IDS = "-w unique-ids --node-count 1 --time-limit 1 --rate 20";
const ECHO = "-w echo --node-count 1 --time-limit 1 --rate 20";
const ECHO_2 = "-w echo --node-count 2 --time-limit 1 --rate 20";
const BROADCAST_1 = "-w broadcast --node-count 1 --time-limit 1 --rate 20";
const BROADCAST_2 = "-w broadcast --node-count 2 --time-limit 1 --rate 20";
const KAFKA = "-w kafka --node-count 1 --concurrency 2n --time-limit 2 --rate 40";
const TXN = "-w txn-rw-register --node-count 2 --concurrency 2n --time-limit 1 --rate 50 " +
  "--consistency-models read-committed --availability total";

const ROWS: readonly Row[] = [
  { quirk: "ids-int64", verdict: "valid", options: IDS },
  { quirk: "ids-large", verdict: "valid", options: IDS },
  { quirk: "ids-envelope", verdict: "valid", options: IDS },
  { quirk: "peers-null-id", verdict: "valid", options: BROADCAST_2, remark: "odd-message-id" },
  { quirk: "peers-uuid", verdict: "valid", options: BROADCAST_2, remark: "odd-message-id" },
  { quirk: "peers-u64", verdict: "valid", options: BROADCAST_2 },
  { quirk: "peers-untyped", verdict: "valid", options: BROADCAST_2 },
  { quirk: "peers-client-src", verdict: "valid", options: BROADCAST_2, remark: "foreign-source" },
  { quirk: "peers-array", verdict: "invalid", options: BROADCAST_2, remark: "malformed-message" },
  { quirk: "init-mirror", verdict: "valid", options: ECHO },
  { quirk: "init-null-id", verdict: "valid", options: ECHO },
  { quirk: "init-string-id", verdict: "valid", options: ECHO },
  { quirk: "init-extra", verdict: "valid", options: ECHO },
  { quirk: "init-twice", verdict: "invalid", options: ECHO, remark: "unknown-destination" },
  { quirk: "init-twice", verdict: "valid", options: ECHO_2, remark: "unawaited-reply" },
  { quirk: "topology-twice", verdict: "valid", options: BROADCAST_1, remark: "unawaited-reply" },
  { quirk: "reply-null-id", verdict: "invalid", options: ECHO },
  { quirk: "reply-large-id", verdict: "valid", options: ECHO },
  { quirk: "reply-float-id", verdict: "invalid", options: ECHO, remark: "unawaited-reply" },
  { quirk: "envelope-extra", verdict: "invalid", options: ECHO, remark: "malformed-message" },
  { quirk: "envelope-null-id", verdict: "invalid", options: ECHO, remark: "malformed-message" },
  { quirk: "line-return", verdict: "valid", options: ECHO },
  { quirk: "body-pairs", verdict: "valid", options: ECHO },
  { quirk: "init-byte-order-mark", verdict: "no-start", options: ECHO },
  { quirk: "swap", verdict: "valid", options: ECHO },
  { quirk: "echo-twice", verdict: "valid", options: ECHO, remark: "unawaited-reply" },
  { quirk: "plain", verdict: "valid", options: ECHO, withoutDashes: true },
  { quirk: "debug-line", verdict: "valid", options: ECHO, remark: "not-json" },
  { quirk: "empty-line", verdict: "valid", options: ECHO, remark: "not-json" },
  { quirk: "to-unknown-node", verdict: "valid", options: ECHO, remark: "unknown-destination" },
  { quirk: "untyped-to-itself", verdict: "valid", options: ECHO },
  { quirk: "forwarded", verdict: "valid", options: ECHO_2, remark: "foreign-source" },
  { quirk: "service-string-id", verdict: "valid", options: ECHO_2, remark: "odd-message-id" },
  { quirk: "service-large-id", verdict: "valid", options: ECHO_2 },
  { quirk: "service-fraction-id", verdict: "valid", options: ECHO_2, remark: "odd-message-id" },
  { quirk: "service-cas-without-from", verdict: "valid", options: ECHO },
  { quirk: "values-float", verdict: "invalid", options: BROADCAST_1 },
  { quirk: "values-object", verdict: "invalid", options: BROADCAST_1 },
  { quirk: "values-extra", verdict: "invalid", options: BROADCAST_1 },
  { quirk: "values-null", verdict: "valid", options: BROADCAST_1 },
  { quirk: "error-without-code", verdict: "invalid", options: BROADCAST_1, remark: "odd-error-code" },
  { quirk: "offsets-large", verdict: "valid", options: KAFKA },
  { quirk: "offsets-sparse", verdict: "valid", options: KAFKA },
  { quirk: "poll-null", verdict: "valid", options: KAFKA },
  { quirk: "reads-number", verdict: "valid", options: TXN },
  { quirk: "reads-text", verdict: "valid", options: TXN },
  { quirk: "reads-nothing", verdict: "valid", options: TXN },
];

/** Rows that wait for ten seconds for an answer to init. */
const SLOW_ROWS: readonly Row[] = [
  { quirk: "init-no-reply-id", verdict: "no-start", options: ECHO },
  { quirk: "init-no-line-end", verdict: "no-start", options: ECHO },
];

const STATUS: Readonly<Record<number, Verdict>> = { 0: "valid", 1: "invalid", 2: "unknown", 255: "no-start" };
const AT_ONCE = 14; // most of the time they wait
const NODE = new URL("../../fixtures/nodes/malformed_node.ts", import.meta.url).pathname;
const MAP = new URL("../../../.make/std/import_map.json", import.meta.url).pathname;

folderTest("each malformed program gets Maelstrom's verdict and the expected remark", async (directory) => {
  const bin = `${directory}/node`;
  const run = `"${Deno.execPath()}" run --quiet --no-check --import-map="${MAP}" "${NODE}"`;
  // No #! line: Maelstrom, like this bench, has such a script run by /bin/sh. No exec: the node is a child of the shell.
  writeProgram(bin, `${run} "$@"\n`);
  const rows = sliceOf(soaking ? [...ROWS, ...SLOW_ROWS] : ROWS, 10);
  const waiting = rows.map((row, index) => ({ row, index }));
  const found: string[] = [];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      found[next.index] = await judged(next.row, bin, `${directory}/${next.index}`);
    }
  }));
  assertEquals(
    found,
    rows.map(({ quirk, verdict, remark }) => `${quirk}: ${verdict}, remark: ${remark ?? "none"}`),
  );
}, { permissions: ["run"] });

/** Returns the verdict and the remark of one run. */
async function judged(
  { quirk, options, remark, withoutDashes }: Row,
  bin: string,
  store: string,
): Promise<string> {
  const args = withoutDashes === undefined ? ["--", quirk] : [quirk];
  const { code, stdout } = await new Deno.Command("bin/charybdis", {
    args: ["test", ...options.split(" "), "--json", "--seed", "1", "--store", store, "--bin", bin, ...args],
    stdout: "piped",
    stderr: "null",
  }).output();
  const verdict = STATUS[code] ?? `status ${code}`;
  if (verdict === "no-start") return `${quirk}: ${verdict}, remark: none`;
  const remarks = JSON.parse(new TextDecoder().decode(stdout)).remarks ?? [];
  const kinds: readonly string[] = remarks.map(({ kind }: { readonly kind: string }) => kind);
  // A row names one kind. A node that is no longer read may cause others.
  const shown = kinds.find((kind) => kind === remark) ?? kinds[0] ?? "none";
  return `${quirk}: ${verdict}, remark: ${shown}`;
}
