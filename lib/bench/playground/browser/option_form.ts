/**
 * The form of a test's options, made from the command line's own declarations.
 *
 * Tested by `tests/bench/playground/page_test.ts`.
 */

/// <reference lib="dom" />

import { kebab, type Setting, type Settings } from "../../../runtime/setting.ts";
import { definitionOf, FAULT_KINDS } from "../../nemesis/faults.ts";
import { runSettings, testSettings } from "../../run/options.ts";
import { make } from "../../report/browser/details.ts";
import { byId } from "../../report/browser/start.ts";

/** The options that need files, that other parts of the page set, or that have the faults' own fields. */
const ELSEWHERE: ReadonlySet<string> = new Set(["workload", "nodesFile", "node", "nemesis"]);

/** The options of virtual tests. */
const PLAY_SETTINGS: Settings = { ...testSettings, noData: runSettings.noData };

/** The fields of all options. */
export class OptionForm {
  readonly #fields = new Map<string, HTMLInputElement | HTMLSelectElement>();
  readonly #faults = new Map<string, HTMLInputElement>();
  readonly #nodeArguments: HTMLInputElement;

  constructor(parent: HTMLElement, changed: () => void) {
    const faults = make("fieldset", { class: "faults" });
    faults.append(make("legend", {}, "Faults"));
    for (const kind of FAULT_KINDS) {
      const box = inputOf({ type: "checkbox" });
      this.#faults.set(kind, box);
      faults.append(labelled(box, kind, definitionOf(kind)?.description ?? ""));
    }
    const grid = make("div", { class: "option-grid" });
    for (const [key, setting] of Object.entries(PLAY_SETTINGS)) {
      if (ELSEWHERE.has(key)) continue;
      const field = fieldOf(setting);
      this.#fields.set(key, field);
      grid.append(labelled(field, kebab(key), setting.description));
    }
    this.#nodeArguments = inputOf({ type: "text", spellcheck: "false" });
    grid.append(labelled(this.#nodeArguments, "node arguments", "Arguments of the node, after --."));
    parent.append(faults, grid);
    parent.addEventListener("input", changed);
    parent.addEventListener("focusin", ({ target }) => {
      const label = target instanceof Element ? target.closest("label") : null;
      byId("option-help").textContent = label?.title ?? "";
    });
  }

  /** The options that differ from their defaults, as a command line gives them. */
  get args(): readonly string[] {
    const args: string[] = [];
    const kinds = [...this.#faults].filter(([, { checked }]) => checked).map(([kind]) => kind);
    for (const [key, field] of this.#fields) {
      const option = `--${kebab(key)}`;
      if (field instanceof HTMLInputElement && field.type === "checkbox") {
        if (field.checked) args.push(option);
      } else if (field.value.trim() !== "") args.push(option, field.value.trim());
    }
    if (kinds.length > 0) args.push("--nemesis", kinds.join(","));
    const rest = this.#nodeArguments.value.trim();
    return rest === "" ? args : [...args, "--", ...rest.split(/\s+/)];
  }

  /** Fills the fields from a command line that {@linkcode args} could return. */
  set args(args: readonly string[]) {
    const cut = args.indexOf("--");
    const own = cut < 0 ? args : args.slice(0, cut);
    this.#nodeArguments.value = cut < 0 ? "" : args.slice(cut + 1).join(" ");
    for (const field of this.#fields.values()) {
      if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = false;
      else field.value = "";
    }
    for (const box of this.#faults.values()) box.checked = false;
    for (const [i, option] of own.entries()) {
      const value = own[i + 1] ?? "";
      for (const [key, field] of this.#fields) {
        if (option !== `--${kebab(key)}`) continue;
        if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = true;
        else field.value = value;
      }
      if (option !== "--nemesis") continue;
      for (const kind of value.split(",")) {
        const box = this.#faults.get(kind);
        if (box !== undefined) box.checked = true;
      }
    }
  }
}

function fieldOf({ syntax, default: initial }: Setting<unknown>): HTMLInputElement | HTMLSelectElement {
  if (syntax === "") return inputOf({ type: "checkbox" });
  if (/^[\w.-]+(\|[\w.-]+)+$/.test(syntax)) {
    const select = document.createElement("select");
    select.append(make("option", { value: "" }, `${initial}`));
    for (const each of syntax.split("|")) {
      if (each !== initial) select.append(make("option", { value: each }, each));
    }
    return select;
  }
  const shown = Array.isArray(initial) ? initial.join(",") : initial;
  return inputOf({
    type: "text",
    spellcheck: "false",
    placeholder: shown === undefined || shown === "" ? syntax : String(shown),
  });
}

function inputOf(attributes: Readonly<Record<string, string>>): HTMLInputElement {
  const input = document.createElement("input");
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  return input;
}

function labelled(field: HTMLElement, name: string, description: string): HTMLElement {
  const label = make("label", { title: description });
  const isBox = field instanceof HTMLInputElement && field.type === "checkbox";
  label.append(...isBox ? [field, name] : [make("span", {}, name), field]);
  return label;
}
