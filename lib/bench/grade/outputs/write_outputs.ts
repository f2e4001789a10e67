/** Writes the results of a class in every format. Tested by `tests/bench/grade/batch_test.ts`. */

import { ensureFolder, isFile, writeText } from "../../store/files.ts";
import { FEEDBACK, feedbackFolder } from "../student.ts";
import type { StudentResult } from "../student_result.ts";
import { classFigures } from "./class_figures.ts";
import { feedbackPage } from "./feedback_page.ts";
import { gradescopeResults, gradesCsv, gradesJunit, gradesMarkdown } from "./files.ts";
import { teacherPage } from "./teacher_page.ts";

/** Writes all files of a class but grades.jsonl. `missing` are the students without a result. */
export function writeOutputs(
  out: string,
  { results, missing }: { readonly results: readonly StudentResult[]; readonly missing: readonly string[] },
): void {
  const sorted = results.toSorted((a, b) => a.student.localeCompare(b.student, "en", { numeric: true }));
  const figures = classFigures(sorted);
  ensureFolder(out);
  writeText(`${out}/grades.csv`, gradesCsv(sorted));
  writeText(`${out}/grades.xml`, gradesJunit(sorted));
  writeText(`${out}/grades.md`, gradesMarkdown(sorted));
  writeText(`${out}/index.html`, teacherPage(sorted, missing));
  for (const result of sorted) {
    const folder = `${out}/${feedbackFolder(result.student)}`;
    ensureFolder(folder);
    writeText(`${folder}/results.json`, gradescopeResults(result));
    const pictureOf = (name: string) =>
      name !== "" && isFile(`${folder}/${name}`) ? Deno.readTextFileSync(`${folder}/${name}`) : "";
    writeText(
      `${folder}/index.html`,
      feedbackPage(result, { figures, pictureOf: ({ picture }) => pictureOf(picture) }),
    );
  }
}

/** Copies the pictures and reports of the students of one folder of results to another. */
export function copyFeedback(from: string, out: string): void {
  const students = `${from}/${FEEDBACK}`;
  if (!isFolder(students) || Deno.realPathSync(from) === realPathOf(out)) return;
  for (const { name: student } of Deno.readDirSync(students)) {
    ensureFolder(`${out}/${FEEDBACK}/${student}`);
    for (const { name, isFile } of Deno.readDirSync(`${students}/${student}`)) {
      if (isFile) {
        Deno.copyFileSync(`${students}/${student}/${name}`, `${out}/${FEEDBACK}/${student}/${name}`);
      }
    }
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function realPathOf(path: string): string | undefined {
  return isFolder(path) ? Deno.realPathSync(path) : undefined;
}
