/**
 * The cluster at the cursor: nodes, messages on their way, and faults.
 *
 * Tested by `tests/bench/report/player_test.ts`.
 */

/// <reference lib="dom" />

import type { MessageColumns } from "../data/report_data.ts";
import { drawDead, drawNodeFaults, drawWalls } from "./cluster_faults.ts";
import { type ClusterLayout, clusterLayout, type ClusterShape } from "./cluster_layout.ts";
import { drawLeaders, type DrawnStates, drawStates } from "./cluster_states.ts";
import type { FaultScene, FaultScenes } from "./fault_scenes.ts";
import type { Flights } from "./flights.ts";
import type { Selection } from "./selection.ts";
import { type Theme, TYPE_COLORS } from "./theme.ts";
import type { TypeGroups } from "./type_groups.ts";
import { visible } from "./visible_text.ts";

/** Number of styles of dots: the types, then dimmed, then not delivered, then lit. */
export const DOT_STYLES = TYPE_COLORS + 3;
/** Part of its path after which a message that is not delivered ends, by delivery status. */
export const PATH_ENDS: readonly number[] = [1, 0.6, 0.5, 0.93, 1];
/** Distance of a dot from the line between the nodes, in px, so that both directions differ. */
export const LANE_OFFSET = 3;

/** Radius below which a node's name is outside of its circle. */
export const SMALL_RADIUS = 9;
/** Maximum number of names outside of the ring. */
export const LABELS_MAX = 30;

/** The content of the picture. */
export interface ClusterContent {
  readonly messages: MessageColumns;
  readonly nodes: number;
  readonly shape: ClusterShape;
  readonly flights: Flights;
  readonly groups: TypeGroups;
  readonly scenes: FaultScenes;
  readonly selection: Selection;
  readonly states: DrawnStates | null;
}

/** The moment to draw. */
export interface Moment {
  readonly time: number;
  /** Duration in which a message that was not delivered stays visible, in µs. */
  readonly lingerUs: number;
}

/** The drawing of the cluster. A frame allocates nothing. */
export class ClusterPicture {
  readonly content: ClusterContent;
  layout: ClusterLayout;
  readonly #names: readonly string[];
  /** Interval between named nodes, if nodes are too small for a name inside. The names are outside of the ring. */
  readonly #labelEvery: number;
  #width = 0;
  #height = 0;
  /** By position in the flights' result: place and style of its dot. */
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #style: Uint8Array;
  readonly #styleCounts = new Int32Array(DOT_STYLES);
  #drawn = 0;

  constructor(content: ClusterContent) {
    this.content = content;
    const count = content.messages.sent.length;
    this.#x = new Float64Array(count);
    this.#y = new Float64Array(count);
    this.#style = new Uint8Array(count);
    this.#names = content.messages.actors.map((name) => visible(name).slice(0, 12));
    this.#labelEvery = Math.max(1, Math.ceil(content.nodes / LABELS_MAX));
    this.layout = clusterLayout(content.shape, { width: 600, height: 400 });
  }

  /** Returns the number of drawn messages. */
  draw(
    context: CanvasRenderingContext2D,
    { theme, width, height, moment }: {
      readonly theme: Theme;
      readonly width: number;
      readonly height: number;
      readonly moment: Moment;
    },
  ): number {
    if (width !== this.#width || height !== this.#height) {
      this.layout = clusterLayout(this.content.shape, { width, height });
      this.#width = width;
      this.#height = height;
    }
    const pen = { context, theme, layout: this.layout };
    const scene = this.content.scenes.at(moment.time);
    this.#drawLinks(context, theme);
    drawWalls(pen, scene);
    this.#place(moment);
    this.#drawTrails(context, theme);
    this.#drawPath(context, theme, moment.time);
    const { states } = this.content;
    const newUs = moment.lingerUs;
    if (states !== null) drawLeaders(pen, states, moment.time);
    this.#drawActors(context, theme, scene);
    if (states !== null) drawStates(pen, states, { time: moment.time, newUs });
    for (let node = 0; node < this.content.nodes; node++) {
      if (scene.down[node] === 1) drawDead(pen, node);
      drawNodeFaults(pen, scene, node);
    }
    this.#drawDots(context, theme);
    this.#drawCrosses(context, { theme, time: moment.time });
    return this.#drawn;
  }

  /** Returns the message and the actor at a point; -1 if there is none. */
  hit(x: number, y: number): { readonly message: number; readonly actor: number } {
    let message = -1;
    let best = 10;
    for (let i = 0; i < this.#drawn; i++) {
      const distance = Math.hypot((this.#x[i] ?? 0) - x, (this.#y[i] ?? 0) - y);
      if (distance < best) [best, message] = [distance, this.content.flights.rows[i] ?? -1];
    }
    let actor = -1;
    const { layout } = this;
    for (let each = 0; each < layout.x.length; each++) {
      const reach = each < this.content.nodes ? layout.radius + 4 : 9;
      if (Math.hypot((layout.x[each] ?? 0) - x, (layout.y[each] ?? 0) - y) <= reach) actor = each;
      if (actor >= 0 && each < this.content.nodes) break;
    }
    return { message, actor };
  }

  /** Finds the messages of the moment and places them. Delivered messages end at their arrival. */
  #place({ time, lingerUs }: Moment): void {
    const { flights, messages, groups, selection } = this.content;
    const { x, y } = this.layout;
    const found = flights.find(time, lingerUs);
    const { emphasized } = selection;
    const isDimmed = emphasized.size > 0;
    this.#styleCounts.fill(0);
    let kept = 0;
    for (let i = 0; i < found; i++) {
      const row = flights.rows[i] ?? 0;
      const status = messages.deliveryStatus[row] ?? 0;
      if (status === 0 && (flights.ended[row] ?? 0) < time) continue;
      const src = messages.src[row] ?? 0;
      const dest = messages.dest[row] ?? 0;
      const part = flights.progress(row, time) * (PATH_ENDS[status] ?? 1);
      const dx = (x[dest] ?? 0) - (x[src] ?? 0);
      const dy = (y[dest] ?? 0) - (y[src] ?? 0);
      const length = Math.sqrt(dx * dx + dy * dy) || 1;
      this.#x[kept] = (x[src] ?? 0) + part * dx - dy / length * LANE_OFFSET;
      this.#y[kept] = (y[src] ?? 0) + part * dy + dx / length * LANE_OFFSET;
      const isLit = row === selection.message || emphasized.has(row);
      const style = isLit
        ? TYPE_COLORS + 2
        : status > 0 && status < 4
        ? TYPE_COLORS + 1
        : isDimmed
        ? TYPE_COLORS
        : groups.ofType[messages.type[row] ?? 0] ?? 0;
      this.#style[kept] = style;
      this.#styleCounts[style] = (this.#styleCounts[style] ?? 0) + 1;
      flights.rows[kept++] = row;
    }
    flights.count = this.#drawn = kept;
  }

  #colorOf(style: number, theme: Theme): string {
    if (style < TYPE_COLORS) return theme.types[style] ?? theme.dim;
    return style === TYPE_COLORS ? theme.dim : style === TYPE_COLORS + 1 ? theme.bad : theme.follow;
  }

  #drawLinks(context: CanvasRenderingContext2D, theme: Theme): void {
    const { topology } = this.content.shape;
    if (topology === undefined) return;
    const { x, y } = this.layout;
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.beginPath();
    for (let node = 0; node < topology.length; node++) {
      const peers = topology[node];
      if (peers === undefined) continue;
      for (let i = 0; i < peers.length; i++) {
        const peer = peers[i] ?? 0;
        context.moveTo(x[node] ?? 0, y[node] ?? 0);
        context.lineTo(x[peer] ?? 0, y[peer] ?? 0);
      }
    }
    context.stroke();
  }

  /** Draws the way that each message has gone, unless there are too many. */
  #drawTrails(context: CanvasRenderingContext2D, theme: Theme): void {
    if (this.#drawn > 600) return;
    const { messages, flights } = this.content;
    const { x, y } = this.layout;
    for (let style = 0; style < DOT_STYLES; style++) {
      if (this.#styleCounts[style] === 0) continue;
      context.strokeStyle = this.#colorOf(style, theme);
      context.globalAlpha = style === TYPE_COLORS ? 0.1 : style > TYPE_COLORS ? 0.9 : 0.35;
      context.lineWidth = style > TYPE_COLORS ? 2.5 : 1.5;
      context.beginPath();
      for (let i = 0; i < this.#drawn; i++) {
        if (this.#style[i] !== style) continue;
        const src = messages.src[flights.rows[i] ?? 0] ?? 0;
        context.moveTo(x[src] ?? 0, y[src] ?? 0);
        context.lineTo(this.#x[i] ?? 0, this.#y[i] ?? 0);
      }
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  /** Draws the emphasized messages that have ended, so that the path up to the cursor is visible. */
  #drawPath(context: CanvasRenderingContext2D, theme: Theme, time: number): void {
    const { messages, flights, selection } = this.content;
    const path = selection.emphasizedPath;
    if (path.length === 0) return;
    const { x, y } = this.layout;
    context.strokeStyle = theme.follow;
    context.lineWidth = 2;
    context.globalAlpha = path.length > 150 ? 0.3 : 0.6;
    context.beginPath();
    for (let i = 0; i < path.length; i++) {
      const row = path[i] ?? 0;
      if ((flights.ended[row] ?? 0) > time || messages.deliveryStatus[row] !== 0) continue;
      const src = messages.src[row] ?? 0;
      const dest = messages.dest[row] ?? 0;
      context.moveTo(x[src] ?? 0, y[src] ?? 0);
      context.lineTo(x[dest] ?? 0, y[dest] ?? 0);
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  #drawActors(context: CanvasRenderingContext2D, theme: Theme, scene: FaultScene): void {
    const { nodes, shape, selection } = this.content;
    const { x, y, radius } = this.layout;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `600 ${Math.max(9, Math.min(13, radius * 0.75))}px system-ui, sans-serif`;
    const clientSize = Math.min(4, radius * 0.55);
    for (let actor = shape.homes.length - 1; actor >= 0; actor--) {
      const ax = x[actor] ?? 0;
      const ay = y[actor] ?? 0;
      const isNode = actor < nodes;
      const isDown = isNode && scene.down[actor] === 1;
      context.fillStyle = theme.card;
      context.strokeStyle = actor === selection.actor ? theme.follow : isNode ? theme.ink : theme.client;
      context.lineWidth = actor === selection.actor ? 4 : 1.5;
      context.globalAlpha = isDown ? 0.5 : 1;
      context.beginPath();
      if (isNode) context.arc(ax, ay, radius, 0, 2 * Math.PI);
      else if (actor < nodes + shape.services) context.rect(ax - 34, ay - 12, 68, 24);
      else context.rect(ax - clientSize, ay - clientSize, 2 * clientSize, 2 * clientSize);
      context.fill();
      if (!isDown) context.stroke();
      context.globalAlpha = 1;
      context.fillStyle = isDown ? theme.dim : theme.ink;
      if (isNode && radius < SMALL_RADIUS) {
        if (actor % this.#labelEvery === 0) this.#labelOutside(context, actor);
        continue;
      }
      if (actor < nodes + shape.services) {
        // The name of a dead node is below its cross.
        context.fillText(this.#names[actor] ?? "", ax, isDown ? ay + radius + 9 : ay + 0.5);
      }
    }
    context.textBaseline = "alphabetic";
  }

  /** Names a node that is too small for its name, outside of the clients. */
  #labelOutside(context: CanvasRenderingContext2D, node: number): void {
    const { x, y, centerX, centerY, radius } = this.layout;
    const dx = (x[node] ?? 0) - centerX;
    const dy = (y[node] ?? 0) - centerY;
    const distance = Math.hypot(dx, dy) || 1;
    const out = radius + 30;
    const name = this.#names[node] ?? "";
    context.fillText(name, (x[node] ?? 0) + dx / distance * out, (y[node] ?? 0) + dy / distance * out);
  }

  /** Draws the dots: requests are filled, replies are rings. */
  #drawDots(context: CanvasRenderingContext2D, theme: Theme): void {
    const { messages, flights } = this.content;
    const size = this.#drawn > 1500 ? 2 : this.#drawn > 300 ? 3 : 4.5;
    for (let style = 0; style < DOT_STYLES; style++) {
      if (this.#styleCounts[style] === 0) continue;
      context.fillStyle = context.strokeStyle = this.#colorOf(style, theme);
      context.globalAlpha = style === TYPE_COLORS ? 0.25 : 1;
      context.lineWidth = 2;
      const radius = style > TYPE_COLORS ? size + 1.5 : size;
      for (let isReply = 0; isReply < 2; isReply++) {
        context.beginPath();
        for (let i = 0; i < this.#drawn; i++) {
          if (this.#style[i] !== style) continue;
          if (((messages.inReplyTo[flights.rows[i] ?? 0] ?? -1) >= 0 ? 1 : 0) !== isReply) continue;
          const dotX = this.#x[i] ?? 0;
          const dotY = this.#y[i] ?? 0;
          context.moveTo(dotX + radius, dotY);
          context.arc(dotX, dotY, radius, 0, 2 * Math.PI);
        }
        if (isReply === 0) context.fill();
        else context.stroke();
      }
    }
    context.globalAlpha = 1;
  }

  /** Draws a cross where a message was lost. It is the boldest mark of the picture. */
  #drawCrosses(
    context: CanvasRenderingContext2D,
    { theme, time }: { readonly theme: Theme; readonly time: number },
  ): void {
    const { messages, flights } = this.content;
    const arm = this.#drawn > 300 ? 5 : 8;
    for (let stroke = 0; stroke < 2; stroke++) {
      context.strokeStyle = stroke === 0 ? theme.card : theme.bad;
      context.lineWidth = stroke === 0 ? 7 : 4;
      context.beginPath();
      for (let i = 0; i < this.#drawn; i++) {
        const row = flights.rows[i] ?? 0;
        const status = messages.deliveryStatus[row] ?? 0;
        if (status === 0 || status === 4 || (flights.ended[row] ?? 0) > time) continue;
        const x = this.#x[i] ?? 0;
        const y = this.#y[i] ?? 0;
        context.moveTo(x - arm, y - arm);
        context.lineTo(x + arm, y + arm);
        context.moveTo(x - arm, y + arm);
        context.lineTo(x + arm, y - arm);
      }
      context.stroke();
    }
  }
}
