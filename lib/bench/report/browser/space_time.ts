/**
 * The space-time diagram: a line for each node, with messages in flight between the lines at true scale.
 *
 * Tested by `tests/bench/report/browser_test.ts`.
 */

/// <reference lib="dom" />

import { DELIVERY_STATUSES, type FaultBand, type MessageColumns } from "../data/report_data.ts";
import { bandsHeight, drawBands, type Frame, PANE_TOP, type PaneContent } from "./pane.ts";
import type { Selection } from "./selection.ts";
import { TYPE_COLORS } from "./theme.ts";
import type { TimeWindow } from "./time_window.ts";
import { DENSITY_HEIGHT, drawDensity } from "./timeline.ts";
import { type TypeGroups, typeGroups } from "./type_groups.ts";
import { chooseVisible, timeText } from "./visible.ts";
import { visible } from "./visible_text.ts";

/** Filter of the shown messages. */
export interface MessageFilter {
  /** Types that are hidden. */
  readonly hiddenTypes: ReadonlySet<number>;
  /** The actor whose messages are shown; all if empty. */
  readonly actor: number | undefined;
  /** Text that a shown message has in its body, type or ends. */
  readonly text: string;
  /** True if clients have a line. Otherwise, their messages are short strokes at the node. */
  readonly clients: boolean;
}

/** A message in the diagram. */
export interface Arrow {
  readonly row: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** The appearance of some arrows. */
export interface ArrowStyle {
  readonly color: string;
  readonly alpha: number;
  readonly width: number;
  /** True if the messages did not arrive: a dashed line that ends in a cross. */
  readonly isLost: boolean;
  readonly rows: Arrow[];
}

/** The lines between which messages run: nodes, services, and one for all clients. */
export interface Lines {
  readonly names: readonly string[];
  readonly ofActor: readonly number[];
}

/**
 * Returns the lines: optionally one for all clients at the top, then the nodes, then the services. -1: a client
 * without a line.
 */
export function linesOf(messages: MessageColumns, nodes: number, clients: boolean): Lines {
  const first = clients ? 1 : 0;
  const servers = nodes + messages.services;
  return {
    names: [...(clients ? ["clients"] : []), ...messages.actors.slice(0, servers)],
    ofActor: messages.actors.map((_, actor) => actor < servers ? actor + first : first - 1),
  };
}

/** Returns the rows that pass a filter, in the order of sending. */
export function filterRows(messages: MessageColumns, filter: MessageFilter): number[] {
  const text = filter.text.trim().toLowerCase();
  const rows: number[] = [];
  for (let row = 0; row < messages.sent.length; row++) {
    const src = messages.src[row] ?? 0;
    const dest = messages.dest[row] ?? 0;
    if (filter.hiddenTypes.has(messages.type[row] ?? -1)) continue;
    if (filter.actor !== undefined && src !== filter.actor && dest !== filter.actor) continue;
    if (
      text !== "" &&
      !`${messages.actors[src]} ${messages.actors[dest]} ${messages.body[row]}`.toLowerCase().includes(text)
    ) continue;
    rows.push(row);
  }
  return rows;
}

/** The drawing and the pointer handling of the diagram. */
export class SpaceTime implements PaneContent {
  readonly #messages: MessageColumns;
  readonly #groups: TypeGroups;
  readonly #nodes: number;
  readonly #faults: readonly FaultBand[];
  readonly #ends: Readonly<Record<string, number>>;
  readonly #window: TimeWindow;
  readonly #selection: Selection;
  readonly #spanMax: number;
  readonly #lineOfNode = new Map<string, number>();
  #rows: readonly number[] = [];
  #lines: Lines;
  #arrows: Arrow[] = [];

  constructor({ messages, nodes, faults, ends = {}, window, selection }: {
    readonly messages: MessageColumns;
    readonly nodes: readonly string[];
    readonly faults: readonly FaultBand[];
    /** By node, the time of its unexpected exit. */
    readonly ends?: Readonly<Record<string, number>>;
    readonly window: TimeWindow;
    readonly selection: Selection;
  }) {
    this.#messages = messages;
    this.#groups = typeGroups(messages, nodes.length);
    this.#nodes = nodes.length;
    this.#faults = faults;
    this.#ends = ends;
    this.#window = window;
    this.#selection = selection;
    this.#lines = linesOf(messages, nodes.length, true);
    this.#spanMax = messages.sent.reduce((max, sent, row) => Math.max(max, this.#end(row) - sent), 0);
    this.filter({ hiddenTypes: new Set(), actor: undefined, text: "", clients: true });
  }

  /** Shows only the messages that pass the filter. Returns their number. */
  filter(filter: MessageFilter): number {
    this.#rows = filterRows(this.#messages, filter);
    this.#lines = linesOf(this.#messages, this.#nodes, filter.clients);
    this.#lineOfNode.clear();
    for (const [line, name] of this.#lines.names.entries()) this.#lineOfNode.set(name, line);
    return this.#rows.length;
  }

  /** Top of the lines, below the fault lanes. */
  #top(): number {
    return PANE_TOP + bandsHeight(this.#faults);
  }

  height(): number {
    return this.#top() + this.#lines.names.length * this.#lineHeight() + DENSITY_HEIGHT + 6;
  }

  draw(frame: Frame): void {
    const { context, width, height, left } = frame;
    const half = this.#lineHeight() / 2;
    drawBands(frame, this.#faults, (node) => {
      const line = this.#lineOfNode.get(node);
      return line === undefined ? undefined : { top: this.#y(line) - half + 1, height: 2 * half - 2 };
    });
    this.#drawLines(frame);
    const { emphasized, message } = this.#selection;
    const drawn = chooseVisible({
      rows: this.#rows,
      begin: (row) => this.#messages.sent[row] ?? 0,
      end: (row) => this.#end(row),
      spanMax: this.#spanMax,
      preferred: (row) => emphasized.has(row) || row === message || this.#messages.deliveryStatus[row] !== 0,
      from: this.#window.from,
      to: this.#window.to,
      partOf: (time) => this.#window.partOf(time),
      width: width - left,
    });
    const { src, dest, sent } = this.#messages;
    const stub = Math.min(11, half);
    this.#arrows = drawn.rows.map((row) => {
      const from = this.#lines.ofActor[src[row] ?? 0] ?? 0;
      const to = this.#lines.ofActor[dest[row] ?? 0] ?? 0;
      return {
        row,
        x1: frame.x(sent[row] ?? 0),
        y1: from < 0 ? this.#y(to) - stub : this.#y(from),
        x2: frame.x(this.#end(row)),
        y2: to < 0 ? this.#y(from) - stub : this.#y(to),
      };
    });
    context.save();
    context.beginPath();
    context.rect(left, 0, width - left, height);
    context.clip();
    this.#drawArrows(frame, drawn.density.length > 0);
    context.restore();
    drawDensity(frame, drawn, height - DENSITY_HEIGHT);
    context.canvas.dataset["drawn"] = String(drawn.rows.length + drawn.density.length);
    context.canvas.dataset["total"] = String(drawn.total);
    context.canvas.dataset["lit"] = String(emphasized.size);
    context.canvas.dataset["columns"] = String(width - left);
  }

  hit(x: number, y: number): { text: string; choose: () => void } | undefined {
    let best = 7;
    let found = -1;
    for (const { row, x1, y1, x2, y2 } of this.#arrows) {
      const distance = distanceTo({ x, y }, { x1, y1, x2, y2 });
      if (distance < best) [best, found] = [distance, row];
    }
    if (found < 0) return undefined;
    return { text: this.describe(found), choose: () => this.#selection.chooseMessage(found) };
  }

  step(by: 1 | -1): void {
    const { followed, message } = this.#selection;
    const rows = followed.size > 0 ? this.#rows.filter((row) => followed.has(row)) : this.#rows;
    if (rows.length === 0) return;
    const sent = this.#messages.sent;
    const at = rows.indexOf(message);
    const next = at >= 0
      ? Math.min(rows.length - 1, Math.max(0, at + by))
      : Math.max(0, rows.findIndex((row) => (sent[row] ?? 0) >= this.#window.from));
    const row = rows[next] ?? 0;
    const time = sent[row] ?? 0;
    if (time < this.#window.from || time > this.#window.to) {
      this.#window.center(time);
    }
    this.#selection.chooseMessage(row);
  }

  /** Describes a message in one line. */
  describe(row: number): string {
    const m = this.#messages;
    const deliveryStatus = DELIVERY_STATUSES[m.deliveryStatus[row] ?? 4] ?? "?";
    const flight = (m.resolved[row] ?? -1) < 0
      ? ""
      : ` after ${((this.#end(row) - (m.sent[row] ?? 0)) / 1000).toFixed(2)} ms`;
    return visible(
      `${m.types[m.type[row] ?? 0]}: ${m.actors[m.src[row] ?? 0]} → ${m.actors[m.dest[row] ?? 0]} · ` +
        `${timeText(m.sent[row] ?? 0, 0)} · ${deliveryStatus}${flight}${
          m.copy[row] === 1 ? " (a copy)" : ""
        }`,
    );
  }

  #end(row: number): number {
    const resolved = this.#messages.resolved[row] ?? -1;
    const sent = this.#messages.sent[row] ?? 0;
    return this.#messages.deliveryStatus[row] === DELIVERY_STATUSES.indexOf("in-flight")
      ? sent
      : Math.max(resolved, sent);
  }

  #lineHeight(): number {
    return Math.min(44, Math.max(5, 640 / this.#lines.names.length));
  }

  #y(line: number): number {
    return this.#top() + (line + 0.5) * this.#lineHeight();
  }

  /** Returns the time spans in which a node ran. A line ends at a kill or an unexpected exit. */
  #incarnationsOf(name: string): (readonly [from: number, to: number])[] {
    const end = this.#ends[name] ?? Infinity;
    const down = this.#faults.filter(({ isDown, nodes }) => isDown === true && nodes.includes(name));
    const incarnations: (readonly [number, number])[] = [];
    let from = -Infinity;
    for (const each of down) {
      if (each.from > from) incarnations.push([from, Math.min(each.from, end)]);
      from = Math.max(from, each.to);
    }
    return from < end ? [...incarnations, [from, end]] : incarnations;
  }

  /** Draws a cross at a node's unexpected exit. */
  #drawEnds({ context, theme, x }: Frame): void {
    context.strokeStyle = theme.bad;
    context.globalAlpha = 1;
    context.lineWidth = 2;
    context.beginPath();
    for (const [name, end] of Object.entries(this.#ends)) {
      const line = this.#lineOfNode.get(name);
      if (line === undefined) continue;
      const [at, y] = [x(end), this.#y(line)];
      context.moveTo(at - 5, y - 5);
      context.lineTo(at + 5, y + 5);
      context.moveTo(at - 5, y + 5);
      context.lineTo(at + 5, y - 5);
    }
    context.stroke();
    context.lineWidth = 1;
    context.globalAlpha = 0.45;
  }

  #drawLines(frame: Frame): void {
    const { context, theme, width, left, x } = frame;
    const every = Math.max(1, Math.ceil(13 / this.#lineHeight()));
    context.lineWidth = 1;
    context.textAlign = "left";
    context.strokeStyle = theme.dim;
    context.fillStyle = theme.ink;
    context.globalAlpha = 0.45;
    context.beginPath();
    for (const [line, name] of this.#lines.names.entries()) {
      for (const [from, to] of this.#incarnationsOf(name)) {
        const x1 = Math.max(left, x(from));
        const x2 = Math.min(width, x(to));
        if (x2 <= x1) continue;
        context.moveTo(x1, this.#y(line));
        context.lineTo(x2, this.#y(line));
      }
    }
    context.stroke();
    this.#drawEnds(frame);
    context.globalAlpha = 1;
    for (const [line, name] of this.#lines.names.entries()) {
      if (line % every === 0) context.fillText(visible(name).slice(0, 11), 2, this.#y(line) + 4);
    }
  }

  #drawArrows(frame: Frame, dense: boolean): void {
    const { context, theme } = frame;
    const { emphasized, message } = this.#selection;
    const servers = this.#nodes + this.#messages.services;
    const { src, dest, type, deliveryStatus } = this.#messages;
    const heads = this.#arrows.length < 1500;
    // Twice the types, of clients and between servers, and then the marked ones, which are drawn last.
    const marked = 2 * TYPE_COLORS;
    const ofTypes = [dense ? 0.25 : 0.4, dense ? 0.4 : 0.8].flatMap((alpha) =>
      theme.types.map((color): ArrowStyle => ({ color, alpha, width: 1, isLost: false, rows: [] }))
    );
    const styles: ArrowStyle[] = [
      ...ofTypes,
      { color: theme.bad, alpha: 1, width: dense ? 1.6 : 2.2, isLost: true, rows: [] },
      { color: theme.follow, alpha: 1, width: 2.2, isLost: false, rows: [] },
      { color: theme.follow, alpha: 1, width: 2.2, isLost: true, rows: [] },
      { color: theme.ink, alpha: 1, width: 3, isLost: false, rows: [] },
      { color: theme.ink, alpha: 1, width: 3, isLost: true, rows: [] },
    ];
    for (const arrow of this.#arrows) {
      const { row } = arrow;
      const isClients = (src[row] ?? 0) >= servers || (dest[row] ?? 0) >= servers;
      const group = (this.#groups.ofType[type[row] ?? 0] ?? 0) + (isClients ? 0 : TYPE_COLORS);
      const isLost = deliveryStatus[row] !== 0;
      const lost = Number(isLost);
      const style = row === message
        ? marked + 3 + lost
        : emphasized.has(row)
        ? marked + 1 + lost
        : isLost
        ? marked
        : group;
      styles[style]?.rows.push(arrow);
    }
    for (const [number, { color, alpha, width, isLost, rows }] of styles.entries()) {
      if (rows.length === 0) continue;
      context.strokeStyle = context.fillStyle = color;
      context.globalAlpha = emphasized.size > 0 && number < marked ? 0.13 : alpha;
      context.lineWidth = width;
      context.setLineDash(isLost ? [5, 3] : []);
      context.beginPath();
      for (const { x1, y1, x2, y2 } of rows) {
        context.moveTo(x1, y1);
        context.lineTo(x2, y2);
      }
      context.stroke();
      context.setLineDash([]);
      if (heads || number > marked) drawHeads(context, rows, isLost);
    }
    context.globalAlpha = 1;
    const crossed = styles.reduce((sum, { isLost, rows }) => sum + (isLost ? rows.length : 0), 0);
    context.canvas.dataset["crossed"] = String(crossed);
  }
}

/** Draws arrow heads, and a cross for a message that was not delivered. */
export function drawHeads(
  context: CanvasRenderingContext2D,
  arrows: readonly { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number }[],
  crosses: boolean,
): void {
  context.beginPath();
  for (const { x1, y1, x2, y2 } of arrows) {
    if (crosses) {
      // The cross is bold, because it explains more than all arrows that arrived.
      context.moveTo(x2 - 4, y2 - 4);
      context.lineTo(x2 + 4, y2 + 4);
      context.moveTo(x2 - 4, y2 + 4);
      context.lineTo(x2 + 4, y2 - 4);
      continue;
    }
    const length = Math.hypot(x2 - x1, y2 - y1);
    if (length < 8) continue;
    const dx = (x2 - x1) / length;
    const dy = (y2 - y1) / length;
    context.moveTo(x2, y2);
    context.lineTo(x2 - 6 * dx - 2.5 * dy, y2 - 6 * dy + 2.5 * dx);
    context.lineTo(x2 - 6 * dx + 2.5 * dy, y2 - 6 * dy - 2.5 * dx);
    context.lineTo(x2, y2);
  }
  if (crosses) {
    context.lineWidth = 3;
    context.stroke();
  } else context.fill();
}

/** Returns the distance of a point from a line segment. */
export function distanceTo(
  { x, y }: { readonly x: number; readonly y: number },
  { x1, y1, x2, y2 }: { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number },
): number {
  const squared = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  const part = squared === 0
    ? 0
    : Math.min(1, Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / squared));
  return Math.hypot(x - x1 - part * (x2 - x1), y - y1 - part * (y2 - y1));
}
