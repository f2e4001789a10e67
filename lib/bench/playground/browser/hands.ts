/**
 * Interventions by hand: a click on a node, a message or a link in the picture offers what can be done to it at the cursor's
 * time. A form offers the same without a pointer.
 *
 * Tested by `tests/bench/playground/hands_test.ts`.
 */

/// <reference lib="dom" />

import type { Intervention } from "../../nemesis/interventions.ts";
import { make } from "../../report/browser/details.ts";
import { byId, type ReportHandle } from "../../report/browser/start.ts";
import { actionsFor, describeIntervention, inOrder, type PictureTarget } from "./hand_actions.ts";
import type { ReportFrame } from "./report_frame.ts";

/** The distance from a link within which a click hits it, in px. */
const LINK_REACH = 8;

/** An open report, with the data that interventions need. */
export interface OpenRun {
  readonly handle: ReportHandle;
  readonly messageIds: readonly number[];
}

/** The panel and the menu of interventions. */
export class Hands {
  readonly #frame: ReportFrame;
  /** Runs the test again with the current interventions, and continues at the cursor. */
  readonly #changed: () => void;
  readonly #menu = byId("hand-menu");
  readonly #target = document.createElement("select");
  readonly #action = document.createElement("select");
  readonly #clock = make("b", {});
  readonly #list = make("ol", {});
  #open: OpenRun | undefined;
  /** True if the menu paused the run. */
  #isPaused = false;
  #all: readonly Intervention[] = [];

  constructor(frame: ReportFrame, changed: () => void) {
    this.#frame = frame;
    this.#changed = changed;
    this.#target.setAttribute("aria-label", "Node or link");
    this.#action.setAttribute("aria-label", "Intervention");
    const act = make("button", { type: "button", id: "hand-act" }, "Do it");
    act.addEventListener("click", () => this.#actFromForm());
    this.#target.addEventListener("input", () => this.#showActions());
    const row = make("div", { class: "bar-row" });
    const at = make("span", {});
    at.append("At ", this.#clock, ":");
    row.append(at, this.#target, this.#action, act);
    const hint = make("span", { class: "dim" }, "or click a node, a message or a link in the picture");
    row.append(hint);
    byId("hands").append(row, this.#list);
    document.addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Node && !this.#menu.contains(target)) this.#close();
    });
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close());
  }

  /** The interventions, in the order of their times. */
  get all(): readonly Intervention[] {
    return this.#all;
  }

  set all(all: readonly Intervention[]) {
    this.#all = inOrder(all);
    this.#showList();
  }

  /** Connects a report that was opened. */
  opened(open: OpenRun): void {
    this.#open = open;
    const { run, player } = open.handle;
    byId("hands").hidden = player === undefined;
    if (player === undefined) return;
    const nodes = run.data.nodes;
    const chosen = this.#target.value;
    this.#target.replaceChildren(
      ...nodes.map((node) => new Option(node, JSON.stringify({ kind: "node", node }))),
      ...pairs(nodes).map((pair) =>
        new Option(pair.join(" – "), JSON.stringify({ kind: "link", nodes: pair }))
      ),
    );
    if (Array.from(this.#target.options).some(({ value }) => value === chosen)) this.#target.value = chosen;
    run.cursor.onMove(() => this.#showClock());
    this.#showClock();
    this.#showActions();
    const page = this.#frame.document;
    const canvas = page?.getElementById("cluster");
    canvas?.addEventListener("click", (event) => {
      this.#offer(event.offsetX, event.offsetY, [event.clientX, event.clientY]);
    });
    page?.addEventListener("pointerdown", ({ target }) => {
      if (target !== canvas) this.#close();
    });
  }

  get #atMs(): number {
    return Math.max(0, this.#open?.handle.run.cursor.time ?? 0) / 1000;
  }

  #showClock(): void {
    this.#clock.textContent = `${(this.#atMs / 1000).toFixed(3)} s`;
  }

  #options(): Parameters<typeof actionsFor>[1] {
    return { atMs: this.#atMs, done: this.#all, nodes: this.#open?.handle.run.data.nodes ?? [] };
  }

  #showActions(): void {
    if (this.#target.value === "") return;
    const target: PictureTarget = JSON.parse(this.#target.value);
    this.#action.replaceChildren(
      ...actionsFor(target, this.#options()).map(({ id, name }) => new Option(name, id)),
    );
  }

  #actFromForm(): void {
    if (this.#target.value === "") return;
    const target: PictureTarget = JSON.parse(this.#target.value);
    const chosen = this.#action.value;
    const action = actionsFor(target, this.#options()).find(({ id }) => id === chosen);
    if (action === undefined) return this.#showActions(); // the time has changed what is possible
    this.#add(action.intervention);
  }

  #add(intervention: Intervention): void {
    this.#close();
    this.all = [...this.#all, intervention];
    this.#changed();
  }

  /** Closes the menu. The run continues if the menu paused it. */
  #close(): void {
    this.#menu.hidden = true;
    const player = this.#open?.handle.player;
    if (this.#isPaused && player?.isPlaying === false) player.toggle();
    this.#isPaused = false;
  }

  /** Opens the menu for the part of the picture at a place in the canvas. `at` is the place in the frame. */
  #offer(x: number, y: number, at: readonly [number, number]): void {
    const target = this.#targetAt(x, y);
    if (target === undefined) return this.#close();
    const player = this.#open?.handle.player;
    if (player?.isPlaying === true) {
      this.#isPaused = true;
      player.pause();
    }
    this.#menu.hidden = false;
    const actions = actionsFor(target, this.#options());
    this.#menu.replaceChildren(
      make("strong", {}, titleOf(target)),
      ...actions.map(({ id, name, intervention }) => {
        const item = make("button", { type: "button", "data-action": id }, name);
        item.addEventListener("click", () => this.#add(intervention));
        return item;
      }),
    );
    const box = this.#frame.box;
    const [width, height] = [this.#menu.offsetWidth, this.#menu.offsetHeight];
    this.#menu.style.left = `${Math.max(4, Math.min(box.left + at[0] + 8, innerWidth - width - 8))}px`;
    this.#menu.style.top = `${Math.max(4, Math.min(box.top + at[1] + 8, innerHeight - height - 8))}px`;
    this.#menu.querySelector("button")?.focus();
  }

  #targetAt(x: number, y: number): PictureTarget | undefined {
    const { handle, messageIds = [] } = this.#open ?? {};
    const picture = handle?.player?.picture;
    if (handle === undefined || picture === undefined) return undefined;
    const { nodes } = handle.run.data;
    const { message, actor } = picture.hit(x, y);
    const node = nodes[actor];
    if (node !== undefined) return { kind: "node", node };
    const id = messageIds[message];
    if (id !== undefined) return { kind: "message", id };
    const link = linkAt(picture.layout, { x, y, count: nodes.length });
    const [a, b] = link.map((each) => nodes[each]);
    return a === undefined || b === undefined ? undefined : { kind: "link", nodes: [a, b] };
  }

  #showList(): void {
    this.#list.replaceChildren(...this.#all.map((each) => {
      const item = make("li", {}, `${(each.atMs / 1000).toFixed(3)} s: ${describeIntervention(each)} `);
      const remove = make(
        "button",
        { type: "button", "aria-label": `Remove: ${describeIntervention(each)}` },
        "×",
      );
      remove.addEventListener("click", () => {
        this.all = this.#all.filter((other) => other !== each);
        this.#changed();
      });
      item.append(remove);
      return item;
    }));
  }
}

function titleOf(target: PictureTarget): string {
  if (target.kind === "node") return target.node;
  return target.kind === "link" ? target.nodes.join(" – ") : `message ${target.id}`;
}

function pairs(nodes: readonly string[]): (readonly [string, string])[] {
  return nodes.flatMap((a, i) => nodes.slice(i + 1).map((b) => [a, b] as const));
}

/** Returns the nodes of the link nearest to a place, if it is near; empty otherwise. */
function linkAt(
  layout: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  { x, y, count }: { readonly x: number; readonly y: number; readonly count: number },
): readonly number[] {
  let best = LINK_REACH;
  let found: readonly number[] = [];
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const [ax, ay] = [layout.x[a] ?? 0, layout.y[a] ?? 0];
      const [dx, dy] = [(layout.x[b] ?? 0) - ax, (layout.y[b] ?? 0) - ay];
      const part = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      const distance = Math.hypot(ax + part * dx - x, ay + part * dy - y);
      if (distance < best) [best, found] = [distance, [a, b]];
    }
  }
  return found;
}
