/**
 * The forms of faults in the cluster's picture: each kind has its own.
 *
 * Tested by `tests/bench/report/player_test.ts`.
 */

/// <reference lib="dom" />

import type { ClusterLayout } from "./cluster_layout.ts";
import type { FaultScene } from "./fault_scenes.ts";
import type { Theme } from "./theme.ts";

/** The surface, colors and positions for drawing a fault. */
export interface FaultPen {
  readonly context: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly layout: ClusterLayout;
}

/** A run of neighbors on a ring of nodes. */
export interface FenceRun {
  readonly from: number;
  readonly to: number;
  readonly nodes: number;
}

/** Draws the walls of partitions, below the messages. */
export function drawWalls(pen: FaultPen, scene: FaultScene): void {
  const { context, theme, layout } = pen;
  context.strokeStyle = theme.barrier;
  for (const [a, b] of scene.pairs) drawBar(pen, a, b);
  const { side } = scene;
  for (let node = 0; node < side.length; node++) {
    if ((side[node] ?? 0) < 2) continue;
    const previous = (node + side.length - 1) % side.length;
    if (!layout.isRing) drawFence(pen, { from: node, to: node, nodes: side.length });
    else if (side[previous] !== side[node]) {
      drawFence(pen, { from: node, to: lastOfRun(side, node), nodes: side.length });
    }
  }
}

/** Returns the last node of a run of neighbors on the same side of a partition. */
export function lastOfRun(side: Int32Array, from: number): number {
  let last = from;
  for (let step = 1; step < side.length; step++) {
    const next = (from + step) % side.length;
    if (side[next] !== side[from]) break;
    last = next;
  }
  return last;
}

/** Draws a wall between a run of nodes on a ring and the other nodes. */
export function drawFence({ context, theme, layout }: FaultPen, run: FenceRun): void {
  context.beginPath();
  if (!layout.isRing) {
    context.arc(layout.x[run.from] ?? 0, layout.y[run.from] ?? 0, layout.radius + 13, 0, 2 * Math.PI);
  } else traceFence(context, layout, run);
  // Two strokes make a wall of bricks.
  context.strokeStyle = theme.barrier;
  context.lineWidth = 8;
  context.stroke();
  context.strokeStyle = theme.card;
  context.lineWidth = 3;
  context.setLineDash([10, 3]);
  context.stroke();
  context.setLineDash([]);
}

/** Traces the wall around a run: inwards between two nodes, along the inside of the ring, and outwards again. */
export function traceFence(
  context: CanvasRenderingContext2D,
  { centerX, centerY, radiusX, radiusY, radius }: ClusterLayout,
  { from, to, nodes }: FenceRun,
): void {
  const step = 2 * Math.PI / nodes;
  const length = ((to - from + nodes) % nodes + 1) * step;
  const begin = (from - 0.5) * step - Math.PI / 2;
  const inner = Math.max(0.3, 1 - (radius + 34) / radiusY);
  const outer = 1 + 40 / radiusY;
  const end = begin + length;
  context.moveTo(centerX + outer * radiusX * Math.cos(begin), centerY + outer * radiusY * Math.sin(begin));
  // A straight wall is simpler to read, if the nodes of the run have room behind it.
  const room = (1 - outer * Math.cos(length / 2)) * radiusY;
  if (room < radius + 14) {
    context.ellipse(centerX, centerY, inner * radiusX, inner * radiusY, 0, begin, end);
  }
  context.lineTo(centerX + outer * radiusX * Math.cos(end), centerY + outer * radiusY * Math.sin(end));
}

/** Draws a bar across the link of two nodes. */
export function drawBar({ context, layout }: FaultPen, a: number, b: number): void {
  const { x, y } = layout;
  const dx = (x[b] ?? 0) - (x[a] ?? 0);
  const dy = (y[b] ?? 0) - (y[a] ?? 0);
  const length = Math.hypot(dx, dy) || 1;
  const middleX = ((x[a] ?? 0) + (x[b] ?? 0)) / 2;
  const middleY = ((y[a] ?? 0) + (y[b] ?? 0)) / 2;
  context.lineWidth = 1;
  context.setLineDash([2, 4]);
  context.beginPath();
  context.moveTo(x[a] ?? 0, y[a] ?? 0);
  context.lineTo(x[b] ?? 0, y[b] ?? 0);
  context.stroke();
  context.setLineDash([]);
  context.lineWidth = 6;
  context.beginPath();
  context.moveTo(middleX - dy / length * 11, middleY + dx / length * 11);
  context.lineTo(middleX + dy / length * 11, middleY - dx / length * 11);
  context.stroke();
}

/** Draws the faults of a node over its circle. A dead node has a form of its own in {@linkcode drawDead}. */
export function drawNodeFaults(pen: FaultPen, scene: FaultScene, node: number): void {
  const { context, theme, layout } = pen;
  const x = layout.x[node] ?? 0;
  const y = layout.y[node] ?? 0;
  const { radius } = layout;
  if (scene.paused[node] === 1) {
    context.fillStyle = theme.faultPause;
    const tall = Math.max(8, radius * 1.1);
    context.fillRect(x - tall * 0.42, y - tall / 2, tall * 0.28, tall);
    context.fillRect(x + tall * 0.14, y - tall / 2, tall * 0.28, tall);
  }
  if (scene.slow[node] === 1) drawZigzag(pen, { x, y, radius: radius + 5 });
  if (scene.outside[node] === 1) drawDots(pen, { x, y, radius: radius + 9 });
  if (scene.mute[node] === 1) drawValve(pen, { x, y, radius: radius + 7 });
  const rate = scene.rate[node] ?? 0;
  if (rate !== 0) drawClock(pen, { x: x + radius * 0.85, y: y - radius * 0.85, rate });
}

/** Draws a dead node: a dashed outline with a cross. */
export function drawDead({ context, theme, layout }: FaultPen, node: number): void {
  const x = layout.x[node] ?? 0;
  const y = layout.y[node] ?? 0;
  const arm = layout.radius * 0.6;
  context.strokeStyle = theme.bad;
  context.lineWidth = 2;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.arc(x, y, layout.radius, 0, 2 * Math.PI);
  context.stroke();
  context.setLineDash([]);
  context.lineWidth = Math.max(2, layout.radius / 6);
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x - arm, y + arm);
  context.lineTo(x + arm, y - arm);
  context.stroke();
}

/** Draws the ring of a node with slow links: a zigzag. */
export function drawZigzag(
  { context, theme }: FaultPen,
  { x, y, radius }: { readonly x: number; readonly y: number; readonly radius: number },
): void {
  const teeth = 14;
  context.strokeStyle = theme.faultSlow;
  context.lineWidth = 2;
  context.beginPath();
  for (let i = 0; i <= 2 * teeth; i++) {
    const angle = Math.PI * i / teeth;
    const at = radius + (i % 2 === 0 ? 0 : 5);
    context.lineTo(x + Math.cos(angle) * at, y + Math.sin(angle) * at);
  }
  context.stroke();
}

/** Draws the ring of a node outside the membership: dots. */
export function drawDots(
  { context, theme }: FaultPen,
  { x, y, radius }: { readonly x: number; readonly y: number; readonly radius: number },
): void {
  context.fillStyle = theme.faultMembership;
  const dots = 16;
  for (let i = 0; i < dots; i++) {
    const angle = 2 * Math.PI * i / dots;
    context.beginPath();
    context.arc(x + Math.cos(angle) * radius, y + Math.sin(angle) * radius, 2.2, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Draws the ring of a node that is not heard: a wall around it, and arrows that pass it inwards only. */
export function drawValve(
  { context, theme }: FaultPen,
  { x, y, radius }: { readonly x: number; readonly y: number; readonly radius: number },
): void {
  context.strokeStyle = context.fillStyle = theme.barrier;
  context.lineWidth = 3;
  for (let i = 0; i < 4; i++) {
    const angle = Math.PI / 4 + i * Math.PI / 2;
    context.beginPath();
    context.arc(x, y, radius, angle + 0.3, angle + Math.PI / 2 - 0.3);
    context.stroke();
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    context.beginPath();
    context.moveTo(x + dx * (radius - 4), y + dy * (radius - 4));
    context.lineTo(x + dx * (radius + 5) - dy * 4, y + dy * (radius + 5) + dx * 4);
    context.lineTo(x + dx * (radius + 5) + dy * 4, y + dy * (radius + 5) - dx * 4);
    context.fill();
  }
}

/** Draws a clock whose hands show that it is fast or slow. */
export function drawClock(
  { context, theme }: FaultPen,
  { x, y, rate }: { readonly x: number; readonly y: number; readonly rate: number },
): void {
  context.fillStyle = theme.card;
  context.strokeStyle = theme.faultClock;
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  const turn = Math.max(-2, Math.min(2, (rate - 1) * 20)) - Math.PI / 2;
  context.beginPath();
  context.moveTo(x, y - 5);
  context.lineTo(x, y);
  context.lineTo(x + Math.cos(turn) * 4.5, y + Math.sin(turn) * 4.5);
  context.stroke();
}
