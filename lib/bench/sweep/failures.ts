/**
 * Handles a failing run: shrinks it, describes it, and keeps it for replay.
 *
 * Tested by `tests/bench/sweep/findings_test.ts`.
 */

import { type Event } from "../../checkers/history.ts";
import { parseHistory, resultText } from "../../checkers/parse.ts";
import { type FailureCase, seedCaseOf } from "../replay/case.ts";
import { say, styleFor } from "../terminal/output.ts";
import { findingsOfJob } from "../findings/job_findings.ts";
import type { JobResult, VirtualJob } from "../worker/job.ts";
import type { ShrinkOptions } from "../replay/shrink.ts";
import { makeRunStore, type RunStore } from "../store/run_store.ts";
import { summarize } from "../terminal/summary.ts";
import { narrate } from "../replay/narrative.ts";
import { BenchWorker } from "../worker/handle.ts";
import type { FailedRun } from "./seeds.ts";
import { describeShrunk, type ShrinkResult, shrinkRun } from "./shrink_run.ts";

/** Makes a failing run smaller, in a worker of its own. */
export async function shrinkFailure(
  failed: FailedRun,
  options: Omit<ShrinkOptions, "finalsMin">,
): Promise<ShrinkResult> {
  const worker = new BenchWorker();
  try {
    return await shrinkRun(failed, { ...options, worker });
  } finally {
    worker.stop();
  }
}

/** A run to keep, with the case that replays it. */
export interface KeptRun {
  readonly recorded: FailureCase;
  readonly ran: JobResult;
}

/**
 * Runs a seed again, with its messages. For a run with an unknown verdict: it is not shrunk, because no anomaly shows whether a
 * smaller run is the same, and it is replayed by its seed, because its recorded operations may lack the end. A run that hung
 * is kept as it is.
 */
export async function runSeedAgain({ job, ran: first }: FailedRun): Promise<KeptRun> {
  if (first.hasHung) return { recorded: seedCaseOf(job, first), ran: first };
  const worker = new BenchWorker();
  try {
    const ran = await worker.run({ ...job, form: "text", keepHistory: "always", keepMessages: true });
    return { recorded: seedCaseOf(job, ran), ran };
  } finally {
    worker.stop();
  }
}

/** Keeps a failing run in the store. For a sweep, also keeps the case that replays it; a process cannot be replayed. */
export function keepFailure(
  store: string,
  { command, argv, recorded, ran }: KeptRun & {
    /** The command that found the failure. */
    readonly command: "sweep" | "fuzz";
    readonly argv: readonly string[];
  },
): RunStore {
  const { test, seed, nodeArguments } = recorded;
  const kept = makeRunStore(store, { workload: test.workload, started: new Date() });
  const { format, charybdis } = recorded;
  const virtual = command === "sweep";
  const head = { format, charybdis, command, argv, test, nodeArguments, seed, virtual };
  kept.writeJson("test.json", {
    ...head,
    started: new Date().toISOString(),
    state: "done",
    valid: ran.result.valid,
  });
  kept.writeResults(ran.result);
  kept.writeText("history.jsonl", (ran.history ?? []).map((line) => `${line}\n`).join(""));
  if (virtual) kept.writeText("case.json", `${resultText(recorded, 1)}\n`);
  if (ran.messages !== undefined) {
    kept.writeText("messages.jsonl", ran.messages.map((line) => `${line}\n`).join(""));
  }
  if (ran.states !== undefined) {
    kept.writeText("states.jsonl", ran.states.map((line) => `${line}\n`).join(""));
  }
  for (const [node, lines] of ran.logs ?? []) {
    kept.writeText(`node-logs/${node}.log`, `${lines.join("\n")}\n`);
  }
  return kept;
}

/** Returns a case in words. */
export function tell({ recorded, ran }: ShrinkResult): string[] {
  const history: readonly Event[] = parseHistory(ran.history ?? [], { cutOff: "drop" });
  return narrate(recorded, history, ran.messages);
}

/** Prints a shrunk case in words. */
export function sayShrunk(job: VirtualJob, shrunk: ShrinkResult): void {
  for (const line of [describeShrunk(job, shrunk), "", ...tell(shrunk), ""]) say(line);
}

/** Prints the verdict on a kept run. */
export function sayVerdict({ recorded: { test, seed }, ran }: KeptRun, directory: string): void {
  const findings = findingsOfJob(test, ran);
  const verdict = { test, seed, style: styleFor("stdout"), store: directory, findings };
  for (const line of summarize(ran.result, verdict)) say(line);
}
