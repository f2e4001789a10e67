/**
 * The command `charybdis learn`, which presents the challenges one by one to a learner.
 *
 * Tested by `tests/bench/learn/command_test.ts`.
 */

import {
  ArgumentError,
  custom,
  describeSettings,
  flag,
  parseSettings,
  text,
  unknownName,
} from "../../runtime/settings.ts";
import { say, styleFor } from "../terminal/output.ts";
import { openPage } from "../terminal/open_page.ts";
import { findExecutable } from "../cluster/executable.ts";
import { exampleText } from "../run/example_files.ts";
import { splitArguments } from "../run/node_arguments.ts";
import { loadWorkload } from "../run/workload_file.ts";
import { workloadOf } from "../workloads/registry.ts";
import { plural } from "../format.ts";
import { readRun } from "../store/run_record.ts";
import { REPORT_FILE } from "../store/run_record.ts";
import { ensureFolder, isFile, writeText } from "../store/files.ts";
import { EXIT } from "../exit_status.ts";
import { SIGNAL_STATUS } from "../run/interruption.ts";
import { runAttempt } from "../learn/attempt.ts";
import { explanation, figureLines, fixLines, indented, storyLines, sweptLines } from "../learn/explain.ts";
import type { Lesson } from "../learn/lesson.ts";
import { betterOf, comparisonLines, experiments, type Figures, figuresOf } from "../learn/next_steps.ts";
import { type Assignment, assignmentOf, ASSIGNMENTS } from "../learn/lessons/mod.ts";
import { init } from "../../protocol/init.ts";
import { exampleLines } from "./message_reference.ts";
import { programName } from "./program_name.ts";
import { languageOf, LANGUAGES, TYPESCRIPT } from "../learn/starters/mod.ts";
import type { Language, Starter, StarterFile } from "../learn/starters/starter.ts";
import {
  type Entry,
  isUnchanged,
  makeFolder,
  NOT_STARTED,
  programOf,
  type Progress,
  readProgress,
  updateProgress,
} from "../learn/progress_file.ts";

const DIR_DEFAULT = "learn";
/** The number of seeds of a module that must pass, and the number of runs of an executable. */
const SEEDS_DEFAULT = 10;
const RUNS_DEFAULT = 3;
/** The default seed is fixed, so that results differ between two checks only if the learner changed the program. */
const SEED_DEFAULT = 1;

const settings = {
  dir: text({
    syntax: "DIR",
    description: `Folder with your files and your progress. Default: ${DIR_DEFAULT}.`,
  }),
  bin: text({
    syntax: "FILE",
    description: "Executable in any language to check in real time, instead of the file in the folder.",
  }),
  lang: custom({
    syntax: [TYPESCRIPT, ...LANGUAGES.map(({ id }) => id)].join("|"),
    description: "Language of your file. Default: that of your last exercise, and at first ts, which check " +
      "runs in virtual time.",
    parse: (given) => given === "" ? undefined : given,
  }),
  seed: custom({
    syntax: "0…2^32",
    description: `Seed of all random draws. Another seed gives another test. Default: ${SEED_DEFAULT}.`,
    parse: (given) => /^\d{1,10}$/.test(given) && Number(given) <= 2 ** 32 ? Number(given) : undefined,
  }),
  repeat: custom({
    syntax: "1…1000",
    description: "Number of seeds that must pass, or of runs of an executable. " +
      `Default: ${SEEDS_DEFAULT} seeds of a file, ${RUNS_DEFAULT} runs of an executable.`,
    parse: (given) => /^[1-9]\d{0,3}$/.test(given) && Number(given) <= 1000 ? Number(given) : undefined,
  }),
  open: flag(false, { description: "Opens the page of a failed check in the browser." }),
  help: flag(false, { description: "Shows this." }),
} as const;

interface LearnContext {
  readonly directory: string;
  readonly bin: string | undefined;
  readonly lang: string | undefined;
  readonly seed: number;
  readonly repeat: number | undefined;
  readonly open: boolean;
  readonly nodeArguments: readonly string[];
}

const ACTIONS: Readonly<
  Record<string, (assignment: Assignment, given: LearnContext) => number | Promise<number>>
> = {
  start,
  check,
  hint,
  solution,
};

/** Runs the command and returns its exit status; `check` returns that of `test`. */
export async function learnCommand(args: readonly string[]): Promise<number> {
  const { own, nodeArguments } = splitArguments(args);
  const positional: string[] = [];
  const values = parseSettings(settings, own, { positional });
  if (values.help) {
    say(usage());
    return 0;
  }
  const [name, id, ...more] = positional;
  if (more.length > 0) {
    throw new ArgumentError(`learn ${name} takes one exercise, but got ${[id, ...more].join(", ")}`);
  }
  const directory = (values.dir ?? DIR_DEFAULT).replace(/(.)\/+$/, "$1");
  if (name === undefined) return await status(directory);
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) throw unknownName("step of learn", name, Object.keys(ACTIONS));
  const assignment = id === undefined ? nextOf(readProgress(directory)) : assignmentOf(id);
  if (assignment === undefined) {
    say("All exercises are passed. Name one to return to it.");
    return 0;
  }
  return await action(assignment, {
    directory,
    bin: values.bin,
    lang: values.lang,
    seed: values.seed ?? SEED_DEFAULT,
    repeat: values.repeat,
    open: values.open,
    nodeArguments,
  });
}

/** The first exercise that is not passed. */
function nextOf(progress: Progress): Assignment | undefined {
  return ASSIGNMENTS.find(({ exercise }) => progress.get(exercise.id)?.passed !== true);
}

async function status(directory: string): Promise<number> {
  const style = styleFor("stdout");
  const progress = readProgress(directory);
  const next = nextOf(progress);
  say(
    `${ASSIGNMENTS.length} exercises, from a single echo node to transactions over many nodes. Your files are in ${directory}/.\n`,
  );
  for (const { exercise: { id }, challenge } of ASSIGNMENTS) {
    const entry = progress.get(id) ?? NOT_STARTED;
    const { attempts, passed, hints } = entry;
    const kept = passed && await isUnchanged(entry);
    const done = kept ? "passed" : passed ? "passed before the last change" : attempts > 0 ? "started" : "";
    const with_ = hints === 0 ? "" : `, ${plural(hints, "hint")}`;
    const tries = attempts === 0 ? "" : `, ${plural(attempts, "attempt")}${with_}`;
    const line = `${id === next?.exercise.id ? ">" : " "} ${id.padEnd(3)} ${
      challenge.title.padEnd(31)
    } ${done}${tries}`.trimEnd();
    say(kept ? style.good(line) : line);
  }
  say("");
  if (next === undefined) say(`All are passed. Our solutions: ${programName()} learn solution ID`);
  else {
    const { exercise: { id }, lesson } = next;
    const { source } = starterOf(lesson, languageFor(id, { directory, lang: undefined }));
    const isStarted = isFile(`${directory}/${source}`);
    say(isStarted ? `Next: edit ${directory}/${source}, then` : "Next:");
    say(`  ${step(isStarted ? "check" : "start", id, directory)}`);
  }
  return 0;
}

/** Returns the command of a step of an exercise. */
function step(name: string, id: string, directory: string): string {
  return `${programName()} learn ${name} ${id}${directory === DIR_DEFAULT ? "" : ` --dir ${directory}`}`;
}

/** Returns the language of an exercise: the given one, or else its own, or that of the last exercise that was started. */
function languageFor(
  id: string,
  { directory, lang }: Pick<LearnContext, "directory" | "lang">,
): Language | undefined {
  const progress = readProgress(directory);
  const started = ASSIGNMENTS.map(({ exercise }) => progress.get(exercise.id)?.lang);
  return languageOf(
    lang ?? progress.get(id)?.lang ?? started.findLast((each) => each !== undefined) ?? TYPESCRIPT,
  );
}

async function start(
  { exercise, lesson, challenge }: Assignment,
  { directory, lang }: LearnContext,
): Promise<number> {
  const { id } = exercise;
  const language = languageFor(id, { directory, lang });
  makeFolder(directory);
  await provideWorkload(lesson, directory);
  const { messages } = lesson.workloadFile === undefined ? lesson : workloadOf(lesson.workload);
  const { files, source, executable, build } = starterOf({ ...lesson, messages }, language);
  const path = `${directory}/${source}`;
  const there = isFile(path);
  for (const file of files) writeNew(`${directory}/${file.path}`, file);
  updateProgress(directory, id, (entry) => ({ ...entry, lang: language?.id ?? TYPESCRIPT }));
  const style = styleFor("stdout");
  say(style.good(`${id}  ${challenge.title}\n`));
  for (const paragraph of exercise.task) say([...indented(paragraph), ""].join("\n"));
  say("Your node reads a request per line from stdin, and writes its reply to stdout:");
  for (const declared of [init, ...messages]) {
    say(indented(`${declared.type}: ${declared.description}`).join("\n"));
    for (const line of exampleLines(declared)) say(`      ${line}`);
  }
  const workload = workloadPath(lesson, directory) ?? lesson.workload;
  say(`  All fields and error codes: ${programName()} doc ${workload}`);
  say("\nThe test:");
  for (const line of challenge.lines) {
    say(
      `  ${programName()} test ${
        line.arguments.map((each) => each === lesson.workload ? workload : each).join(" ")
      }`,
    );
  }
  say(
    `\n${path} ${there ? "exists already and is unchanged" : "is your starting point"}. Edit it, then:`,
  );
  if (language === undefined) {
    say(`  ${step("check", id, directory)}                 in virtual time: seconds`);
    say(`  ${step("start", id, directory)} --lang ID       the same in ${names(LANGUAGES)}`);
  } else {
    if (build !== undefined) say(`  ${buildCommand(build, directory)}`);
    say(`  ${step("check", id, directory)} --bin ${directory}/${executable}`);
  }
  say(`  ${step("hint", id, directory)}                  one more hint each time`);
  return 0;
}

/** Writes the workload of a lesson unless it exists, and loads it. */
async function provideWorkload(lesson: Lesson, directory: string): Promise<void> {
  const path = workloadPath(lesson, directory);
  if (path === undefined) return;
  writeNew(path, { text: exampleText(`workloads/${lesson.workloadFile}`) });
  await loadWorkload(path);
}

/** Returns the path of a lesson's workload; undefined if the workload is built in. */
function workloadPath({ workloadFile }: Lesson, directory: string): string | undefined {
  if (workloadFile === undefined) return undefined;
  return directory.startsWith("/") ? `${directory}/${workloadFile}` : `./${directory}/${workloadFile}`;
}

/** Returns the files to start from: those of a language, or the TypeScript file of a lesson, which needs no executable. */
function starterOf(lesson: Lesson, language: Language | undefined): Starter {
  const template = { path: lesson.file, text: lesson.template };
  return language?.starterOf(lesson) ?? { files: [template], source: lesson.file, executable: lesson.file };
}

function buildCommand(build: string, directory: string): string {
  return `(cd ${directory} && ${build})`;
}

/** Writes a file of a starter, unless it exists. */
function writeNew(path: string, { text, isScript = false }: Pick<StarterFile, "text" | "isScript">): void {
  if (isFile(path)) return;
  ensureFolder(path.slice(0, path.lastIndexOf("/")));
  writeText(path, text);
  if (isScript) Deno.chmodSync(path, 0o755);
}

/** Returns the ids of languages as a list of words. */
function names(languages: readonly Language[]): string {
  return languages.map(({ id }) => id).join(", ");
}

/** Returns what an attempt runs: the given executable, or the file that the learner started. */
function attemptOf(
  { exercise: { id }, lesson }: Assignment,
  { bin, directory, lang }: LearnContext,
): { readonly bin: string } | { readonly module: string } {
  if (bin !== undefined) return { bin: findExecutable(bin) };
  const language = languageFor(id, { directory, lang });
  const { source, executable, build } = starterOf(lesson, language);
  const path = `${directory}/${executable}`;
  if (!isFile(path)) {
    const isWritten = build !== undefined && isFile(`${directory}/${source}`);
    const command = isWritten ? buildCommand(build, directory) : step("start", id, directory);
    throw new ArgumentError(`file not found: ${path}. Run ${command} to create it`);
  }
  return language === undefined ? { module: path } : { bin: findExecutable(path) };
}

async function check(assignment: Assignment, given: LearnContext): Promise<number> {
  const { exercise: { id }, lesson, challenge } = assignment;
  const { directory, seed, nodeArguments } = given;
  const dim = (text: string) => say(styleFor("stdout").dim(text));
  const node = attemptOf(assignment, given);
  makeFolder(directory);
  await provideWorkload(lesson, directory);
  const attempted = await runAttempt({
    challenge,
    node,
    nodeArguments,
    seed,
    store: `${directory}/store`,
    repeat: given.repeat ?? ("module" in node ? SEEDS_DEFAULT : RUNS_DEFAULT),
    begins: (line) => dim(`test ${line.arguments.join(" ")}`),
    sweeps: (line, count) => {
      const what = line.options.latency !== undefined ? "" : ", with latencies from 0 to 20 ms";
      dim(`  the same with ${plural(count, "other seed")}${what}`);
    },
  });
  if (attempted.kind === "interrupted") {
    say(`Interrupted by ${attempted.signal}: the attempt is not recorded.`);
    return SIGNAL_STATUS[attempted.signal];
  }
  const { grade, run, solved, swept, smallest } = attempted;
  const record = run.store === null ? undefined : readRun(run.store);
  const path = "module" in node ? node.module : node.bin;
  const figures = solved ? figuresOf(grade) : undefined;
  const { attempts, best } = await noteAttempt(assignment, { directory, path, solved, figures });
  const style = styleFor("stdout");
  for (const line of [...figureLines(challenge, grade, record), ...sweptLines(swept)]) {
    say(indented(line).join("\n"));
  }
  if (solved) {
    say(style.good(`\n${id}  ${challenge.title}: passed, at attempt ${attempts}.`));
    sayPage(run.store);
    for (const line of comparisonLines(id, best)) say(`  ${line}`);
    printNextSteps(assignment, directory, "module" in node ? node.module : undefined);
    return EXIT.valid;
  }
  say("");
  const source = "module" in node ? Deno.readTextFileSync(path) : undefined;
  for (const line of explanation({ grade, error: run.error, record, source })) say(line);
  for (const line of storyLines(smallest?.story ?? [])) say(line);
  say(style.bad(`${id}  ${challenge.title}: not yet.`));
  const shown = smallest?.store ?? run.store;
  printLinks(id, { directory, store: shown });
  if (given.open) await openPage(pageOf(shown));
  return EXIT.invalid;
}

/**
 * Records an attempt. An exercise counts as passed only for the program that passed last, and only if that was the last
 * attempt.
 */
async function noteAttempt(
  { exercise: { id } }: Assignment,
  { directory, path, solved, figures }: {
    readonly directory: string;
    readonly path: string;
    readonly solved: boolean;
    readonly figures: Figures | undefined;
  },
): Promise<Entry> {
  const program = solved ? { program: await programOf(path) } : {};
  return updateProgress(directory, id, ({ program: _before, ...entry }) => {
    const best = betterOf(entry.best, figures);
    return {
      ...entry,
      attempts: entry.attempts + 1,
      passed: solved,
      ...program,
      ...(best === undefined ? {} : { best }),
    };
  });
}

/** Returns the path of the page that shows a run; undefined if there is no page. */
function pageOf(store: string | null): string | undefined {
  const page = `${store}/${REPORT_FILE}`;
  return store !== null && isFile(page) ? page : undefined;
}

/** Prints the path of the page that shows a run. */
function sayPage(store: string | null): void {
  if (store !== null) say(`  Report of the run: ${pageOf(store) ?? `${programName()} report ${store}`}`);
}

/** Prints where to find more about an attempt that did not pass. */
function printLinks(
  id: string,
  { directory, store }: { readonly directory: string; readonly store: string | null },
): void {
  sayPage(store);
  const { hints } = readProgress(directory).get(id) ?? NOT_STARTED;
  const all = assignmentOf(id).exercise.hints.length;
  if (hints < all) say(`  For a hint: ${step("hint", id, directory)}`);
  else say(`  Our solution: ${programName()} learn solution ${id}`);
}

function printNextSteps(
  { exercise: { id }, lesson, challenge }: Assignment,
  directory: string,
  module: string | undefined,
): void {
  const next = nextOf(readProgress(directory));
  if (next === undefined) say("  That was the last one.");
  else say(`  Next: ${step("start", next.exercise.id, directory)}`);
  say(`  Our solution: ${programName()} learn solution ${id}`);
  if (module === undefined) return;
  const tries = experiments(challenge, { file: module, program: programName() });
  if (tries.length > 0) say("  Ask more of your node:");
  for (const line of tries) say(`    ${line}`);
  const name = lesson.file.replace(/\.ts$/, "");
  say(
    `  To build an executable for real time or for Maelstrom, in the folder of Charybdis's sources:\n` +
      `    cp ${module} nodes/my_${name}.ts && make my-${name.replaceAll("_", "-")}`,
  );
}

function hint({ exercise }: Assignment, { directory }: LearnContext): number {
  const { id, hints } = exercise;
  const shown = Math.min(hints.length, (readProgress(directory).get(id)?.hints ?? 0) + 1);
  updateProgress(directory, id, (entry) => ({ ...entry, hints: shown }));
  hints.slice(0, shown).forEach((text, i) => say(`${i + 1}. ${indented(text, 3).join("\n").trimStart()}`));
  const rest = hints.length - shown;
  say(
    rest === 0
      ? `That is all. Our solution: ${programName()} learn solution ${id}`
      : `${rest} more, one per call.`,
  );
  return 0;
}

function solution({ exercise, lesson }: Assignment): number {
  const { fix } = lesson;
  if (fix !== undefined) {
    for (const line of fixLines(fix)) say(line);
    return 0;
  }
  const [node = "", ...more] = lesson.solution;
  const text = sourceOf(node);
  if (text !== undefined) say(text.trimEnd());
  // The program alone is on stdout, so that it can be kept in a file.
  for (
    const line of [
      `Exercise ${exercise.id} is solved in ${node}: its file comment states the idea, the guarantee and the cost.`,
      ...(more.length > 0 ? [`It uses ${more.join(" and ")}.`] : []),
      "Paths are relative to Charybdis's sources.",
    ]
  ) say(line, "stderr");
  return 0;
}

/** Returns the text of a file of this project that the executable includes; undefined if it does not include the file. */
function sourceOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(new URL(`../../../${path}`, import.meta.url));
  } catch {
    return undefined;
  }
}

function usage(): string {
  return [
    "Usage: charybdis learn                 shows your progress and the next step",
    "       charybdis learn start [ID]      describes the task, and writes a file to start from, in your --lang",
    "       charybdis learn check [ID]      runs your attempt, and explains its faults",
    "       charybdis learn hint [ID]       gives a hint, one more each time",
    "       charybdis learn solution [ID]   names our own solution",
    "",
    "Presents Fly.io's challenges one by one. Without an ID, the command uses the first exercise that you have not",
    "passed. Arguments after -- go to the node. Options:",
    describeSettings(settings),
    "",
    "Exit status of check: 0 passed, 1 not yet, 254 wrong arguments, 255 the bench failed, 129, 130 or 143 ended by",
    "SIGHUP, SIGINT or SIGTERM.",
  ].join("\n");
}
