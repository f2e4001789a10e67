/** Progress in the learner's folder. */

import { assertEquals, assertThrows } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import { PROGRESS_FILE, readProgress, updateProgress } from "../../../lib/bench/learn/progress_file.ts";
import { folderTest } from "../../folder.ts";

folderTest("without a progress file, no exercise is started", (directory) => {
  assertEquals(readProgress(`${directory}/none`).size, 0);
});

folderTest("an update of one exercise does not change the others", (directory) => {
  updateProgress(directory, "1", (entry) => ({ ...entry, attempts: entry.attempts + 1, passed: true }));
  updateProgress(directory, "2", (entry) => ({ ...entry, hints: 2 }));
  updateProgress(directory, "1", (entry) => ({ ...entry, attempts: entry.attempts + 1 }));
  assertEquals([...readProgress(directory)], [
    ["1", { attempts: 2, hints: 0, passed: true }],
    ["2", { attempts: 0, hints: 2, passed: false }],
  ]);
});

folderTest("a damaged progress file is reported with what to do, and not overwritten", (directory) => {
  const path = `${directory}/${PROGRESS_FILE}`;
  for (const text of ["{", "[]", '{"format":99,"exercises":{}}']) {
    Deno.writeTextFileSync(path, text);
    const error = assertThrows(
      () => updateProgress(directory, "1", (entry) => entry),
      BenchError,
      "to start over",
    );
    assertEquals(error.message.includes(path), true);
    assertEquals(Deno.readTextFileSync(path), text);
  }
});

folderTest("a malformed entry counts as not started", (directory) => {
  const exercises = { "1": { attempts: -3, hints: "many", passed: "yes" }, "2": null };
  Deno.writeTextFileSync(`${directory}/${PROGRESS_FILE}`, JSON.stringify({ format: 1, exercises }));
  const notStarted = { attempts: 0, hints: 0, passed: false };
  assertEquals([...readProgress(directory)], [["1", notStarted], ["2", notStarted]]);
});
