/**
 * The story of a failed run: sentences in the order of reading, each a button that moves the cursor.
 *
 * Tested by `tests/bench/report/story_page_test.ts`.
 */

/// <reference lib="dom" />

import type { StoryMoment } from "../data/report_data.ts";
import { make } from "./details.ts";
import type { RunModel } from "./run_model.ts";
import { visible } from "./visible_text.ts";

/** Shows the story of a run in a panel. Without one, the panel is hidden. */
export function startStory(panel: HTMLElement, run: RunModel): void {
  const { story, opening } = run.data;
  panel.hidden = story.length === 0;
  const list = make("ol", { class: "story" });
  const buttons: { readonly button: HTMLElement; readonly at: number }[] = [];
  for (const moment of story) {
    const item = make("li", {});
    if (moment.at < 0) item.textContent = visible(moment.text);
    else {
      const button = make("button", { type: "button" }, visible(moment.text));
      button.addEventListener("click", () => goTo(run, moment));
      buttons.push({ button, at: run.timeOfLoss(moment) });
      item.append(button);
    }
    list.append(item);
  }
  const again = make("button", { type: "button" }, "Show all of it");
  again.addEventListener("click", () => run.openAt(opening));
  panel.replaceChildren(make("h3", {}, "The story"), list, again);
  const mark = () => {
    for (const { button, at } of buttons) {
      if (Math.abs(at - run.cursor.time) < 1) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
  };
  run.cursor.onMove(mark);
  mark();
}

/** Moves the cursor to a sentence's moment, and selects its messages and operations. */
export function goTo(run: RunModel, moment: StoryMoment): void {
  const { messages, operations } = moment;
  const [message] = messages;
  if (message !== undefined && messages.length === 1) run.selection.chooseMessage(message);
  else if (messages.length + operations.length > 0) run.selection.mark(moment);
  else run.selection.mark(run.data.opening);
  run.cursor.moveTo(run.timeOfLoss(moment));
}
