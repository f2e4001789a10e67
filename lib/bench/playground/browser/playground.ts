/** The playground: connects the editor, the options, the workers and the report. Tested by `tests/bench/playground/page_test.ts`. */

/// <reference lib="dom" />

import { resultText } from "../../../checkers/parse.ts";
import { parseTest } from "../../run/options.ts";
import { plural } from "../../format.ts";
import type { Assignment } from "../../learn/lessons/mod.ts";
import { killsNode } from "../../nemesis/interventions.ts";
import { type FailureCase, jobOf, seedCaseOf } from "../../replay/case.ts";
import { make } from "../../report/browser/details.ts";
import { byId, fieldById, type ReportHandle } from "../../report/browser/start.ts";
import type { ShrinkResult } from "../../sweep/shrink_run.ts";
import { jobOfTest, type VirtualJob } from "../../worker/job.ts";
import { argsOf, EXAMPLES, type Try } from "../examples.ts";
import { PAGE_IDS, type PageData } from "../page_data.ts";
import { completionsOf } from "./completions.ts";
import { diagnose } from "./diagnosis.ts";
import { Editor } from "./editor.ts";
import { Hands } from "./hands.ts";
import { OptionForm } from "./option_form.ts";
import { PlayError, type PlayResult, PlayWorker, StoppedError } from "./play_worker.ts";
import { type Moment, ReportFrame } from "./report_frame.ts";
import { addressOf, readAddress, type SharedRun } from "./share.ts";
import { showLesson, testsOf } from "./lesson.ts";
import { listOfSubjects } from "./subject_list.ts";
import { type Subject, subjectOf, valueOf } from "./subject.ts";
import { type SweepOutcome, SweepPanel } from "./sweep_panel.ts";
import { sweepPlan } from "./sweep_plan.ts";

/** The subject that the page shows first. */
const FIRST = "broadcast";

const WORDS: Readonly<Record<string, string>> = { true: "Valid", false: "Invalid", unknown: "Unknown" };

/** The page's state and actions. */
export class Playground {
  readonly #data: PageData;
  readonly #editor: Editor;
  readonly #form: OptionForm;
  readonly #worker: PlayWorker;
  readonly #frame: ReportFrame;
  readonly #hands: Hands;
  readonly #sweep: SweepPanel;
  #last: { readonly job: VirtualJob; readonly ran: PlayResult } | undefined;
  /** The shrunk case that is shown; undefined if the page's own options run. */
  #shrunk: FailureCase | undefined;
  /** The code of each subject that was shown, so that a change of the subject loses none. */
  readonly #drafts = new Map<string, string>();
  #subject: Subject;
  /** The moment at which the next report opens, instead of its own opening. */
  #moment: Moment | undefined;

  constructor(data: PageData) {
    this.#data = data;
    this.#subject = this.#subjectOf(FIRST);
    const script = byId(PAGE_IDS.worker).textContent ?? "";
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.#worker = new PlayWorker(address);
    this.#frame = new ReportFrame((handle) => this.#opened(handle));
    this.#hands = new Hands(this.#frame, () => this.#intervened());
    this.#sweep = new SweepPanel(() => new PlayWorker(address));
    this.#editor = new Editor(byId("editor"), {
      completions: completionsOf(data.nodeMembers, () => this.#subject.workload),
      changed: () => this.#changed(),
    });
    this.#form = new OptionForm(byId("options"), () => this.#changed());
  }

  /** Connects the page's elements. Nothing runs before the person presses Run. */
  async start(): Promise<void> {
    const actions: readonly (readonly [string, () => void])[] = [
      ["run", () => this.#run()],
      ["stop", () => {
        this.#worker.stop();
        this.#sweep.stop();
      }],
      ["next-seed", () => {
        fieldById("seed").value = String(Number(fieldById("seed").value) + 1);
        this.#run();
      }],
      ["sweep", () => this.#runSweep()],
      ["share", () => this.#share()],
      ["save-case", () => this.#saveCase()],
      ["save-history", () => this.#saveHistory()],
      ["save-code", () => save("node.ts", this.#editor.text)],
      ["reset", () => this.#editor.text = this.#subject.source],
    ];
    for (const [id, action] of actions) byId(id).addEventListener("click", action);
    byId("subject").replaceChildren(...listOfSubjects());
    byId("subject").addEventListener("input", () => this.#showSubject(fieldById("subject").value));
    fieldById("seed").addEventListener("input", () => this.#changed());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#run();
    });
    addEventListener("hashchange", () => this.#openAddress());
    byId("code-part").toggleAttribute("open", matchMedia("(min-width: 700px)").matches);
    this.#showSubject(FIRST);
    await this.#openAddress();
    this.#worker.warmUp();
    document.documentElement.dataset["ready"] = String(Math.round(performance.now()));
  }

  #subjectOf(value: string): Subject {
    const subject = subjectOf(value, this.#data.sources);
    if (subject === undefined) throw new Error(`unknown node or exercise ${value}`);
    return subject;
  }

  /** Shows a subject: its code, its options, and what to try with it or its exercise. */
  #showSubject(value: string): void {
    this.#subject = this.#subjectOf(value);
    const { args, source, draft, assignment } = this.#subject;
    fieldById("subject").value = value;
    this.#hands.all = [];
    this.#form.args = args;
    this.#editor.text = this.#drafts.get(draft) ?? source;
    if (assignment === undefined) this.#showTries();
    else {
      showLesson(byId("tries"), assignment, {
        check: () => this.#check(assignment),
        use: (args) => {
          this.#form.args = args;
          this.#changed();
        },
      });
    }
    this.#changed();
  }

  #showTries(): void {
    const list = make("ol", {});
    for (const each of EXAMPLES[this.#subject.workload].tries) {
      const button = make("button", { type: "button" }, each.text);
      button.addEventListener("click", () => this.#tryOut(each));
      const item = make("li", {});
      item.append(button);
      list.append(item);
    }
    byId("tries").replaceChildren(make("h2", {}, "Three things to try"), list);
  }

  /** Checks an exercise: each of its tests as it is, then further seeds of each. */
  async #check(assignment: Assignment): Promise<void> {
    this.#sweep.hide();
    this.#shrunk = undefined;
    this.#keepInAddress();
    let outcome: SweepOutcome | undefined;
    await this.#working("Checking…", async () => {
      const tests = testsOf(assignment, this.#editor.text);
      for (const [i, { job }] of tests.entries()) {
        await this.#show(job, `test ${i + 1}, seed 1`);
        if (this.#last?.ran.result.valid !== true) return;
      }
      outcome = await this.#sweep.run(tests.map(({ plan }) => plan));
      if (outcome.isValid) {
        byId("status").textContent = `Passed: ${assignment.exercise.id} ${assignment.challenge.title}.`;
      }
    });
    if (outcome?.shrunk !== undefined) this.#showShrunk(outcome.shrunk);
  }

  #tryOut(each: Try): void {
    const { source, workload } = this.#subject;
    fieldById("seed").value = "1";
    this.#form.args = argsOf(EXAMPLES[workload], each);
    this.#editor.text = each.edit === undefined ? source : source.replace(...each.edit);
    if (each.edit !== undefined) {
      const at = source.indexOf(each.edit[0]);
      this.#editor.select(at, at + each.edit[1].length);
    }
    this.#hands.all = each.interventions ?? [];
    // The report of a failure opens at its cause, that of a valid run at the first intervention.
    const [first] = each.interventions ?? [];
    this.#moment = first === undefined || !each.valid ? undefined : { timeUs: first.atMs * 1000 };
    this.#changed();
    this.#run();
  }

  /** Fills the page from the address. Runs nothing. */
  async #openAddress(): Promise<void> {
    const read = await readAddress(location.hash);
    if (read.kind === "none") return;
    if (read.kind === "refused") return this.#showProblem(new Error(read.problem));
    const { run } = read;
    const value = run.lesson === undefined ? run.workload : valueOf(run.lesson);
    if (subjectOf(value, this.#data.sources)?.workload !== run.workload) {
      return this.#showProblem(new Error("The address names an exercise that this page does not have."));
    }
    this.#showSubject(value);
    fieldById("seed").value = String(run.seed);
    this.#form.args = run.args;
    if (run.code !== undefined) this.#editor.text = run.code;
    this.#hands.all = run.interventions;
    this.#changed();
    if (this.#form.args.join("\n") !== run.args.join("\n")) {
      this.#showSubject(value);
      return this.#showProblem(new Error("The address has options that this page does not have."));
    }
    this.#showProblem(undefined);
    const version = run.charybdis === this.#data.version
      ? ""
      : ` It was made with version ${run.charybdis}, this is ${this.#data.version}: its history may differ.`;
    byId("status").textContent = `A shared run is here. Read it, then press Run.${version}`;
  }

  /** The code, if it differs from the built-in node's. */
  get #ownCode(): string | undefined {
    const { text } = this.#editor;
    return text === this.#data.sources[this.#subject.workload] ? undefined : text;
  }

  /** The command line of the run, without the program, its command and the seed. */
  get #args(): readonly string[] {
    return ["-w", this.#subject.workload, ...this.#form.args];
  }

  get #seedText(): string {
    return fieldById("seed").value.trim();
  }

  #changed(): void {
    this.#drafts.set(this.#subject.draft, this.#editor.text);
    const module = this.#ownCode === undefined ? [] : ["--module", "node.ts"];
    const command = ["charybdis", "test", "--virtual", "--seed", this.#seedText, ...module, ...this.#args]
      .join(" ");
    const byHand = this.#hands.all.length === 0
      ? ""
      : "\n# With the interventions: charybdis replay case.json";
    byId("command").textContent = command + byHand;
    byId("code-state").textContent = this.#ownCode === undefined
      ? `built-in ${this.#subject.workload} node`
      : `your own ${this.#subject.workload} node`;
  }

  /** Returns the job that the page describes. Throws `ArgumentError`. */
  #job(): VirtualJob {
    const parsed = parseTest(["--virtual", "--seed", this.#seedText, ...this.#args]);
    const job = jobOfTest(parsed, {
      seed: parsed.run.seed ?? 0,
      keepMessages: true,
      keepHistory: "always",
      interventions: this.#hands.all,
    });
    const code = this.#ownCode;
    return code === undefined ? job : { ...job, code };
  }

  async #run(): Promise<void> {
    this.#sweep.hide();
    this.#shrunk = undefined;
    this.#keepInAddress();
    await this.#working("Running…", async () => {
      const job = this.#job();
      await this.#show(job, `seed ${job.seed}`);
    });
  }

  async #runSweep(): Promise<void> {
    let outcome: SweepOutcome | undefined;
    await this.#working("Sweeping…", async () => {
      this.#frame.hide();
      outcome = await this.#sweep.run([sweepPlan(this.#args, this.#ownCode)]);
      byId("status").textContent = "";
    });
    if (outcome?.shrunk !== undefined) this.#showShrunk(outcome.shrunk);
  }

  /** Does work that Stop can end, and shows its problem. */
  async #working(text: string, work: () => Promise<void>): Promise<void> {
    if (!byId("stop").hidden) {
      this.#worker.stop();
      this.#sweep.stop();
    }
    this.#showProblem(undefined);
    this.#editor.clearProblems();
    byId("status").textContent = text;
    this.#setBusy(true);
    try {
      await work();
    } catch (error) {
      if (error instanceof StoppedError) byId("status").textContent = "Stopped.";
      else this.#showProblem(error);
    }
    this.#setBusy(false);
  }

  #setBusy(isBusy: boolean): void {
    const [shown, hidden] = isBusy ? [byId("stop"), byId("run")] : [byId("run"), byId("stop")];
    const hasFocus = document.activeElement === hidden;
    shown.hidden = false;
    hidden.hidden = true;
    if (hasFocus) shown.focus({ preventScroll: true }); // the focus of a hidden button would be lost
    const isEmpty = this.#last?.ran.history === undefined;
    for (const id of ["save-case", "save-history"]) byId(id).toggleAttribute("disabled", isBusy || isEmpty);
  }

  /** Runs a job and shows its report. */
  async #show(job: VirtualJob, reportName: string): Promise<void> {
    const began = performance.now();
    this.#last = undefined;
    const ran = await this.#worker.run(job, { reportName });
    const tookS = (performance.now() - began) / 1000;
    this.#last = { job, ran };
    const virtual = ran.virtualMs === undefined
      ? ""
      : `, ${(ran.virtualMs / 1000).toFixed(1)} s of virtual time`;
    byId("status").textContent = `${WORDS[String(ran.result.valid)]}: ${
      plural(ran.operations, "operation")
    }${virtual}, in ${tookS.toFixed(2)} s.`;
    if (ran.report === undefined) this.#frame.hide();
    else this.#frame.show(ran.report.html);
    // After the frame has its place, because the page is too short to be scrolled without it.
    const isNarrow = !matchMedia("(min-width: 1000px)").matches;
    if (isNarrow) byId("status").scrollIntoView();
    const diagnosis = ran.result.valid === true ? undefined : diagnose(ran);
    if (diagnosis === undefined) return;
    const status = byId("status").textContent;
    this.#showProblem(new PlayError(diagnosis.text, job.code === undefined ? undefined : diagnosis.place));
    byId("status").textContent = status;
  }

  #showShrunk({ recorded }: ShrinkResult): void {
    this.#shrunk = recorded;
    this.#hands.all = [];
    this.#runShrunk(recorded);
  }

  async #runShrunk(shrunk: FailureCase): Promise<void> {
    await this.#working("Running…", async () => {
      const interventions = this.#hands.all;
      const job = { ...jobOf(shrunk), keepMessages: true, interventions };
      const storage = job.storage || killsNode(interventions);
      await this.#show({ ...job, storage }, `a case of seed ${shrunk.seed}`);
    });
  }

  /** Runs again after an intervention, and continues at the same moment. */
  #intervened(): void {
    this.#moment = this.#frame.moment;
    this.#changed();
    if (this.#shrunk === undefined) this.#run();
    else this.#runShrunk(this.#shrunk);
  }

  #opened(handle: ReportHandle): void {
    const moment = this.#moment;
    this.#moment = undefined;
    this.#hands.opened({ handle, messageIds: this.#last?.ran.report?.messageIds ?? [] });
    if (moment !== undefined) this.#frame.moveTo(moment);
  }

  #showProblem(error: unknown): void {
    const box = byId("problem");
    box.hidden = error === undefined;
    if (error === undefined) return;
    byId("status").textContent = "";
    const message = error instanceof Error ? error.message : String(error);
    const isOfCode = error instanceof PlayError && this.#ownCode !== undefined;
    const place = isOfCode
      ? error.place ?? (this.#last === undefined ? this.#editor.syntaxPlace : undefined)
      : undefined;
    box.textContent = place === undefined ? message : `Line ${place.line}: ${message}`;
    if (place !== undefined) this.#editor.showProblem(place, message);
  }

  /** Puts the run into the address, so that the page shows it again when it is loaded again. */
  async #keepInAddress(): Promise<void> {
    const code = this.#ownCode;
    const run: SharedRun = {
      workload: this.#subject.workload,
      ...(this.#subject.assignment === undefined ? {} : { lesson: this.#subject.assignment.exercise.id }),
      seed: Number(this.#seedText) || 0,
      args: this.#form.args,
      ...(code === undefined ? {} : { code }),
      interventions: this.#hands.all,
      charybdis: this.#data.version,
    };
    history.replaceState(null, "", await addressOf(run));
  }

  async #share(): Promise<void> {
    await this.#keepInAddress();
    try {
      await navigator.clipboard.writeText(location.href);
      byId("status").textContent = `The address is copied: ${plural(location.href.length, "character")}.`;
    } catch {
      byId("status").textContent =
        "The address of this page now holds the run. Copy it from the address bar.";
    }
  }

  #saveCase(): void {
    if (this.#last !== undefined) {
      save("case.json", `${resultText(seedCaseOf(this.#last.job, this.#last.ran), 1)}\n`);
    }
  }

  #saveHistory(): void {
    save("history.jsonl", (this.#last?.ran.history ?? []).map((line) => `${line}\n`).join(""));
  }
}

/** The time after which a download has started, in ms. */
const DOWNLOAD_MS = 10_000;

/** Downloads a text. */
function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_MS);
}
