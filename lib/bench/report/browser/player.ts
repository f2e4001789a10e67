/**
 * The player: the cluster's picture with its controls.
 *
 * Tested by `tests/bench/report/player_test.ts`.
 */

/// <reference lib="dom" />

import { DELIVERY_STATUSES } from "../data/report_data.ts";
import type { ClusterPicture } from "./cluster.ts";
import { sortedTimes, stepFrom } from "./cursor.ts";
import { make } from "./details.ts";
import { momentText } from "./moment_text.ts";
import { clearedCanvas } from "./pane.ts";
import { type Playback, speedText } from "./playback.ts";
import type { RunModel } from "./run_model.ts";
import type { Theme } from "./theme.ts";
import type { TypeGroups } from "./type_groups.ts";
import { timeText } from "./visible.ts";
import { visible } from "./visible_text.ts";

/** Number of positions of the scrub bar. */
export const SCRUB_STEPS = 10_000;
/** Duration in which a lost message stays visible, in µs of the reader. */
export const LINGER_US = 700_000;

/** Speed below which the clock shows microseconds. */
export const EXACT_SPEED = 0.005;

/** The elements of the player. */
export interface PlayerElements {
  readonly canvas: HTMLCanvasElement;
  readonly play: HTMLElement;
  readonly scrub: HTMLInputElement;
  readonly clock: HTMLElement;
  readonly speed: HTMLElement;
  readonly unit: HTMLSelectElement | HTMLInputElement;
  readonly tip: HTMLElement;
  /** The events of the moment in words. */
  readonly moment: HTMLElement;
}

/** The parts that the player moves and shows. */
export interface PlayerModel {
  readonly run: RunModel;
  readonly playback: Playback;
  readonly picture: ClusterPicture;
  readonly theme: () => Theme;
}

/** Draws the cluster at the cursor, plays the run, and steps through it. */
export class Player {
  readonly #elements: PlayerElements;
  readonly #model: PlayerModel;
  readonly #timesByActor = new Map<number, Float64Array>();
  #isAsked = false;

  constructor(elements: PlayerElements, model: PlayerModel) {
    this.#elements = elements;
    this.#model = model;
    const { canvas, play, scrub } = elements;
    const { cursor, selection, fold } = model.run;
    cursor.onMove(() => this.redraw());
    selection.onChange(() => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(canvas.parentElement ?? canvas);
    play.addEventListener("click", () => this.toggle());
    scrub.max = String(SCRUB_STEPS);
    scrub.addEventListener("input", () => {
      const [first, last] = [fold.positionOf(cursor.min), fold.positionOf(cursor.max)];
      this.pause();
      cursor.moveTo(fold.timeOf(first + Number(scrub.value) / SCRUB_STEPS * (last - first)));
    });
    canvas.addEventListener("pointermove", (event) => this.#point(event));
    canvas.addEventListener("pointerleave", () => elements.tip.hidden = true);
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("click", (event) => this.#choose(event.offsetX, event.offsetY));
    this.redraw();
  }

  /** Redraws in the next frame. */
  redraw(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      // The clock is read here, so that a test can replace it.
      const goesOn = this.#model.playback.advance(performance.now());
      this.#draw();
      if (goesOn) this.redraw();
    });
  }

  get isPlaying(): boolean {
    return this.#model.playback.isPlaying;
  }

  get speed(): number {
    return this.#model.playback.speed;
  }

  get picture(): ClusterPicture {
    return this.#model.picture;
  }

  toggle(): void {
    const { playback } = this.#model;
    if (playback.isPlaying) playback.pause();
    else playback.play();
    this.redraw();
  }

  pause(): void {
    this.#model.playback.pause();
    this.redraw();
  }

  /** Plays faster or slower by a level. */
  changeSpeed(by: 1 | -1): void {
    this.#model.playback.change(by);
    this.redraw();
  }

  /** Moves to the next or the previous event, message or event of the selected node, as the field says. */
  step(by: 1 | -1): void {
    const { value } = this.#elements.unit;
    if (value === "message") this.stepMessage(by);
    else if (value === "node") this.stepNode(by);
    else this.stepEvent(by);
  }

  stepEvent(by: 1 | -1): void {
    this.#moveTo(stepFrom(this.#model.run.times, this.#model.run.cursor.time, by));
  }

  /** Selects the next or the previous message between servers or of a client. */
  stepMessage(by: 1 | -1): void {
    const { selection, cursor } = this.#model.run;
    const { picture } = this.#model;
    const { sent, ended } = picture.content.flights;
    this.pause();
    let row = selection.message >= 0 ? selection.message + by : firstAfter(sent, cursor.time, by);
    if (selection.path.length > 0) row = nextOf(selection.path, { row: selection.message, by, from: row });
    const from = sent[row];
    if (from === undefined) return;
    selection.chooseMessage(row);
    cursor.moveTo((from + (ended[row] ?? from)) / 2);
  }

  /** Moves to the next or the previous event at the selected node; at the first node if none is selected. */
  stepNode(by: 1 | -1): void {
    const { selection, cursor } = this.#model.run;
    const actor = Math.max(0, selection.actor);
    if (selection.actor < 0) selection.chooseActor(actor);
    this.#moveTo(stepFrom(this.#timesOf(actor), cursor.time, by));
  }

  #key(event: KeyboardEvent): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.step(by);
  }

  #moveTo(time: number | undefined): void {
    this.pause();
    if (time !== undefined) this.#model.run.cursor.moveTo(time);
  }

  #timesOf(actor: number): Float64Array {
    let times = this.#timesByActor.get(actor);
    if (times === undefined) {
      this.#timesByActor.set(actor, times = actorTimes(this.#model.picture.content, actor));
    }
    return times;
  }

  #draw(): void {
    const { canvas } = this.#elements;
    const began = performance.now();
    const cleared = clearedCanvas(canvas, (width) => clusterHeight(width, innerHeight));
    if (cleared === undefined) return;
    const { context, width, height } = cleared;
    const { picture, playback, theme } = this.#model;
    const { cursor } = this.#model.run;
    const moment = { time: cursor.time, lingerUs: LINGER_US * playback.speed };
    const drawn = picture.draw(context, { theme: theme(), width, height, moment });
    this.#drawCorner(context, theme());
    canvas.dataset["frameMs"] = (performance.now() - began).toFixed(2);
    canvas.dataset["drawn"] = String(drawn);
    canvas.dataset["time"] = String(Math.round(cursor.time));
    this.#showControls();
  }

  /** Names the faults of the whole network in the corner. */
  #drawCorner(context: CanvasRenderingContext2D, theme: Theme): void {
    const { others } = this.#model.picture.content.scenes.at(this.#model.run.cursor.time);
    context.font = "600 13px system-ui, sans-serif";
    context.textAlign = "left";
    let x = 10;
    for (const kind of others) {
      const text = `${OTHER_FAULT_SIGNS[kind] ?? "!"} ${kind}`;
      const width = context.measureText(text).width + 16;
      context.strokeStyle = context.fillStyle = theme.barrier;
      context.lineWidth = 1.5;
      context.strokeRect(x, 9, width, 22);
      context.fillText(text, x + 8, 25);
      x += width + 8;
    }
  }

  #showControls(): void {
    const { play, scrub, clock, speed, moment } = this.#elements;
    const { cursor, fold } = this.#model.run;
    const { playback } = this.#model;
    const [first, last] = [fold.positionOf(cursor.min), fold.positionOf(cursor.max)];
    const part = (fold.positionOf(cursor.time) - first) / Math.max(1, last - first);
    const text = timeText(cursor.time, playback.speed < EXACT_SPEED ? 0 : 100_000);
    scrub.value = String(Math.round(part * SCRUB_STEPS));
    scrub.setAttribute("aria-valuetext", text);
    setText(clock, text);
    // While the run plays, the words would change too fast to be read.
    setText(moment, playback.isPlaying ? "" : momentText(this.#model.run.data, cursor.time));
    setText(speed, speedText(playback.speed));
    setText(play, playback.isPlaying ? "❚❚ Pause" : "▶ Play");
  }

  #point(event: PointerEvent): void {
    const { tip, canvas } = this.#elements;
    const { message, actor } = this.#model.picture.hit(event.offsetX, event.offsetY);
    tip.hidden = message < 0 && actor < 0;
    canvas.style.cursor = tip.hidden ? "default" : "pointer";
    if (tip.hidden) return;
    tip.textContent = message >= 0 ? this.describe(message) : visible(this.#nameOf(actor));
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
  }

  #choose(x: number, y: number): void {
    const { message, actor } = this.#model.picture.hit(x, y);
    if (message >= 0) this.#model.run.selection.chooseMessage(message);
    else this.#model.run.selection.chooseActor(actor);
  }

  #nameOf(actor: number): string {
    return this.#model.picture.content.messages.actors[actor] ?? "?";
  }

  /** Describes a message in one line. */
  describe(row: number): string {
    const { messages } = this.#model.picture.content;
    const type = messages.types[messages.type[row] ?? 0];
    const status = DELIVERY_STATUSES[messages.deliveryStatus[row] ?? 0];
    const ends = `${this.#nameOf(messages.src[row] ?? 0)} → ${this.#nameOf(messages.dest[row] ?? 0)}`;
    return visible(`${type}: ${ends} · ${status} · ${(messages.body[row] ?? "").slice(0, 120)}`);
  }
}

/** Signs of faults of the whole network. */
export const OTHER_FAULT_SIGNS: Readonly<Record<string, string>> = {
  loss: "✕",
  duplicate: "⧉",
  reorder: "⇄",
};

/** Returns the height of the cluster's picture. */
export function clusterHeight(width: number, screen: number): number {
  return Math.round(Math.max(260, Math.min(460, width * 0.9, screen * 0.5)));
}

/** Sets a text only if it differs, so that assistive technology is not notified without need. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Returns the times of the events at an actor: sends and arrivals. */
export function actorTimes(
  { messages }: Pick<ClusterPicture["content"], "messages">,
  actor: number,
): Float64Array {
  const times: number[] = [];
  for (let row = 0; row < messages.sent.length; row++) {
    if (messages.src[row] === actor) times.push(messages.sent[row] ?? 0);
    if (messages.dest[row] === actor && messages.deliveryStatus[row] === 0) {
      times.push(messages.resolved[row] ?? 0);
    }
  }
  return sortedTimes(times);
}

/** Returns the first row sent at a time or later, or the last one before it. */
export function firstAfter(sent: ArrayLike<number>, time: number, by: 1 | -1): number {
  let row = 0;
  while (row < sent.length && (sent[row] ?? 0) < time) row++;
  return by > 0 ? row : row - 1;
}

/** Returns the neighbor of a row in a sorted path. A row outside of the path leads to its nearest member. */
export function nextOf(
  path: readonly number[],
  { row, by, from }: { readonly row: number; readonly by: 1 | -1; readonly from: number },
): number {
  const start = row < 0 ? from - by : row;
  const next = by > 0 ? path.find((each) => each > start) : path.findLast((each) => each < start);
  return next ?? row;
}

/** The form of each kind of fault in the picture. */
export const FAULT_FORMS: Readonly<Record<string, string>> = {
  "partition": "▬ wall: partition",
  "leader-partition": "▬ wall: partition",
  "bridge-partition": "▬ wall: partition",
  "cut": "▬ wall: cut by hand",
  "one-way": "◔ ring with arrows: not heard by the others",
  "kill": "✕ dashed: killed",
  "pause": "❚❚ paused",
  "slow": "✺ zigzag: slow links",
  "membership": "◌ dotted: asked to leave the membership",
  "disk-slow": "▤ disk: slow",
  "disk-error": "▤ disk: a write fails",
  "disk-damage": "▤ disk: a damaged file",
  "clock": "◷ clock: fast or slow",
  "clock-unbounded": "◷ clock: fast or slow",
  "clock-back": "◷ clock: set back",
};

/** Shows the meaning of colors and forms below the picture. */
export function showLegend(
  list: HTMLElement,
  { groups, kinds }: { readonly groups: TypeGroups; readonly kinds: readonly string[] },
): void {
  const item = (form: string, color: string, text: string) => {
    const entry = make("li", {});
    const swatch = make("i", { class: form });
    swatch.style.setProperty("--swatch", `var(--${color})`);
    entry.append(swatch, visible(text));
    return entry;
  };
  list.replaceChildren(
    ...groups.names.map((name, i) => item("dot", `type-${i}`, name)),
    item("ring", "dim", "a reply"),
    item("dot", "bad", "✕ not delivered"),
    ...new Set(kinds.flatMap((kind) => FAULT_FORMS[kind] ?? [])).values().map((text) => make("li", {}, text)),
  );
}
