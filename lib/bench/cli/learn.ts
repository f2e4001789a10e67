/** `charybdis learn`: the challenges one by one, for somebody who has not solved them yet. */

import {
  ArgumentError,
  describeSettings,
  flag,
  parsed,
  parseSettings,
  text,
  unknownName,
} from "../../runtime/settings.ts";
import { say, styleFor } from "../terminal/output.ts";
import { findExecutable } from "../cluster/executable.ts";
import { splitArguments } from "../run/node_arguments.ts";
import { plural } from "../format.ts";
import { readRun, type RunRecord } from "../store/run_record.ts";
import { REPORT_FILE } from "../store/run_record.ts";
import { isFile, writeText } from "../store/files.ts";
import { EXIT } from "../run/verdict.ts";
import { SIGNAL_STATUS } from "../run/interruption.ts";
import { runAttempt } from "../learn/attempt.ts";
import { explanation, figureLines, indented, storyLines, sweptLines } from "../learn/explain.ts";
import { type Assignment, assignmentOf, ASSIGNMENTS } from "../learn/lessons/mod.ts";
import {
  type Entry,
  isUnchanged,
  makeFolder,
  NOT_BEGUN,
  type Notebook,
  programOf,
  readNotebook,
  writeDown,
} from "../learn/progress_file.ts";

const DIR_DEFAULT = "learn";
/** How many seeds of a module must pass, and how many runs of an executable. */
const SEEDS_DEFAULT = 10;
const RUNS_DEFAULT = 3;
/** The same attempt gives the same result: what changes between two checks is what the learner changed. */
const SEED_DEFAULT = 1;

const settings = {
  dir: text({ form: "DIR", about: `The folder with your files and your progress. Default: ${DIR_DEFAULT}.` }),
  bin: text({
    form: "FILE",
    about:
      "Checks an executable, made in any language, on the wall clock, in place of the file in the folder.",
  }),
  seed: parsed({
    form: "0…2^32",
    about: `What chance begins from: another seed is another test. Default: ${SEED_DEFAULT}.`,
    parse: (given) => /^\d{1,10}$/.test(given) && Number(given) <= 2 ** 32 ? Number(given) : undefined,
  }),
  repeat: parsed({
    form: "1…1000",
    about: "How many seeds must pass, or runs of an executable. " +
      `Default: ${SEEDS_DEFAULT} seeds of a file, ${RUNS_DEFAULT} runs of an executable.`,
    parse: (given) => /^[1-9]\d{0,3}$/.test(given) && Number(given) <= 1000 ? Number(given) : undefined,
  }),
  help: flag(false, { about: "Shows this." }),
} as const;

interface Given {
  readonly directory: string;
  readonly bin: string | undefined;
  readonly seed: number;
  readonly repeat: number | undefined;
  readonly nodeArguments: readonly string[];
}

const ACTIONS: Readonly<Record<string, (assignment: Assignment, given: Given) => number | Promise<number>>> =
  {
    start,
    check,
    hint,
    solution,
  };

/** Runs the command and returns its exit status; `check` has that of `test`. */
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
  const assignment = id === undefined ? nextOf(readNotebook(directory)) : assignmentOf(id);
  if (assignment === undefined) {
    say("All exercises are passed. Name one to go back to it.");
    return 0;
  }
  return await action(assignment, {
    directory,
    bin: values.bin,
    seed: values.seed ?? SEED_DEFAULT,
    repeat: values.repeat,
    nodeArguments,
  });
}

/** The first exercise that is not passed. */
function nextOf(notebook: Notebook): Assignment | undefined {
  return ASSIGNMENTS.find(({ exercise }) => notebook.get(exercise.id)?.passed !== true);
}

async function status(directory: string): Promise<number> {
  const style = styleFor("stdout");
  const notebook = readNotebook(directory);
  const next = nextOf(notebook);
  say(
    `${ASSIGNMENTS.length} exercises, from one node that answers to transactions over many. Yours are in ${directory}/.\n`,
  );
  for (const { exercise: { id }, challenge } of ASSIGNMENTS) {
    const entry = notebook.get(id) ?? NOT_BEGUN;
    const { attempts, passed, hints } = entry;
    const kept = passed && await isUnchanged(entry);
    const done = kept ? "passed" : passed ? "passed before the last change" : attempts > 0 ? "begun" : "";
    const with_ = hints === 0 ? "" : `, ${plural(hints, "hint")}`;
    const tries = attempts === 0 ? "" : `, ${plural(attempts, "attempt")}${with_}`;
    const line = `${id === next?.exercise.id ? ">" : " "} ${id.padEnd(3)} ${
      challenge.title.padEnd(31)
    } ${done}${tries}`.trimEnd();
    say(kept ? style.good(line) : line);
  }
  say("");
  if (next === undefined) say("All are passed. What we made of them: charybdis learn solution ID");
  else {
    const id = next.exercise.id;
    const begun = notebook.has(id) || isFile(`${directory}/${next.lesson.file}`);
    say(begun ? `Next: edit ${directory}/${next.lesson.file}, then` : "Next:");
    say(
      `  charybdis learn ${begun ? `check ${id}` : `start ${id}`}${
        directory === DIR_DEFAULT ? "" : ` --dir ${directory}`
      }`,
    );
  }
  return 0;
}

function start({ exercise, lesson, challenge }: Assignment, { directory }: Given): number {
  makeFolder(directory);
  const path = `${directory}/${lesson.file}`;
  const there = isFile(path);
  if (!there) writeText(path, lesson.template);
  writeDown(directory, exercise.id, (entry) => entry);
  const style = styleFor("stdout");
  const { id } = exercise;
  say(style.good(`${id}  ${challenge.title}\n`));
  for (const paragraph of exercise.task) say([...indented(paragraph), ""].join("\n"));
  say("Requests and replies (beside type, msg_id and in_reply_to):");
  for (const { type, about, request, reply } of lesson.messages) {
    say(indented(`${type}: ${about}`).join("\n"));
    say(indented(`${request.form} → ${reply?.form ?? "no reply"}`, 6).join("\n"));
  }
  say("\nThe test:");
  for (const line of challenge.lines) say(`  charybdis test ${line.arguments.join(" ")}`);
  say(
    `\n${path} ${
      there ? "is there already, and stays as it is" : "is the file to begin from"
    }. Edit it, then:`,
  );
  const dir = directory === DIR_DEFAULT ? "" : ` --dir ${directory}`;
  say(`  charybdis learn check ${id}${dir}                 in virtual time: seconds`);
  say(
    `  charybdis learn check ${id}${dir} --bin ./mine    any executable, in any language, on the wall clock`,
  );
  say(`  charybdis learn hint ${id}${dir}                  one hint more each time`);
  return 0;
}

async function check(assignment: Assignment, given: Given): Promise<number> {
  const { exercise: { id }, lesson, challenge } = assignment;
  const { directory, seed, nodeArguments } = given;
  const dim = (text: string) => say(styleFor("stdout").dim(text));
  const path = `${directory}/${lesson.file}`;
  const bin = given.bin === undefined ? undefined : findExecutable(given.bin);
  if (bin === undefined && !isFile(path)) {
    throw new ArgumentError(`there is no ${path} yet: charybdis learn start ${id} writes one to begin from`);
  }
  makeFolder(directory);
  const attempted = await runAttempt({
    challenge,
    node: bin === undefined ? { module: path } : { bin },
    nodeArguments,
    seed,
    store: `${directory}/store`,
    repeat: given.repeat ?? (bin === undefined ? SEEDS_DEFAULT : RUNS_DEFAULT),
    begins: (line) => dim(`test ${line.arguments.join(" ")}`),
    sweeps: (line, count) => {
      const what = line.arguments.includes("--latency") ? "" : ", with latencies from 0 to 20 ms";
      dim(`  the same with ${plural(count, "other seed")}${what}`);
    },
  });
  if (attempted.kind === "interrupted") {
    say(`Interrupted by ${attempted.signal}: the attempt is not written down.`);
    return SIGNAL_STATUS[attempted.signal];
  }
  const { grade, run, solved, swept, story } = attempted;
  const record = run.store === null ? undefined : readRun(run.store);
  const { attempts } = await noteAttempt(assignment, { directory, path: bin ?? path, solved });
  const style = styleFor("stdout");
  for (const line of [...figureLines(challenge, grade, record), ...sweptLines(swept)]) {
    say(indented(line).join("\n"));
  }
  if (solved) {
    say(style.good(`\n${id}  ${challenge.title}: passed, at attempt ${attempts}.`));
    sayPage(record, run.store);
    afterwards(assignment, given);
    return EXIT.valid;
  }
  say("");
  const source = bin === undefined ? Deno.readTextFileSync(path) : undefined;
  for (const line of explanation({ grade, error: run.error, record, source })) say(line);
  for (const line of storyLines(story)) say(line);
  say(style.bad(`${id}  ${challenge.title}: not yet.`));
  pointers(id, { directory, record, store: run.store });
  return EXIT.invalid;
}

/** Writes an attempt down. An exercise counts as passed only for the program that passed last, and only if it was tried last. */
async function noteAttempt(
  { exercise: { id } }: Assignment,
  { directory, path, solved }: {
    readonly directory: string;
    readonly path: string;
    readonly solved: boolean;
  },
): Promise<Entry> {
  const program = solved ? { program: await programOf(path) } : {};
  return writeDown(directory, id, ({ program: _before, ...entry }) => ({
    ...entry,
    attempts: entry.attempts + 1,
    passed: solved,
    ...program,
  }));
}

/** Names the page that shows a run. */
function sayPage(record: RunRecord | undefined, store: string | null): void {
  if (record === undefined || store === null) return;
  const page = `${store}/${REPORT_FILE}`;
  say(isFile(page) ? `  The run in pictures: ${page}` : `  The run in pictures: charybdis report ${store}`);
}

/** Where more is to be seen of an attempt that did not pass. */
function pointers(
  id: string,
  { directory, record, store }: {
    readonly directory: string;
    readonly record: RunRecord | undefined;
    readonly store: string | null;
  },
): void {
  sayPage(record, store);
  const { hints } = readNotebook(directory).get(id) ?? NOT_BEGUN;
  const all = assignmentOf(id).exercise.hints.length;
  const dir = directory === DIR_DEFAULT ? "" : ` --dir ${directory}`;
  if (hints < all) say(`  A hint, if you want one: charybdis learn hint ${id}${dir}`);
  else say(`  How we did it: charybdis learn solution ${id}`);
}

function afterwards({ exercise: { id }, lesson }: Assignment, { directory, bin }: Given): void {
  const next = nextOf(readNotebook(directory));
  const dir = directory === DIR_DEFAULT ? "" : ` --dir ${directory}`;
  if (next === undefined) say("  That was the last one.");
  else say(`  Next: charybdis learn start ${next.exercise.id}${dir}`);
  say(`  How we did it: charybdis learn solution ${id}`);
  if (bin !== undefined) return;
  const name = lesson.file.replace(/\.ts$/, "");
  say(
    `  An executable of it, for the wall clock or for Maelstrom, made in the folder of Charybdis's sources:\n` +
      `    cp ${directory}/${lesson.file} nodes/my_${name}.ts && make my-${name.replaceAll("_", "-")}`,
  );
}

function hint({ exercise }: Assignment, { directory }: Given): number {
  const { id, hints } = exercise;
  const shown = Math.min(hints.length, (readNotebook(directory).get(id)?.hints ?? 0) + 1);
  writeDown(directory, id, (entry) => ({ ...entry, hints: shown }));
  hints.slice(0, shown).forEach((text, i) => say(`${i + 1}. ${indented(text, 3).join("\n").trimStart()}`));
  const rest = hints.length - shown;
  say(
    rest === 0
      ? `That is all. How we did it: charybdis learn solution ${id}`
      : `${rest} more, one each time you ask.`,
  );
  return 0;
}

function solution({ exercise, lesson }: Assignment): number {
  const [node = "", ...more] = lesson.solution;
  const text = sourceOf(node);
  if (text !== undefined) say(`${text.trimEnd()}\n`);
  say(`Exercise ${exercise.id} is solved in ${node}: its head tells the idea, the guarantee and the cost.`);
  if (more.length > 0) say(`It rests on ${more.join(" and ")}.`);
  say("Paths are those of Charybdis's sources.");
  return 0;
}

/** The text of one of this project's files, which the executable brings along; undefined if it does not. */
function sourceOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(new URL(`../../../${path}`, import.meta.url));
  } catch {
    return undefined;
  }
}

function usage(): string {
  return [
    "Usage: charybdis learn                 shows how far you are, and the next step",
    "       charybdis learn start [ID]      tells the task, and writes a file to begin from",
    "       charybdis learn check [ID]      runs your attempt, and says what is wrong with it",
    "       charybdis learn hint [ID]       gives a hint, one more each time",
    "       charybdis learn solution [ID]   names our own file",
    "",
    "Leads through Fly.io's challenges one by one. Without an ID the first exercise is meant that you have not",
    "passed. What stands after -- goes to the node. Options:",
    describeSettings(settings),
    "",
    "Exit status of check: 0 passed, 1 not yet, 254 wrong arguments, 255 the bench failed, 129, 130 or 143 ended by",
    "SIGHUP, SIGINT or SIGTERM.",
  ].join("\n");
}
