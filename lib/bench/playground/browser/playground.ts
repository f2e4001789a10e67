/** The playground: connects the editor, the options, the worker and the report. Tested by `tests/bench/playground/page_test.ts`. */

/// <reference lib="dom" />

import { isWorkload, type WorkloadName } from "../../../checkers/workloads.ts";
import { parseTest } from "../../run/options.ts";
import { plural } from "../../format.ts";
import { byId, fieldById, type ReportHandle } from "../../report/browser/start.ts";
import { jobOfTest, type VirtualJob } from "../../worker/job.ts";
import { PAGE_IDS, type PageData } from "../page_data.ts";
import { completionsOf } from "./completions.ts";
import { Editor } from "./editor.ts";
import { OptionForm } from "./option_form.ts";
import { PlayError, type PlayResult, PlayWorker, StoppedError } from "./play_worker.ts";
import { ReportFrame } from "./report_frame.ts";

/** The page's state and actions. */
export class Playground {
  readonly #data: PageData;
  readonly #editor: Editor;
  readonly #form: OptionForm;
  readonly #worker: PlayWorker;
  readonly #frame: ReportFrame;
  #last: { readonly job: VirtualJob; readonly ran: PlayResult } | undefined;

  constructor(data: PageData) {
    this.#data = data;
    const script = byId(PAGE_IDS.worker).textContent ?? "";
    this.#worker = new PlayWorker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    this.#frame = new ReportFrame((handle) => this.#opened(handle));
    this.#editor = new Editor(byId("editor"), {
      completions: completionsOf(data.nodeMembers, () => this.workload),
      changed: () => this.#changed(),
    });
    this.#form = new OptionForm(byId("options"), () => this.#changed());
  }

  /** The selected workload. */
  get workload(): WorkloadName {
    const { value } = fieldById("workload");
    return isWorkload(value) ? value : "echo";
  }

  /** Connects the page's elements. Runs nothing. */
  start(): void {
    const actions: readonly (readonly [string, () => void])[] = [
      ["run", () => this.#run()],
      ["stop", () => this.#worker.stop()],
      ["next-seed", () => {
        fieldById("seed").value = String(Number(fieldById("seed").value) + 1);
        this.#run();
      }],
      ["save-history", () => this.#saveHistory()],
    ];
    for (const [id, action] of actions) byId(id).addEventListener("click", action);
    fieldById("workload").addEventListener("input", () => this.#showExample());
    fieldById("seed").addEventListener("input", () => this.#changed());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#run();
    });
    fieldById("workload").value = "broadcast";
    this.#showExample();
    document.documentElement.dataset["ready"] = String(Math.round(performance.now()));
  }

  #showExample(): void {
    this.#editor.text = this.#data.sources[this.workload];
    this.#changed();
  }

  /** The code, if it differs from the built-in node's. */
  get #ownCode(): string | undefined {
    const { text } = this.#editor;
    return text === this.#data.sources[this.workload] ? undefined : text;
  }

  /** The command line of the run, without the program and its command. */
  get #args(): readonly string[] {
    return ["-w", this.workload, "--seed", fieldById("seed").value.trim(), ...this.#form.args];
  }

  #changed(): void {
    const module = this.#ownCode === undefined ? [] : ["--module", "node.ts"];
    byId("command").textContent = ["charybdis test --virtual", ...module, ...this.#args].join(" ");
    byId("code-state").textContent = this.#ownCode === undefined
      ? `built-in ${this.workload} node`
      : `your own ${this.workload} node`;
  }

  /** Returns the job that the page describes. Throws `ArgumentError`. */
  #job(): VirtualJob {
    const parsed = parseTest(["--virtual", ...this.#args]);
    const code = this.#ownCode;
    const job = jobOfTest(parsed, { seed: parsed.run.seed ?? 0, keepMessages: true, keepHistory: "always" });
    return code === undefined ? job : { ...job, code };
  }

  async #run(): Promise<void> {
    this.#worker.stop();
    this.#showProblem(undefined);
    this.#editor.clearProblems();
    let job: VirtualJob;
    try {
      job = this.#job();
    } catch (error) {
      return this.#showProblem(error);
    }
    this.#working(true, "Running…");
    const began = performance.now();
    try {
      const ran = await this.#worker.run(job, { reportName: `seed ${job.seed}` });
      this.#last = { job, ran };
      this.#show(ran, performance.now() - began);
    } catch (error) {
      if (error instanceof StoppedError) byId("status").textContent = "Stopped.";
      else this.#showProblem(error);
    }
    this.#working(false);
  }

  #working(is: boolean, text?: string): void {
    byId("run").hidden = is;
    byId("stop").hidden = !is;
    if (text !== undefined) byId("status").textContent = text;
    const isEmpty = this.#last?.ran.history === undefined;
    for (const id of ["save-history"]) byId(id).toggleAttribute("disabled", is || isEmpty);
  }

  #show(ran: PlayResult, tookMs: number): void {
    const word = { true: "Valid", false: "Invalid", unknown: "Unknown" }[String(ran.result.valid)];
    const seconds = ((ran.virtualMs ?? 0) / 1000).toFixed(1);
    byId("status").textContent = `${word}: ${
      plural(ran.operations, "operation")
    }, ${seconds} s of virtual time in ${(tookMs / 1000).toFixed(2)} s.`;
    if (ran.report === undefined) this.#frame.hide();
    else this.#frame.show(ran.report.html);
  }

  #opened(_handle: ReportHandle): void {
    byId("report").dataset["seed"] = String(this.#last?.job.seed);
  }

  #showProblem(error: unknown): void {
    const box = byId("problem");
    box.hidden = error === undefined;
    if (error === undefined) return;
    byId("status").textContent = "";
    const message = error instanceof Error ? error.message : String(error);
    const place = error instanceof PlayError ? error.place ?? this.#editor.syntaxPlace : undefined;
    const at = place === undefined ? "" : `Line ${place.line}: `;
    box.textContent = `${at}${message}`;
    if (place !== undefined) this.#editor.showProblem(place, message);
  }

  #saveHistory(): void {
    const lines = this.#last?.ran.history ?? [];
    save("history.jsonl", lines.map((line) => `${line}\n`).join(""));
  }
}

/** Downloads a text. */
function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
