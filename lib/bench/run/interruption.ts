/** Signals that end the bench. The first one ends a run properly; the second one ends the bench at once. */

/** The exit status for each signal that the bench handles: 128 plus the signal's number. */
export const SIGNAL_STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** A signal that ends the bench. */
export type EndSignal = keyof typeof SIGNAL_STATUS;

const SIGNALS: readonly EndSignal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGHUP", "SIGINT", "SIGTERM"];

/** Waits for signals from its construction to `end`. */
export class Interruption {
  readonly #first = Promise.withResolvers<EndSignal>();
  readonly #handlers: ReadonlyArray<readonly [EndSignal, () => void]>;
  readonly #abandon: () => void;
  #signal: EndSignal | undefined;

  /** Calls `abandon` at the second signal; the process ends after it. */
  constructor(abandon: () => void = () => {}) {
    this.#abandon = abandon;
    this.#handlers = SIGNALS.map((signal) => [signal, () => this.#take(signal)] as const);
    for (const [signal, handler] of this.#handlers) Deno.addSignalListener(signal, handler);
  }

  /** The first signal that was received; undefined before that. */
  get signal(): EndSignal | undefined {
    return this.#signal;
  }

  /** Resolves at the first signal, and never without one. */
  get asked(): Promise<EndSignal> {
    return this.#first.promise;
  }

  /** Returns the result of `work`, or `undefined` as soon as a signal arrives. */
  async orSignal<T>(work: Promise<T>): Promise<T | undefined> {
    work.catch(() => {}); // after a signal, its failure does not matter
    return await Promise.race([work, this.asked.then(() => undefined)]);
  }

  /** Restores the default effect of signals. */
  end(): void {
    for (const [signal, handler] of this.#handlers) Deno.removeSignalListener(signal, handler);
  }

  #take(signal: EndSignal): void {
    if (this.#signal !== undefined) {
      try {
        this.#abandon();
      } finally {
        Deno.exit(SIGNAL_STATUS[this.#signal]);
      }
    }
    this.#signal = signal;
    this.#first.resolve(signal);
  }
}
