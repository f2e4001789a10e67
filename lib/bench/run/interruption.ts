/** Signals that end the bench. The first one ends a run properly; the second one ends the bench at once. */

/** The exit status for each signal that the bench handles: 128 plus the signal's number. */
export const SIGNAL_STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** A signal that ends the bench. */
export type EndSignal = keyof typeof SIGNAL_STATUS;

const SIGNALS: readonly EndSignal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGHUP", "SIGINT", "SIGTERM"];

/**
 * Waits for signals from its construction to `end`, or to the end of the scope of its `using`. A signal counts for all that wait,
 * and for those that are made while one of these still waits: a grading that was interrupted between two runs starts no further one.
 */
export class Interruption implements Disposable {
  /** Those that have not ended. They share one handler of each signal. */
  static readonly #open = new Set<Interruption>();
  static readonly #handlers = SIGNALS.map((signal) => [signal, () => Interruption.#take(signal)] as const);

  readonly #first = Promise.withResolvers<EndSignal>();
  readonly #abandon: () => void;
  #signal: EndSignal | undefined;

  /** Calls `abandon` at the second signal; the process ends after it. */
  constructor(abandon: () => void = () => {}) {
    this.#abandon = abandon;
    if (Interruption.#open.size === 0) {
      for (const [signal, handler] of Interruption.#handlers) Deno.addSignalListener(signal, handler);
    }
    const signal = Interruption.#received();
    if (signal !== undefined) this.#note(signal);
    Interruption.#open.add(this);
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

  /** Ends the waiting. Without any that waits, signals have their default effect. */
  end(): void {
    if (!Interruption.#open.delete(this) || Interruption.#open.size > 0) return;
    for (const [signal, handler] of Interruption.#handlers) Deno.removeSignalListener(signal, handler);
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #note(signal: EndSignal): void {
    this.#signal = signal;
    this.#first.resolve(signal);
  }

  /** Returns the first signal that those which wait have received. */
  static #received(): EndSignal | undefined {
    for (const { signal } of Interruption.#open) if (signal !== undefined) return signal;
    return undefined;
  }

  static #take(signal: EndSignal): void {
    const first = Interruption.#received();
    if (first === undefined) {
      for (const each of Interruption.#open) each.#note(signal);
      return;
    }
    try {
      for (const each of Interruption.#open) each.#abandon();
    } finally {
      Deno.exit(SIGNAL_STATUS[first]);
    }
  }
}
