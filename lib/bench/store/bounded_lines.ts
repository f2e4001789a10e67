/** Lines in bounded memory: the first and the last ones, and the number of omitted ones. */

/** Keeps lines up to a number of characters, half of them from the start and half from the end. */
export class BoundedLines {
  readonly #half: number;
  readonly #head: string[] = [];
  readonly #tail: string[] = [];
  #headLength = 0;
  #tailLength = 0;
  /** The index of the first valid line of the tail. */
  #from = 0;
  #left = 0;

  constructor(lengthMax: number) {
    this.#half = lengthMax / 2;
  }

  push(line: string): void {
    if (this.#left === 0 && this.#tail.length === 0 && this.#headLength + line.length <= this.#half) {
      this.#head.push(line);
      this.#headLength += line.length;
      return;
    }
    this.#tail.push(line);
    this.#tailLength += line.length;
    while (this.#tailLength > this.#half && this.#from < this.#tail.length) {
      this.#tailLength -= this.#tail[this.#from]?.length ?? 0;
      this.#tail[this.#from++] = "";
      this.#left++;
    }
    if (this.#from > 1024 && this.#from * 2 > this.#tail.length) {
      this.#tail.splice(0, this.#from), this.#from = 0;
    }
  }

  /** The kept lines, with one that states the number of omitted lines. */
  get lines(): string[] {
    const missing = this.#left === 0 ? [] : [`… ${this.#left} lines omitted …`];
    return [...this.#head, ...missing, ...this.#tail.slice(this.#from)];
  }
}
