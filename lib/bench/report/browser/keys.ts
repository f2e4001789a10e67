/** The keys of a report's page. Tested by `tests/bench/report/player_test.ts`. */

/// <reference lib="dom" />

import type { Player } from "./player.ts";

/** The keys of the player and their effects, as the page's help lists them. */
export const PLAYER_KEYS: readonly (readonly [key: string, effect: string])[] = [
  ["Space", "play or pause"],
  ["← →", "step, with the picture in focus"],
  [".", "next event"],
  [",", "previous event"],
  ["m", "next message"],
  ["M", "previous message"],
  ["j", "next event at the selected node"],
  ["k", "previous event at the selected node"],
  ["w", "causal past, future or nothing"],
  ["]", "faster"],
  ["[", "slower"],
];

/** The keys of a diagram in focus. */
export const DIAGRAM_KEYS: readonly (readonly [key: string, effect: string])[] = [
  ["←", "earlier"],
  ["→", "later"],
  ["+", "closer"],
  ["−", "wider"],
  ["0", "all"],
  ["n", "next item"],
  ["p", "previous item"],
  ["/", "filter"],
  ["Esc", "clear"],
];

/** True if a key press belongs to the element in focus. */
export function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox" ||
    target instanceof HTMLSelectElement;
}

/** Connects the keys of the player. They work anywhere on the page, except in a form field. */
export function bindPlayerKeys(player: Player): void {
  const actions: Readonly<Record<string, () => void>> = {
    " ": () => player.toggle(),
    ".": () => player.stepEvent(1),
    ",": () => player.stepEvent(-1),
    "m": () => player.stepMessage(1),
    "M": () => player.stepMessage(-1),
    "j": () => player.stepNode(1),
    "k": () => player.stepNode(-1),
    "]": () => player.changeSpeed(1),
    "[": () => player.changeSpeed(-1),
  };
  document.addEventListener("keydown", (event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    // The space bar presses a button in focus.
    const isPressed = target instanceof HTMLElement &&
      target.closest("button, summary, a, [type=checkbox]") !== null;
    if (key === " " && isPressed) return;
    const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
