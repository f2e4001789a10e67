/** Copies or unpacks one student's submission. Tested by `tests/bench/grade/submissions_test.ts`. */

import { ArgumentError } from "../../../runtime/settings.ts";
import { reasonOf } from "../../errors.ts";
import { isFile } from "../../store/files.ts";
import { StagedFolder, SubmissionError } from "./staged_folder.ts";
import { unpackTar } from "./tar.ts";
import { unpackZip } from "./zip.ts";

/** The name of the file by which a student describes a submission. */
export const STUDENT_FILE = "charybdis.json";

/** The archives that are unpacked, by the end of their name. */
const ARCHIVE = /\.(zip|tar|tar\.gz|tgz)$/i;
/** Folders that no submission needs: those of version control, and of an archiver of macOS. */
const SKIPPED: ReadonlySet<string> = new Set([".git", "__MACOSX", ".DS_Store"]);

/** A student's submission. */
export interface Submission {
  readonly student: string;
  /** A folder, an archive or a program. */
  readonly path: string;
}

/** A submission that is ready to run. */
export interface StagedSubmission {
  /** The folder of the copy. */
  readonly folder: string;
  /** The paths of its files, relative to the folder. */
  readonly files: readonly string[];
  /** True if the submission is one program, for every challenge. */
  readonly isSingle: boolean;
}

/** Returns the submissions in a folder, by student. Hidden files are ignored. Throws `ArgumentError` if it cannot be read. */
export function findSubmissions(directory: string): Submission[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch (error) {
    throw new ArgumentError(`--submissions ${directory} cannot be read: ${reasonOf(error)}`);
  }
  const found = names.filter((name) => !name.startsWith(".") && !SKIPPED.has(name)).map((name) => ({
    student: name.replace(ARCHIVE, ""),
    path: `${directory}/${name}`,
  }));
  found.sort((a, b) => a.student.localeCompare(b.student, "en", { numeric: true }));
  const twice = found.find(({ student }, i) => student === found[i + 1]?.student);
  if (twice !== undefined) {
    throw new ArgumentError(`--submissions ${directory} has two submissions of ${twice.student}: remove one`);
  }
  if (found.length === 0) {
    throw new ArgumentError(`--submissions ${directory} is empty: it needs a folder per student`);
  }
  return found;
}

/** Copies or unpacks a submission into a new folder. Throws `SubmissionError` if it is refused. */
export async function stageSubmission({ path }: Submission, target: string): Promise<StagedSubmission> {
  const staged = new StagedFolder(target);
  const info = Deno.lstatSync(path);
  try {
    if (info.isSymlink) throw new SubmissionError("it is a link");
    if (info.isDirectory) copyFolder(path, staged);
    else if (/\.zip$/i.test(path)) await unpackZip(path, staged);
    else if (ARCHIVE.test(path)) await unpackTar(tarStream(path), staged);
    else {
      const name = path.slice(path.lastIndexOf("/") + 1);
      staged.copy(name, path);
      return { folder: target, files: [name], isSingle: true };
    }
  } catch (error) {
    if (error instanceof SubmissionError) throw error;
    throw new SubmissionError(`it cannot be unpacked: ${reasonOf(error)}`);
  }
  return { ...contentOf(target), isSingle: false };
}

/** Returns the folder and the files of an unpacked submission. A folder that is the only entry is the submission. */
export function contentOf(root: string): Pick<StagedSubmission, "folder" | "files"> {
  const entries = [...Deno.readDirSync(root)].filter(({ name }) => !SKIPPED.has(name));
  const [only] = entries;
  if (entries.length === 1 && only?.isDirectory === true && only.name !== "bin") {
    return contentOf(`${root}/${only.name}`);
  }
  return { folder: root, files: filesIn(root, "") };
}

function filesIn(root: string, under: string): string[] {
  return [...Deno.readDirSync(`${root}/${under}`)].toSorted((a, b) => a.name < b.name ? -1 : 1).flatMap(
    (entry) => {
      const path = `${under}${entry.name}`;
      if (entry.isDirectory) return filesIn(root, `${path}/`);
      return isFile(`${root}/${path}`) ? [path] : [];
    },
  );
}

function tarStream(path: string): ReadableStream<Uint8Array> {
  const { readable } = Deno.openSync(path);
  return /\.tar$/i.test(path) ? readable : readable.pipeThrough(new DecompressionStream("gzip"));
}

function copyFolder(from: string, staged: StagedFolder, under = ""): void {
  for (const { name, isDirectory, isSymlink, isFile } of Deno.readDirSync(`${from}/${under}`)) {
    const path = `${under}${name}`;
    if (SKIPPED.has(name)) continue;
    if (isDirectory) {
      staged.folder(path);
      copyFolder(from, staged, `${path}/`);
    } else if (isSymlink) staged.link(path, Deno.readLinkSync(`${from}/${path}`));
    else if (isFile) staged.copy(path, `${from}/${path}`);
    else throw new SubmissionError(`${path} is neither a file nor a folder nor a symbolic link`);
  }
}
