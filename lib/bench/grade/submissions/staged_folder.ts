/**
 * The copy of a submission that is built and run. Nothing is ever written or linked outside of it.
 *
 * Tested by `tests/bench/grade/submissions_test.ts`.
 */

/** The maximum number of files, folders and links of a submission. */
const ENTRIES_MAX = 20_000;
/** The maximum size of a submission, in bytes. */
const LENGTH_MAX = 4 * 2 ** 30;
/** The number of leading bytes that tell if a file is a program. */
const MAGIC_LENGTH = 4;

/** A submission that is not taken: the sentence tells the student why. */
export class SubmissionError extends Error {
  constructor(text: string) {
    super(text);
    this.name = "SubmissionError";
  }
}

/** A folder into which a submission is copied or unpacked. */
export class StagedFolder {
  readonly root: string;
  #entries = 0;
  #length = 0;

  constructor(root: string) {
    this.root = root;
    Deno.mkdirSync(root, { recursive: true });
    Deno.chmodSync(root, 0o755);
  }

  /** Creates a folder. */
  folder(path: string): void {
    this.#makeFolder(this.#partsOf(path));
  }

  /** Writes a file from its chunks, with its Unix permissions. */
  async file(path: string, chunks: AsyncIterable<Uint8Array>, mode: number): Promise<void> {
    const target = this.#place(path);
    using file = Deno.openSync(target, { write: true, createNew: true });
    for await (const chunk of chunks) {
      this.#count(chunk.length);
      for (let rest = chunk; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
    }
    this.#permit(target, mode);
  }

  /** Copies a file. */
  copy(path: string, from: string): void {
    const target = this.#place(path);
    const { size, mode } = Deno.statSync(from);
    this.#count(size);
    Deno.copyFileSync(from, target);
    this.#permit(target, mode ?? 0);
  }

  /** Creates a symbolic link. Throws `SubmissionError` if it leads outside. */
  link(path: string, target: string): void {
    const depth = this.#partsOf(path).length - 1;
    const up = /^(?:\.\.(?:\/|$))*/.exec(target)?.[0] ?? "";
    const rest = target.slice(up.length);
    // After the leading .., no other .. may follow: behind a link, it would lead elsewhere than the text says.
    const leadsOutside = target.startsWith("/") || up.split("..").length - 1 > depth ||
      rest.split("/").includes("..");
    if (leadsOutside) {
      throw new SubmissionError(`the link ${path} leads outside of the submission, to ${target}`);
    }
    Deno.symlinkSync(target, this.#place(path));
  }

  /** Returns the path of a new entry, inside of existing real folders. */
  #place(path: string): string {
    const parts = this.#partsOf(path);
    const name = parts.pop();
    if (name === undefined) throw new SubmissionError(`${JSON.stringify(path)} is not the name of a file`);
    this.#makeFolder(parts);
    const target = [this.root, ...parts, name].join("/");
    try {
      Deno.lstatSync(target);
    } catch {
      return target;
    }
    throw new SubmissionError(`${path} occurs twice`);
  }

  #makeFolder(parts: readonly string[]): void {
    let folder = this.root;
    for (const part of parts) {
      folder += `/${part}`;
      try {
        if (Deno.lstatSync(folder).isDirectory) continue;
      } catch {
        Deno.mkdirSync(folder, { mode: 0o755 });
        continue;
      }
      throw new SubmissionError(`${parts.join("/")} leads through a link or a file`);
    }
  }

  /** Returns the parts of a relative path. Throws `SubmissionError` if it leads outside. */
  #partsOf(path: string): string[] {
    if (++this.#entries > ENTRIES_MAX) throw new SubmissionError(`it has more than ${ENTRIES_MAX} files`);
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    if (path.startsWith("/") || path.includes("\0") || path.includes("\\") || parts.includes("..")) {
      throw new SubmissionError(`the path ${JSON.stringify(path)} leads outside of the submission`);
    }
    return parts;
  }

  /** Makes executables and programs executable, because many archives lose that. */
  #permit(target: string, mode: number): void {
    Deno.chmodSync(target, (mode & 0o111) !== 0 || isProgram(target) ? 0o755 : 0o644);
  }

  #count(length: number): void {
    this.#length += length;
    if (this.#length > LENGTH_MAX) throw new SubmissionError(`it is larger than ${LENGTH_MAX / 2 ** 30} GB`);
  }
}

/** Returns true for a file that the system can execute: a script with a `#!` line, or a binary of Linux or macOS. */
export function isProgram(path: string): boolean {
  using file = Deno.openSync(path);
  const magic = new Uint8Array(MAGIC_LENGTH);
  const text = new TextDecoder("latin1").decode(magic.subarray(0, file.readSync(magic) ?? 0));
  return text.startsWith("#!") || text === "\x7fELF" || text === "\xcf\xfa\xed\xfe" ||
    text === "\xca\xfe\xba\xbe";
}
