import { assertEquals } from "@std/assert";
import { folderTest } from "../folder.ts";
import { writeProgram } from "../program.ts";
import { assertTook, sliceOf, soaking } from "../seeds.ts";
import { runBench, say } from "./bench_run.ts";
import { HOSTILE_PROGRAMS } from "./programs.ts";

const TIME_LIMIT_S = soaking ? 2 : 1;
/** The maximum time of a run beyond its time limit, in seconds. */
const LATE_S_MAX = 30;
/** The memory that the bench may use, in MB. */
const MEMORY_MB_MAX = 1000;
/** The statuses of a run that ended properly. */
const VERDICTS: readonly number[] = [0, 1, 2, 255];

/** Control characters of a terminal, and the lines of a stack trace. */
// deno-lint-ignore no-control-regex -- this is what must not be there
const OBEYED = /[\x00-\x08\x0b-\x1f]|\n {4}at /;

const PROGRAMS = HOSTILE_PROGRAMS.filter(({ fast }) => soaking || fast === true);
const programs = sliceOf(PROGRAMS, 4);

folderTest(
  `${programs.length} hostile programs get a verdict in time, with bounded memory and no orphans`,
  async (folder) => {
    const figures = { lateS: 0, memoryMb: 0, orphans: 0, programs: 0 };
    const wrong: string[] = [];
    for (const { name, text } of programs) {
      const bin = `${folder}/node`;
      writeProgram(bin, text);
      const store = `${folder}/store`;
      const args = [
        "test",
        "-w",
        "echo",
        "--bin",
        bin,
        "--node-count",
        "1",
        "--time-limit",
        String(TIME_LIMIT_S),
      ];
      const run = await runBench([...args, "--rate", "20", "--store", store]);
      const lateS = run.seconds - TIME_LIMIT_S;
      figures.programs++;
      figures.lateS = Math.max(figures.lateS, lateS);
      figures.memoryMb = Math.max(figures.memoryMb, run.memoryMb);
      figures.orphans += run.orphans;
      const said = `${name}: status ${run.code}, ${
        run.seconds.toFixed(1)
      } s, ${run.memoryMb} MB, ${run.orphans} orphans`;
      if (soaking) say(said);
      assertTook(lateS, { lessThan: LATE_S_MAX, what: `${name}, beyond its time limit,` });
      const good = VERDICTS.includes(run.code) && run.memoryMb < MEMORY_MB_MAX && run.orphans === 0 &&
        !OBEYED.test(run.stdout + run.stderr);
      if (!good) wrong.push(`${said}\n${run.stderr.slice(-1000)}`);
      Deno.removeSync(store, { recursive: true });
    }
    say(
      `attack: ${figures.programs} programs, ${figures.lateS.toFixed(1)} s over the limit at most, ` +
        `${figures.memoryMb} MB at most, ${figures.orphans} orphans`,
    );
    assertEquals(wrong, []);
  },
  { permissions: ["run"], ignore: Deno.build.os !== "linux" },
);

/** The maximum time that the bench runs after a signal, in seconds. */
const SIGNAL_S_MAX = 1.5;
const SIGNALED = PROGRAMS.filter(({ text }) => text.includes("yes ") || text.includes("while True"))
  .slice(0, soaking ? 100 : 1);

folderTest(
  `Ctrl-C ends each of ${SIGNALED.length} kinds of flood at once, and leaves no process`,
  async (folder) => {
    const afterMs = 2000;
    let longest = 0;
    for (const { name, text } of SIGNALED) {
      const bin = `${folder}/node`;
      writeProgram(bin, text);
      const args = ["test", "-w", "echo", "--bin", bin, "--node-count", "1", "--time-limit", "60"];
      const run = await runBench([...args, "--store", `${folder}/store`], {
        signal: { name: "SIGINT", afterMs },
      });
      const seconds = run.seconds - afterMs / 1000;
      longest = Math.max(longest, seconds);
      if (soaking) say(`${name}: status ${run.code}, ${seconds.toFixed(2)} s after the signal`);
      assertTook(seconds, { lessThan: SIGNAL_S_MAX, what: `the end of ${name} after the signal` });
      assertEquals(run.orphans, 0, name);
    }
    say(`attack: ${SIGNALED.length} signals, ${longest.toFixed(2)} s to the end at most`);
  },
  { permissions: ["run"], ignore: Deno.build.os !== "linux" },
);
