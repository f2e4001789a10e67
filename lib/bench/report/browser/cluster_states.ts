/**
 * The nodes' states in the cluster's picture.
 *
 * Tested by `tests/bench/report/states_page_test.ts`.
 */

/// <reference lib="dom" />

import type { StateColumns, StateTrack } from "../data/report_data.ts";
import type { FaultPen } from "./cluster_faults.ts";
import type { ClusterLayout } from "./cluster_layout.ts";
import {
  busiestPart,
  isLeading,
  lastAt,
  LISTED_ROOM_MIN,
  listedParts,
  listedText,
  SINGLE_TEXT_MAX,
  stateText,
  tracksByNode,
} from "./states.ts";
import { visible } from "./visible_text.ts";

/** Maximum number of nodes whose states are listed in full. Of more nodes, only the busiest part is shown. */
export const LISTED_NODES_MAX = 9;
/** Maximum number of listed parts of a node. */
export const LISTED_PARTS_MAX = 6;

/** Width of a character of a list, in px. */
export const LISTED_CHARACTER_WIDTH = 7;
/** Width of the shortest list, in px. */
export const LIST_WIDTH_MIN = LISTED_ROOM_MIN * LISTED_CHARACTER_WIDTH;
/** Distance of the outer edge of a node's clients from its circle, in px. */
export const CLIENTS_REACH = 26;
/** Smallest radius of a node that has room for its state. */
export const SINGLE_RADIUS_MIN = 12;

/** The moment at which states are drawn. */
export interface StateMoment {
  readonly time: number;
  /** Duration in which a change counts as new, in µs. */
  readonly newUs: number;
}

/** The states to draw. */
export interface DrawnStates {
  readonly states: StateColumns;
  /** By node, its tracks. */
  readonly tracks: readonly (readonly StateTrack[])[];
  /** By node, the only track that is shown if there are many nodes. */
  readonly single: readonly (readonly StateTrack[])[];
}

/** Returns the states as the picture draws them. */
export function drawnStates(states: StateColumns, nodes: number): DrawnStates {
  const tracks = tracksByNode(states, nodes);
  const busiest = busiestPart(states);
  const listed = listedParts(states, LISTED_PARTS_MAX);
  return {
    states,
    tracks: tracks.map((own) => own.filter(({ name }) => listed.has(name))),
    single: tracks.map((own) => own.filter(({ name }) => name === busiest)),
  };
}

/** Fills the circles of nodes whose state says that they lead. */
export function drawLeaders(
  { context, theme, layout }: FaultPen,
  { states, tracks }: DrawnStates,
  time: number,
): void {
  context.fillStyle = theme.ok;
  context.globalAlpha = 0.35;
  for (let node = 0; node < tracks.length; node++) {
    const own = tracks[node] ?? [];
    for (let i = 0; i < own.length; i++) {
      const track = own[i];
      const value = track === undefined
        ? undefined
        : states.values[track.value[lastAt(track.at, time)] ?? -1];
      if (value === undefined || !isLeading(value)) continue;
      context.beginPath();
      context.arc(layout.x[node] ?? 0, layout.y[node] ?? 0, layout.radius + 6, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

/** True if every node has room for a list outside of its clients. */
export function hasRoomForLists({ x, radius }: ClusterLayout, nodes: number): boolean {
  return nodes <= LISTED_NODES_MAX &&
    Math.min(...x.subarray(0, nodes)) - radius - CLIENTS_REACH >= LIST_WIDTH_MIN;
}

/** Draws the states next to their nodes. Values that have just changed are marked. */
export function drawStates(pen: FaultPen, drawn: DrawnStates, moment: StateMoment): void {
  const { context, layout } = pen;
  const isListed = hasRoomForLists(layout, drawn.tracks.length);
  if (!isListed && layout.radius < SINGLE_RADIUS_MIN) return;
  context.font = `${isListed ? 11.5 : 10}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace`;
  context.textBaseline = "middle";
  for (let node = 0; node < drawn.tracks.length; node++) drawState(pen, { drawn, node, moment, isListed });
  context.textBaseline = "alphabetic";
}

/** Draws the state of one node: outside of the ring as a list, or towards its center as a single value. */
export function drawState(
  { context, theme, layout }: FaultPen,
  { drawn, node, moment, isListed }: {
    readonly drawn: DrawnStates;
    readonly node: number;
    readonly moment: StateMoment;
    readonly isListed: boolean;
  },
): void {
  const { radius, centerX } = layout;
  const x = layout.x[node] ?? 0;
  const y = layout.y[node] ?? 0;
  const own = (isListed ? drawn.tracks : drawn.single)[node] ?? [];
  const isLeft = x < centerX - 1;
  const count = Math.min(isListed ? LISTED_PARTS_MAX : 1, own.length);
  const [inX, inY] = singlePlace(layout, x, y);
  const listX = isLeft
    ? Math.max(x - radius - 34, LIST_WIDTH_MIN)
    : Math.min(x + radius + 34, 2 * centerX - LIST_WIDTH_MIN);
  const textX = isListed ? listX : inX;
  const textY = isListed ? y - (count - 1) * 7 : inY;
  context.textAlign = isListed ? (isLeft ? "right" : "left") : "center";
  const room = Math.floor((isLeft ? textX : 2 * centerX - textX) / LISTED_CHARACTER_WIDTH);
  for (let i = 0; i < count; i++) {
    const track = own[i];
    if (track === undefined) continue;
    const last = lastAt(track.at, moment.time);
    const value = drawn.states.values[track.value[last] ?? -1];
    if (value === undefined) continue;
    const text = visible(isListed ? listedText(track.name, value, room) : stateText(value, SINGLE_TEXT_MAX));
    const isNew = moment.time - (track.at[last] ?? -Infinity) <= moment.newUs;
    const at = textY + i * 14;
    if (isNew) {
      const width = context.measureText(text).width + 6;
      context.fillStyle = theme.changed;
      context.fillRect(
        isListed ? (isLeft ? textX - width + 3 : textX - 3) : textX - width / 2,
        at - 7,
        width,
        14,
      );
    }
    context.fillStyle = isNew ? theme.ink : theme.dim;
    context.fillText(text, textX, at);
  }
}

/** Returns the place of a single value: inside of the ring, or below a node that is not on a ring. */
export function singlePlace(
  { radius, centerX, centerY, isRing }: FaultPen["layout"],
  x: number,
  y: number,
): readonly [number, number] {
  if (!isRing) return [x - radius - 6, y + radius + 6];
  const distance = Math.hypot(x - centerX, y - centerY) || 1;
  return [x - (x - centerX) / distance * (radius + 20), y - (y - centerY) / distance * (radius + 9)];
}
