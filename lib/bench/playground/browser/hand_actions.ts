/** The interventions that a part of the picture offers at a time. Tested by `tests/bench/playground/hand_actions_test.ts`. */

import type { Intervention } from "../../nemesis/interventions.ts";

/** A part of the picture. */
export type PictureTarget =
  | { readonly kind: "node"; readonly node: string }
  | { readonly kind: "link"; readonly nodes: readonly [string, string] }
  /** A message on its way, by the network's id. */
  | { readonly kind: "message"; readonly id: number };

/** An intervention that is offered. */
export interface HandAction {
  /** The id, which no other action of the same part has. */
  readonly id: string;
  /** The name for people. */
  readonly name: string;
  readonly intervention: Intervention;
}

/** The durations for which a message can be held, in seconds. */
const HOLDS_S = [1, 5] as const;

/** The rates and jumps of a clock, with their ids and names. */
const SKEWS = [
  ["clock-fast", "Clock: twice as fast", 2, 0],
  ["clock-slow", "Clock: half as fast", 0.5, 0],
  ["clock-jump", "Clock: jump by 5 s", 1, 5000],
  ["clock-right", "Clock: right again", 1, 0],
] as const;

/** Returns what can be done to a part of the picture. `done` are the interventions so far, in any order. */
export function actionsFor(
  target: PictureTarget,
  { atMs, done, nodes }: {
    readonly atMs: number;
    readonly done: readonly Intervention[];
    readonly nodes: readonly string[];
  },
): readonly HandAction[] {
  const state = new HandState(done, atMs);
  switch (target.kind) {
    case "message":
      return [
        { id: "drop", name: "Drop", intervention: { kind: "drop", atMs, message: target.id } },
        ...HOLDS_S.map((seconds) => ({
          id: `hold-${seconds}`,
          name: `Hold for ${seconds} s`,
          intervention: { kind: "hold" as const, atMs, message: target.id, forMs: seconds * 1000 },
        })),
      ];
    case "link": {
      const links = [target.nodes];
      return [
        state.isCut(target.nodes)
          ? { id: "heal", name: "Heal the link", intervention: { kind: "heal", atMs, links } }
          : { id: "cut", name: "Cut the link", intervention: { kind: "cut", atMs, links } },
      ];
    }
    case "node":
      return nodeActions(target.node, { atMs, state, nodes });
  }
}

function nodeActions(
  node: string,
  { atMs, state, nodes }: {
    readonly atMs: number;
    readonly state: HandState;
    readonly nodes: readonly string[];
  },
): readonly HandAction[] {
  const of = <K extends "kill" | "start" | "pause" | "resume">(name: string, kind: K): HandAction => ({
    id: kind,
    name,
    intervention: { kind, atMs, node },
  });
  if (state.dead.has(node)) return [of("Start again", "start")];
  const links = nodes.filter((other) => other !== node).map((other) => [node, other] as const);
  const isIsolated = links.length > 0 && links.every((link) => state.isCut(link));
  return [
    of("Kill", "kill"),
    state.paused.has(node) ? of("Resume", "resume") : of("Pause", "pause"),
    ...(links.length === 0 ? [] : [
      isIsolated
        ? { id: "rejoin", name: "Rejoin", intervention: { kind: "heal" as const, atMs, links } }
        : { id: "isolate", name: "Isolate", intervention: { kind: "cut" as const, atMs, links } },
    ]),
    ...SKEWS.map(([id, name, rate, jumpMs]) => ({
      id,
      name,
      intervention: { kind: "skew" as const, atMs, node, rate, jumpMs },
    })),
  ];
}

/** The effects of interventions at a time. */
class HandState {
  readonly dead = new Set<string>();
  readonly paused = new Set<string>();
  readonly #cuts = new Set<string>();

  constructor(done: readonly Intervention[], atMs: number) {
    for (const each of inOrder(done)) {
      if (each.atMs > atMs) break;
      if (each.kind === "kill") this.dead.add(each.node), this.paused.delete(each.node);
      if (each.kind === "start") this.dead.delete(each.node);
      if (each.kind === "pause") this.paused.add(each.node);
      if (each.kind === "resume") this.paused.delete(each.node);
      if (each.kind === "cut") { for (const link of each.links) this.#cuts.add(keyOf(link)); }
      if (each.kind === "heal") { for (const link of each.links) this.#cuts.delete(keyOf(link)); }
    }
  }

  isCut(link: readonly [string, string]): boolean {
    return this.#cuts.has(keyOf(link));
  }
}

function keyOf(link: readonly [string, string]): string {
  return [...link].sort().join(" ");
}

/** Returns interventions in the order of their times. */
export function inOrder(all: readonly Intervention[]): readonly Intervention[] {
  return all.toSorted((a, b) => a.atMs - b.atMs);
}

/** Describes an intervention. */
export function describeIntervention(each: Intervention): string {
  switch (each.kind) {
    case "cut":
    case "heal": {
      const [first] = each.links;
      const isOne = each.links.length === 1;
      const of = isOne ? `${first?.[0]} – ${first?.[1]}` : `every link of ${first?.[0] ?? "?"}`;
      return `${each.kind} ${of}`;
    }
    case "drop":
      return `drop message ${each.message}`;
    case "hold":
      return `hold message ${each.message} for ${each.forMs / 1000} s`;
    case "skew":
      return `clock of ${each.node}: ${
        each.jumpMs > 0 ? `jump by ${each.jumpMs / 1000} s` : `rate ${each.rate}`
      }`;
    case "kill":
    case "start":
    case "pause":
    case "resume":
      return `${each.kind} ${each.node}`;
  }
}
