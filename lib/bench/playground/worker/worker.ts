/**
 * The playground's worker: runs jobs in virtual time, in a browser. It sends signs of life, so that the page can end a
 * worker whose node never returns.
 *
 * Tested by `tests/bench/playground/page_test.ts`.
 */

/// <reference lib="deno.worker" />

import { parseHistory, resultText } from "../../../checkers/parse.ts";
import { OFFERED } from "../../cluster/module/offered.ts";
import { messageColumns, MESSAGES_MAX } from "../../report/data/message_columns.ts";
import { runPage } from "../../report/run_page.ts";
import { fileHead } from "../../store/format.ts";
import type { JobResult, VirtualJob } from "../../worker/job.ts";
import { runVirtualJob } from "../../worker/virtual_job.ts";
import { LocalModule } from "./local_module.ts";
import type { PlayedRun, PlayMessage, RunRequest } from "./messages.ts";
import { CodeError } from "./module_text.ts";
import { MODULE_NAME, placeIn } from "./places.ts";

/** Interval between signs of life, in ms. */
const SIGN_MS = 100;
/** The number of lines of each node's log in a report. */
const LOG_LINES = 40;

const tell = (message: PlayMessage) => self.postMessage(message);

/** The module that was loaded last. A sweep runs it under every seed. */
let loaded: { readonly key: string; readonly module: LocalModule } | undefined;

async function run({ job, nameFrom, reportName }: RunRequest): Promise<void> {
  try {
    tell({ kind: "loading" });
    let turn = 0;
    let told = performance.now();
    const program = job.code === undefined ? undefined : await moduleOf(job.code, job.nodeArguments);
    tell({ kind: "turn", turn });
    const { result, ...value } = await runVirtualJob(job, {
      ...(program === undefined ? {} : { program }),
      working: (node) => {
        turn++;
        if (turn >= nameFrom) return tell({ kind: "turn", turn, node });
        const now = performance.now();
        if (now - told < SIGN_MS) return;
        told = now;
        tell({ kind: "turn", turn });
      },
      checking: () => tell({ kind: "checking" }),
    });
    const text = resultText(result);
    const report = reportName === undefined
      ? {}
      : { report: await reportOf({ result, ...value }, job, reportName) };
    tell({ kind: "ran", value, text, ...report });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    tell({
      kind: "error",
      name,
      message,
      place: error instanceof CodeError ? error.place : placeIn(message, MODULE_NAME),
    });
  }
}

async function moduleOf(code: string, args: readonly string[]): Promise<LocalModule> {
  const key = JSON.stringify([code, args]);
  if (loaded?.key !== key) loaded = { key, module: await LocalModule.load(code, { args, offered: OFFERED }) };
  return loaded.module;
}

async function reportOf(ran: JobResult, { test, seed }: VirtualJob, name: string): Promise<PlayedRun> {
  const { result, messages = [], states, logs } = ran;
  const html = await runPage({
    workload: test.workload,
    name,
    head: { ...fileHead(), test, seed, virtual: true, state: "done" },
    result,
    history: parseHistory(ran.history ?? [], { cutOff: "drop" }),
    messages,
    states,
    logs: [...logs ?? []].map(([node, lines]) => [node, lines.slice(-LOG_LINES).join("\n")]),
  }, { policy: "", scripts: [] });
  return { html, messageIds: messageIdsOf(messages, test.nodes) };
}

/** Returns the id of each message by its row. Empty if the report leaves messages out, because their rows then differ. */
function messageIdsOf(messages: readonly string[], nodes: readonly string[]): readonly number[] {
  const { rowOfId, columns } = messageColumns(messages, { nodes, windows: [] });
  if (columns.sent.length >= MESSAGES_MAX) return [];
  const ids: number[] = [];
  for (const [id, row] of rowOfId) ids[row] = id;
  return ids;
}

self.onmessage = ({ data }: MessageEvent<RunRequest>) => run(data);
