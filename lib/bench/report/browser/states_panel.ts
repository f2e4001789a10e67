/**
 * The table of the nodes' states at the cursor.
 *
 * Tested by `tests/bench/report/states_page_test.ts`.
 */

/// <reference lib="dom" />

import type { StateColumns, StateTrack } from "../data/report_data.ts";
import type { Cursor } from "./cursor.ts";
import { make } from "./details.ts";
import { partNames, stateText, tracksByNode, valueAt } from "./states.ts";
import { visible } from "./visible_text.ts";

/** Maximum length of a value in the table. */
export const CELL_TEXT_MAX = 60;

/** One value of the table. */
export interface StateCell {
  readonly element: HTMLElement;
  readonly track: StateTrack | undefined;
}

/** Shows each node's state at the cursor. A value that has just changed is marked. */
export class StatesPanel {
  readonly #cells: StateCell[] = [];
  readonly #states: StateColumns;
  readonly #cursor: Cursor;
  /** Duration in which a change counts as new, in µs. */
  readonly #newUs: () => number;
  #isAsked = false;

  constructor(
    panel: HTMLElement,
    { states, nodes, cursor, newUs, choose }: {
      readonly states: StateColumns;
      readonly nodes: readonly string[];
      readonly cursor: Cursor;
      readonly newUs: () => number;
      readonly choose: (node: number) => void;
    },
  ) {
    this.#states = states;
    this.#cursor = cursor;
    this.#newUs = newUs;
    const names = partNames(states);
    const table = make("table", { class: "states" });
    const head = make("tr", {});
    head.append(
      make("th", { scope: "col" }, "node"),
      ...names.map((name) => make("th", { scope: "col" }, visible(name))),
    );
    const body = make("tbody", {});
    const tracks = tracksByNode(states, nodes.length);
    for (const [i, node] of nodes.entries()) {
      const row = make("tr", {});
      const name = make("th", { scope: "row" });
      const button = make("button", { type: "button" }, visible(node));
      button.addEventListener("click", () => choose(i));
      name.append(button);
      row.append(name);
      for (const each of names) {
        const element = make("td", {});
        this.#cells.push({ element, track: tracks[i]?.find(({ name }) => name === each) });
        row.append(element);
      }
      body.append(row);
    }
    const header = make("thead", {});
    header.append(head);
    table.append(header, body);
    panel.replaceChildren(table);
    cursor.onMove(() => this.redraw());
    this.redraw();
  }

  /** Updates the table in the next frame. */
  redraw(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#update();
    });
  }

  #update(): void {
    const { time } = this.#cursor;
    const newUs = this.#newUs();
    for (const { element, track } of this.#cells) {
      const state = track === undefined ? undefined : valueAt(this.#states, track, time);
      const value = state?.value;
      const text = value === undefined ? "–" : visible(stateText(value, CELL_TEXT_MAX));
      if (element.textContent !== text) {
        element.textContent = text;
        element.title = value === undefined ? "" : visible(value);
      }
      const isNew = state !== undefined && time - state.since <= newUs;
      if (element.classList.contains("new") !== isNew) element.classList.toggle("new", isNew);
    }
  }
}
