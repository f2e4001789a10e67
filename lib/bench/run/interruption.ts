/** Signals that end the bench: the first one ends a run in good order, the second one ends the bench at once. */

/** The exit status after each signal that the bench handles: 128 and the signal's number. */
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

  /** `abandon` is called at the second signal; the process ends after it. */
  constructor(abandon: () => void = () => {}) {
    this.#abandon = abandon;
    this.#handlers = SIGNALS.map((signal) => [signal, () => this.#take(signal)] as const);
    for (const [signal, handler] of this.#handlers) Deno.addSignalListener(signal, handler);
  }

  /** The first signal, once it has come. */
  get signal(): EndSignal | undefined {
    return this.#signal;
  }

  /** Resolves at the first signal; never without one. */
  get asked(): Promise<EndSignal> {
    return this.#first.promise;
  }

  /** Returns what `work` resolves to, or `undefined` as soon as a signal comes. */
  async orSignal<T>(work: Promise<T>): Promise<T | undefined> {
    work.catch(() => {}); // after a signal its failure is of no interest
    return await Promise.race([work, this.asked.then(() => undefined)]);
  }

  /** Lets signals have their usual effect again. */
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
