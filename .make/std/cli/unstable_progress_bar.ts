/** Substitute for `@std/cli/unstable-progress-bar`. */

/** The arguments of a formatter. */
export interface ProgressBarFormatter {
  /** The time since the start of the bar, as `mm:ss`. */
  styledTime: string;
  /** The bar itself. */
  progressBar: string;
  /** Time since the start of the bar, in ms. */
  time: number;
  value: number;
  max: number;
}

/** Options of {@linkcode ProgressBar}. */
export interface ProgressBarOptions {
  /** The stream to which the bar is drawn. Default: stderr. */
  writable?: WritableStream<Uint8Array>;
  /** The initial value. Default: 0. */
  value?: number;
  max: number;
  /** Length of the bar in characters. Default: 50. */
  barLength?: number;
  /** True if the bar is removed at the end. Default: false. */
  clear?: boolean;
  /** Formats the line to draw. */
  formatter?: (formatter: ProgressBarFormatter) => string;
  /** Time between two drawings, in ms. Default: 1000. */
  interval?: number;
}

/** A progress bar, redrawn on one line. */
export class ProgressBar {
  value: number;
  max: number;
  readonly #options: ProgressBarOptions;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #began = Date.now();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: ProgressBarOptions) {
    this.value = options.value ?? 0;
    this.max = options.max;
    this.#options = options;
    this.#writer = (options.writable ?? Deno.stderr.writable).getWriter();
    this.#timer = setInterval(() => this.#draw(), options.interval ?? 1000);
    this.#draw();
  }

  /** Draws the final state, or removes the bar, and releases the stream. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#options.clear) await this.#write("\r\x1b[K");
    else {
      await this.#draw();
      await this.#write("\n");
    }
    this.#writer.releaseLock();
  }

  async #draw(): Promise<void> {
    const {
      barLength = 50,
      formatter = ({ styledTime, progressBar }) => `[${styledTime}] [${progressBar}]`,
    } = this.#options;
    const time = Date.now() - this.#began;
    const full = Math.trunc(Math.min(1, Math.max(0, this.value / this.max)) * barLength);
    const two = (value: number) => String(Math.trunc(value)).padStart(2, "0");
    const progressBar = "#".repeat(full) + "-".repeat(barLength - full);
    const styledTime = `${two(time / 60_000)}:${two(time / 1000 % 60)}`;
    await this.#write(
      `\r\x1b[K${formatter({ styledTime, progressBar, time, value: this.value, max: this.max })}`,
    );
  }

  async #write(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text)).catch(() => {});
  }
}
