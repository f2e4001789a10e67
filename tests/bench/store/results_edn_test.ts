import { assertEquals } from "@std/assert";
import { parseEdn } from "../../../lib/bench/store/histories/edn_reader.ts";
import { resultEdn } from "../../../lib/bench/store/results_edn.ts";
import { Decimal } from "../../../lib/protocol/exact_json.ts";

Deno.test("a result as EDN has the keys and keywords of Maelstrom", () => {
  const edn = resultEdn({
    valid: "unknown",
    workload: {
      valid: false,
      "anomaly-types": ["G0", "G-single-item"],
      not: ["read-committed"],
      anomalies: {
        G0: [{
          type: "G0",
          cycle: [{
            index: 1,
            process: 0,
            type: "ok",
            f: "txn",
            value: [["append", "x", 1], ["r", 2, null]],
          }],
        }],
      },
    },
    "stable-latencies": { "0": 0, "0.5": 12 },
    results: { "3": { valid: true }, "a key": { valid: true } },
    lost: ["a", 2n ** 64n, new Decimal("1.0")],
    undefined: undefined,
  });
  assertEquals(
    edn,
    "{:valid? :unknown,\n" +
      " :workload {:valid? false, :anomaly-types [:G0 :G-single-item], :not #{:read-committed}, :anomalies {:G0 " +
      '[{:type :G0, :cycle [{:index 1, :process 0, :type :ok, :f :txn, :value [[:append "x" 1] [:r 2 nil]]}]}]}},\n' +
      " :stable-latencies {0 0, 0.5 12},\n" +
      ' :results {3 {:valid? true}, "a key" {:valid? true}},\n' +
      ' :lost ["a" 18446744073709551616N 1.0]}\n',
  );
});

Deno.test("a result survives writing and reading EDN", () => {
  const result = {
    "valid?": true,
    text: 'quotes " and \\ and \n lines',
    big: 2n ** 63n,
    process: "nemesis",
    nested: { list: [null, true, 1.5, new Decimal("1e400")] },
  };
  assertEquals(parseEdn(resultEdn(result)), {
    ...result,
    nested: { list: [null, true, 1.5, new Decimal("1.0e400")] },
  });
});
