/** Progress of a test on the wall clock: a bar on a terminal, a line now and then elsewhere. */

import { type Event, NEMESIS } from "../checkers/history.ts";
import { say } from "./console.ts";
import { type Phase as RunPhase, RECOVERY_MS } from "./run.ts";

/** What a test is at: running, then being judged. */
export type Phase = RunPhase | "checking";

const INTERVAL_MS = 1000;

/** Shows on stderr how far a test is. */
export class Progress {
  readonly #quiet: boolean;
  readonly #timeLimitS: number;
  readonly #terminal = Deno.stderr.isTerminal();
  readonly #timer: number;
  #phase: Phase = "starting";
  #phaseSince = performance.now();
  #operations = 0;
  #shown = false;

  constructor(options: { readonly quiet: boolean; readonly timeLimitS: number }) {
    this.#quiet = options.quiet;
    this.#timeLimitS = options.timeLimitS;
    this.#timer = setInterval(() => this.#show(), INTERVAL_MS);
  }

  /** Takes an event of the history. */
  count(event: Event): void {
    if (event.type === "invoke" && event.process !== NEMESIS) this.#operations++;
  }

  /** Says what the test does now. */
  phase(phase: Phase): void {
    this.#phase = phase;
    this.#phaseSince = performance.now();
    if (phase === "recovering" && !this.#terminal) this.#line("waiting for recovery");
  }

  /** Says how far the checkers are, from 0 to 1. */
  checking(part: number): void {
    this.#bar(part, `checking, ${Math.round(part * 100)} %`);
  }

  /** Says something in between. */
  note(text: string): void {
    this.#clear();
    say(text, "stderr");
  }

  /** Takes the bar away. */
  end(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #show(): void {
    const seconds = (performance.now() - this.#phaseSince) / 1000;
    switch (this.#phase) {
      case "running":
        return this.#bar(
          seconds / this.#timeLimitS,
          `${Math.floor(seconds)} of ${this.#timeLimitS} s, ${this.#operations} operations`,
        );
      case "recovering":
        return this.#terminal ? this.#bar(seconds * 1000 / RECOVERY_MS, "recovering") : undefined;
      default:
        return;
    }
  }

  #bar(part: number, text: string): void {
    if (!this.#terminal) return this.#line(text);
    if (this.#quiet) return;
    const width = 30;
    const full = Math.min(width, Math.round(part * width));
    Deno.stderr.writeSync(
      new TextEncoder().encode(`\r\x1b[K[${"#".repeat(full)}${"-".repeat(width - full)}] ${text}`),
    );
    this.#shown = true;
  }

  #line(text: string): void {
    if (!this.#quiet) say(text, "stderr");
  }

  #clear(): void {
    if (this.#shown) Deno.stderr.writeSync(new TextEncoder().encode("\r\x1b[K"));
    this.#shown = false;
  }
}
