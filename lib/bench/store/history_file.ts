/** Reads the history of a run in any supported format. Tested by `tests/bench/store/histories/read_history_test.ts`. */

import type { History } from "../../checkers/history.ts";
import { HistoryBuilder, HistoryError } from "../../checkers/history_builder.ts";
import { parseHistory } from "../../checkers/parse.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import { EdnError, type Form, readForms } from "./histories/edn_reader.ts";
import { ForeignEvents } from "./histories/foreign_event.ts";
import { type HistoryForm, recognizeForm } from "./histories/forms.ts";
import { readJsonObjects } from "./histories/json_objects.ts";
import { readLoggedOperations, readOperationLines } from "./histories/operation_lines.ts";
import { withKeys } from "./histories/registers.ts";
import { chunksOf, linesOf } from "./histories/text_chunks.ts";
import { BenchError, reasonOf } from "../errors.ts";

/** Options for reading a history. */
export interface ReadOptions {
  readonly workload: string;
  /** True if the run was interrupted: its last line may be cut off. */
  readonly interrupted: boolean;
  /** Receives the fraction of the file that was read, from 0 to 1. */
  readonly progress?: ((part: number) => void) | undefined;
}

/** A history, and its origin. */
export interface RecordedHistory {
  readonly history: History;
  /** True for a model's history, such as Knossos's. Its verdict does not require that each kind of operation succeeded once. */
  readonly isModelOnly: boolean;
}

/**
 * Reads a history of this bench or of other tools. Detects the format from the content: JSON lines, EDN, Jepsen's
 * `history.txt`, or a log.
 *
 * @throws {ArgumentError} if the file cannot be read.
 * @throws {BenchError} with line, column and reason if it is not a history of that workload.
 */
export function readHistory(path: string, options: ReadOptions): RecordedHistory {
  try {
    return readAs(recognizeForm(chunksOf(path)), chunksOf(path, options), options);
  } catch (error) {
    if (error instanceof HistoryError || error instanceof EdnError) {
      throw new BenchError(`${path}, ${error.message}`);
    }
    if (error instanceof Deno.errors.NotFound) {
      throw new ArgumentError(`file not found: ${path}. Name a history's file, or the folder of a run`);
    }
    if (isSystemError(error)) throw new ArgumentError(`cannot read ${path}: ${reasonOf(error)}`);
    throw error;
  }
}

/** Reads the text of a history of that format. Throws `HistoryError` or `EdnError` if the text has another format. */
export function readAs(form: HistoryForm, chunks: Iterable<string>, options: ReadOptions): RecordedHistory {
  const { workload, interrupted } = options;
  switch (form) {
    case "json-lines":
      return recorded(
        parseHistory(linesOf(chunks), { workload, cutOff: interrupted ? "drop" : "error" }),
        workload,
      );
    case "edn":
      return foreignHistory(readForms(chunks), options);
    case "json-objects":
      return foreignHistory(readJsonObjects(chunks), options);
    case "operation-lines":
      return foreignHistory(readOperationLines(linesOf(chunks)), options);
    case "log":
      return foreignHistory(readLoggedOperations(linesOf(chunks)), options);
  }
}

function foreignHistory(forms: Iterable<Form>, { workload, interrupted }: ReadOptions): RecordedHistory {
  const events = new ForeignEvents(workload);
  // Published histories may consist of transactions alone, as Elle's own examples do.
  const mayLackInvocations = workload === "txn-list-append" || workload === "txn-rw-register";
  const builder = new HistoryBuilder({ workload, mayLackInvocations });
  try {
    for (const form of forms) builder.add(events.event(form), form);
  } catch (error) {
    if (!(interrupted && error instanceof EdnError && error.isCutOff)) throw error;
  }
  return recorded(builder.history, workload);
}

function recorded(history: History, workload: string): RecordedHistory {
  return workload === "lin-kv" ? withKeys(history) : { history, isModelOnly: false };
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && Object.values(Deno.errors).some((kind) => error instanceof kind);
}
