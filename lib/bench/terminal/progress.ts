/**
 * Shows the progress of a test in real time: a bar on a terminal, or else a line every ten seconds.
 *
 * Tested by `tests/bench/cluster/process_cluster_test.ts`.
 */

import { ProgressBar } from "@std/cli/unstable-progress-bar";
import { type Event, NEMESIS } from "../../checkers/history.ts";
import { clearLine, say } from "./output.ts";
import { plural } from "../format.ts";
import { type Phase as RunPhase, RECOVERY_MS } from "../run/test_run.ts";

/** The current activity of a test: a phase of the run, or its judgment. */
export type Phase = RunPhase | "checking";

const INTERVAL_MS = 1000;
/** Interval between lines without a terminal, in ms. */
const LINE_INTERVAL_MS = 10_000;
const BAR_LENGTH = 30;
/** The number of columns that the bar leaves for the text after it. */
const TEXT_LENGTH = 36;

/** Shows the progress of a test on stderr. */
export class Progress {
  readonly #quiet: boolean;
  readonly #timeLimitS: number;
  readonly #bar: ProgressBar | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  #phase: Phase = "starting";
  #phaseSince = performance.now();
  #operations = 0;
  #checked = 0;
  #said = "";
  #saidAt = performance.now();

  constructor(options: { readonly quiet: boolean; readonly timeLimitS: number }) {
    this.#quiet = options.quiet;
    this.#timeLimitS = options.timeLimitS;
    if (!this.#quiet && Deno.stderr.isTerminal()) {
      this.#bar = new ProgressBar({
        max: 1,
        barLength: Math.max(1, Math.min(BAR_LENGTH, columns() - TEXT_LENGTH)),
        clear: true,
        interval: INTERVAL_MS / 4,
        formatter: ({ progressBar }) => `[${progressBar}] ${this.#text()}`.slice(0, columns() - 1),
      });
    }
    this.#timer = setInterval(() => this.#show(), INTERVAL_MS / 4);
  }

  /** Receives an event of the history. */
  count(event: Event): void {
    if (event.type === "invoke" && event.process !== NEMESIS) this.#operations++;
  }

  /** The number of operations that started. */
  get operations(): number {
    return this.#operations;
  }

  /** Sets the current phase of the test. */
  phase(phase: Phase): void {
    this.#phase = phase;
    this.#phaseSince = performance.now();
  }

  /** Sets the progress of the checkers, from 0 to 1. */
  checking(part: number): void {
    this.#checked = part;
  }

  /** Prints a note without disturbing the bar. */
  note(text: string): void {
    if (this.#bar !== undefined) clearLine("stderr");
    say(text, "stderr");
  }

  /** Removes the bar. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#bar?.stop();
  }

  #show(): void {
    if (this.#bar !== undefined) {
      this.#bar.value = this.#part();
      return;
    }
    const text = this.#text();
    const now = performance.now();
    if (this.#quiet || text === this.#said || now - this.#saidAt < LINE_INTERVAL_MS) return;
    this.#said = text;
    this.#saidAt = now;
    say(text, "stderr");
  }

  #seconds(): number {
    return (performance.now() - this.#phaseSince) / 1000;
  }

  #part(): number {
    switch (this.#phase) {
      case "running":
        return Math.min(1, this.#seconds() / Math.max(this.#timeLimitS, 0.001));
      case "recovering":
        return Math.min(1, this.#seconds() * 1000 / RECOVERY_MS);
      case "checking":
        return this.#checked;
      default:
        return 0;
    }
  }

  #text(): string {
    const seconds = Math.floor(this.#seconds());
    switch (this.#phase) {
      case "running":
        return `${seconds} of ${this.#timeLimitS} s, ${plural(this.#operations, "operation")}`;
      case "recovering":
        return "waiting for recovery";
      case "checking":
        return this.#checked === 0 ? "checking" : `checking, ${Math.round(this.#checked * 100)} %`;
      default:
        return this.#phase;
    }
  }
}

/** Returns the terminal's width, or 80 columns if it is unknown. */
function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
