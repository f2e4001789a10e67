/**
 * The details panel: an operation, a message, or the spread of a value.
 *
 * Tested by `tests/bench/report/browser_test.ts`.
 */

/// <reference lib="dom" />

import { DELIVERY_STATUSES, OUTCOMES, type ReportData } from "../data/report_data.ts";
import { callOf, carrierIn, followable, spreadOf } from "./follow.ts";
import type { Selection } from "./selection.ts";
import type { TimeWindow } from "./time_window.ts";
import { timeText } from "./visible.ts";
import { visible } from "./visible_text.ts";

/** Maximum number of listed steps of a spread. */
export const STEPS_SHOWN_MAX = 200;

/** The panel and its actions. */
export class Details {
  readonly #panel: HTMLElement;
  readonly #status: HTMLElement;
  readonly #data: ReportData;
  readonly #window: TimeWindow;
  readonly #selection: Selection;

  constructor({ panel, status, data, window, selection }: {
    readonly panel: HTMLElement;
    readonly status: HTMLElement;
    readonly data: ReportData;
    readonly window: TimeWindow;
    readonly selection: Selection;
  }) {
    this.#panel = panel;
    this.#status = status;
    this.#data = data;
    this.#window = window;
    this.#selection = selection;
    selection.onChange(() => this.#show());
  }

  /** Follows a value through all messages and lists when each node received it. */
  follow(wanted: string): void {
    const { messages } = this.#data;
    if (messages === null) return;
    if (wanted.trim() === "") {
      this.#selection.clear();
      this.#status.textContent = "";
      return;
    }
    const nodes = this.#data.nodes.length;
    const { carriers, steps } = spreadOf(
      messages,
      carrierIn(messages, { wanted, carried: this.#data.carried, nodes }),
    );
    this.#selection.follow(carriers);
    const reached = steps.filter(({ actor }) => actor < nodes);
    this.#status.textContent = carriers.length === 0
      ? `No message carries ${visible(wanted)}.`
      : `${carriers.length} messages carry ${visible(wanted)}; ${reached.length} of ${nodes} nodes have it.`;
    const first = steps[0]?.at;
    const last = reached.at(-1)?.at;
    if (first === undefined || last === undefined) return;
    const margin = Math.max(2000, (last - first) * 0.15);
    this.#window.show(first - margin, last + margin);
    const list = make("ol", { class: "spread" });
    for (const { actor, at, by } of steps.slice(0, STEPS_SHOWN_MAX)) {
      const from = by < 0
        ? "first to have it"
        : `from ${messages.actors[messages.src[by] ?? 0]}, by ${messages.types[messages.type[by] ?? 0]}`;
      const item = make("li", {});
      const text = visible(`${messages.actors[actor]} ${from}`);
      const button = make("button", { type: "button" }, `+${((at - first) / 1000).toFixed(1)} ms`);
      button.addEventListener("click", () => {
        if (by >= 0) this.#selection.chooseMessage(by);
        this.#lookAt(at);
      });
      item.append(button, ` ${text}`);
      list.append(item);
    }
    this.#panel.replaceChildren(make("h3", {}, `Spread of ${visible(wanted)}`), list);
  }

  /** Resets the panel. */
  clear(): void {
    this.#selection.clear();
    this.#status.textContent = "";
    this.#panel.replaceChildren(
      make("p", { class: "dim" }, "Click an operation or a message to see its details."),
    );
  }

  #show(): void {
    if (this.#selection.message >= 0) this.#message(this.#selection.message);
    else if (this.#selection.operation >= 0) this.#operation(this.#selection.operation);
  }

  #message(row: number): void {
    const m = this.#data.messages;
    if (m === null) return;
    const sent = m.sent[row] ?? 0;
    const resolved = m.resolved[row] ?? -1;
    const deliveryStatus = DELIVERY_STATUSES[m.deliveryStatus[row] ?? 4] ?? "?";
    const body = m.body[row] ?? "";
    const call = callOf(m, row);
    const facts = [
      ["sent", timeText(sent, 0)],
      [
        deliveryStatus,
        m.deliveryStatus[row] === DELIVERY_STATUSES.length - 1
          ? "at the end of the run"
          : `${timeText(resolved, 0)}, after ${((resolved - sent) / 1000).toFixed(2)} ms`,
      ],
    ];
    this.#panel.replaceChildren(
      make(
        "h3",
        {},
        visible(`${m.types[m.type[row] ?? 0]}: ${m.actors[m.src[row] ?? 0]} → ${m.actors[m.dest[row] ?? 0]}`),
      ),
      factList(facts),
      this.#buttons([
        ...(call.length > 1 ? [["Follow the call", () => this.#followCall(call)] as const] : []),
        ...followable(body).map((wanted) => [`Follow ${wanted}`, () => this.follow(wanted)] as const),
        ["Look closer", () => this.#lookAt(sent, Math.max(2000, resolved - sent) * 3)],
      ]),
      make("pre", { tabindex: "0" }, visible(pretty(body))),
    );
  }

  #followCall(rows: readonly number[]): void {
    this.#selection.follow(rows);
    const m = this.#data.messages;
    if (m === null) return;
    const times = rows.flatMap((row) => [m.sent[row] ?? 0, m.resolved[row] ?? 0]).filter((time) =>
      time !== -1
    );
    const from = Math.min(...times);
    const to = Math.max(...times);
    const margin = Math.max(1000, (to - from) * 0.3);
    this.#window.show(from - margin, to + margin);
    this.#status.textContent = `${rows.length} messages of one call.`;
  }

  #operation(row: number): void {
    const o = this.#data.operations;
    const begin = o.begin[row] ?? 0;
    const end = o.end[row] ?? -1;
    const outcome = OUTCOMES[o.outcome[row] ?? 3] ?? "?";
    const facts = [
      ["called", `${timeText(begin, 0)} (event ${o.invokeIndex[row]})`],
      [
        outcome,
        end < 0
          ? "no reply"
          : `${timeText(end, 0)}, after ${((end - begin) / 1000).toFixed(2)} ms (event ${
            o.completeIndex[row]
          })`,
      ],
      ["request", o.asked[row] || "nothing"],
      ...(o.got[row] ? [["reply", o.got[row] ?? ""]] : []),
      ...(o.error[row] ? [["error", o.error[row] ?? ""]] : []),
    ];
    const wanted = this.#data.messages === null
      ? []
      : [...new Set([...followable(o.asked[row] ?? ""), ...followable(o.got[row] ?? "")])].slice(0, 5);
    this.#panel.replaceChildren(
      make("h3", {}, visible(`process ${o.process[row]}: ${o.names[o.f[row] ?? 0]}`)),
      factList(facts),
      this.#buttons([
        ...wanted.map((text) => [`Follow ${text}`, () => this.follow(text)] as const),
        ["Look closer", () => this.#lookAt(begin, Math.max(2000, end - begin) * 3)],
      ]),
    );
  }

  #lookAt(time: number, span = this.#window.span / 2): void {
    this.#window.center(time, span);
  }

  #buttons(actions: ReadonlyArray<readonly [string, () => void]>): HTMLElement {
    const row = make("p", { class: "actions" });
    for (const [text, action] of actions) {
      const button = make(
        "button",
        { type: "button" },
        visible(text.length > 40 ? `${text.slice(0, 39)}…` : text),
      );
      button.addEventListener("click", action);
      row.append(button);
    }
    return row;
  }
}

/** Returns an element with text. */
export function make(tag: string, attributes: Readonly<Record<string, string>>, text = ""): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== "") made.textContent = text;
  return made;
}

/** Returns names and values as a list. */
export function factList(facts: readonly (readonly string[])[]): HTMLElement {
  const list = make("dl", {});
  for (const [name = "", text = ""] of facts) {
    list.append(make("dt", {}, name), make("dd", {}, visible(text)));
  }
  return list;
}

/** Returns JSON over several lines; an incomplete text unchanged. */
export function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 1).replace(
      /\[\s+([^[\]{}]*?)\s+\]/g,
      (_, inner: string) => {
        return `[${inner.replace(/\s*\n\s*/g, " ")}]`;
      },
    );
  } catch {
    return json;
  }
}
