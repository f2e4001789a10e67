/** The futures of a case in its folder. */

import { assertEquals, assertThrows } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import {
  INEVITABILITY_FILE,
  readInevitability,
  writeInevitability,
} from "../../../lib/bench/replay/inevitability_file.ts";
import { folderTest } from "../../folder.ts";

const [before, after] = [{ atMs: 1, count: 4, failed: 0 }, { atMs: 2.5, count: 4, failed: 4 }];
const inevitability = {
  moments: [before, after],
  jumps: [{ before, after, sentence: "From 2.50 ms on, 4 of 4 futures fail.", between: ["a fault"] }],
  conclusion: undefined,
  drawn: "A future draws faults again.",
};

folderTest("the futures of a history are read as they were written", (folder) => {
  assertEquals(readInevitability(folder, 7), undefined);
  writeInevitability(folder, { historyCrc: 7, inevitability });
  assertEquals(readInevitability(folder, 7), inevitability);
});

folderTest("the futures of another history are not shown", (folder) => {
  writeInevitability(folder, { historyCrc: 7, inevitability });
  assertEquals([readInevitability(folder, 8), readInevitability(folder, undefined)], [undefined, undefined]);
});

folderTest("a malformed file is refused", (folder) => {
  Deno.writeTextFileSync(`${folder}/${INEVITABILITY_FILE}`, '{"format":2,"historyCrc":7,"moments":[3]}');
  assertThrows(() => readInevitability(folder, 7), BenchError, "--inevitable");
});
