/** The process's side of `job_process.ts`. Tested by `tests/bench/worker/job_process_test.ts`. */

import { importInvariants } from "../invariants/registry.ts";
import { Interruption } from "../run/interruption.ts";
import { importWorkload } from "../run/workload_file.ts";
import { writeAll } from "../store/files.ts";
import { frameOf, readFrames } from "./frames.ts";
import { BenchWorker, limitModuleMemory } from "./handle.ts";
import type { WorkerMessage } from "./job.ts";
import type { ProcessAnswer, ProcessRequest } from "./job_process.ts";
import { errorMessage, resultMessage } from "./messages.ts";

/** The path of file descriptor 3, which carries the answers. */
const ANSWERS = "/dev/fd/3";

/** Serves the jobs that arrive on stdin, one at a time, until stdin ends. */
export async function serveJobs(): Promise<void> {
  limitModuleMemory();
  new Interruption(); // a terminal signals this process as well, but its parent decides
  const worker = new BenchWorker();
  const answers = Deno.openSync(ANSWERS, { write: true });
  const answer = (value: ProcessAnswer) => writeAll(answers, frameOf(value));
  const serve = async (request: ProcessRequest) => {
    if (request.isFirst) worker.stop();
    const message = await run(request, worker, (message) => answer({ message }));
    answer({ message, isSpent: worker.isSpent });
  };
  for await (const request of readFrames(Deno.stdin.readable)) {
    serve(request as ProcessRequest).catch(() => Deno.exit(1)); // the parent does not read any more
  }
}

async function run(
  { job, workload, invariants }: ProcessRequest,
  worker: BenchWorker,
  tell: (message: WorkerMessage) => void,
): Promise<WorkerMessage> {
  try {
    if (workload !== undefined) await importWorkload(workload);
    if (invariants !== undefined) await importInvariants(invariants);
    const result = await worker.run(job, {
      progress: (part) => tell({ kind: "progress", part }),
      exploring: (counts) => tell({ kind: "exploring", counts }),
    });
    return resultMessage(result);
  } catch (error) {
    return errorMessage(error);
  }
}
