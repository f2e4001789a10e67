/** Writes a made-up run into a folder, as the bench would. */

import type { RunRecord } from "../../../lib/bench/store/run_record.ts";

/** Makes the folder of a run. */
export function writeRun(folder: string, { head, result, history, messages }: RunRecord): void {
  Deno.mkdirSync(`${folder}/node-logs`, { recursive: true });
  const lines = (values: Iterable<string>) => [...values].map((line) => `${line}\n`).join("");
  Deno.writeTextFileSync(`${folder}/test.json`, JSON.stringify({ ...head, valid: result["valid"] }));
  Deno.writeTextFileSync(`${folder}/results.json`, JSON.stringify(result));
  Deno.writeTextFileSync(`${folder}/history.jsonl`, lines(history.map((event) => JSON.stringify(event))));
  if (messages !== undefined) Deno.writeTextFileSync(`${folder}/messages.jsonl`, lines(messages));
}
