/** Stand-in for `@std/cli/unstable-progress-bar`. */

/** What a formatter is given. */
export interface ProgressBarFormatter {
  /** The time since the bar began, as `mm:ss`. */
  styledTime: string;
  /** The bar itself. */
  progressBar: string;
  /** Milliseconds since the bar began. */
  time: number;
  value: number;
  max: number;
}

/** Options of {@linkcode ProgressBar}. */
export interface ProgressBarOptions {
  /** Where the bar is drawn. Default: stderr. */
  writable?: WritableStream<Uint8Array>;
  /** Default: 0. */
  value?: number;
  max: number;
  /** Length of the bar in characters. Default: 50. */
  barLength?: number;
  /** Whether the bar is taken away at the end. Default: false. */
  clear?: boolean;
  /** What is drawn. */
  formatter?: (formatter: ProgressBarFormatter) => string;
  /** Milliseconds between two drawings. Default: 1000. */
  interval?: number;
}

/** A bar that shows how much of something is done, drawn again and again on one line. */
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

  /** Draws the end, or takes the bar away, and lets go of the stream. */
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
