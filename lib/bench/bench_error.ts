/** What keeps the bench from doing its work, and how it is said. */

/** Something that keeps the bench from doing its work; the message says what. Exit status 255. */
export class BenchError extends Error {
  constructor(text: string) {
    super(text);
    this.name = "BenchError";
  }
}

/** Why something failed, in the error's words; of the system's, without the number and the call that stand behind them. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "");
}
