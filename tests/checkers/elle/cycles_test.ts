/** The search for cycles against the enumeration of all simple cycles, on small random graphs. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { CYCLE_KINDS, type CycleKind, impliedAnomalies } from "../../../lib/checkers/elle/anomalies.ts";
import { cyclesExist } from "../../../lib/checkers/elle/cycle_exists.ts";
import { ComponentSearch, type Cycle } from "../../../lib/checkers/elle/cycles.ts";
import { FirstCycles, StepBudget } from "../../../lib/checkers/elle/first_cycle.ts";
import {
  type Graph,
  graphOf,
  inducedGraph,
  KINDS,
  PROCESS,
  REALTIME,
  RW,
  WR,
  WW,
} from "../../../lib/checkers/elle/graph.ts";
import { modelsRuledOutBy } from "../../../lib/checkers/elle/models.ts";
import { reaches } from "../../../lib/checkers/elle/reachability.ts";
import { ReturnPaths } from "../../../lib/checkers/elle/return_path.ts";
import { cyclicComponents, stronglyConnected } from "../../../lib/checkers/elle/scc.ts";
import { seeded } from "./simulated_store.ts";

/** kinds[from][to] */
type Matrix = number[][];

function randomMatrix(random: () => number, order: number): Matrix {
  const n = 2 + Math.floor(random() * 5);
  const density = 0.15 + random() * 0.4;
  const single = [WW, WR, RW, RW, order];
  const pick = (): number => single[Math.floor(random() * single.length)] ?? WW;
  return Array.from({ length: n }, (_, from) =>
    Array.from({ length: n }, (_, to) => {
      if (from === to || random() > density) return 0;
      return random() < 0.2 ? pick() | pick() : pick();
    }));
}

function toGraph(matrix: Matrix): Graph {
  return graphOf(matrix.length, (add) => {
    for (const [from, row] of matrix.entries()) {
      for (const [to, kinds] of row.entries()) {
        // Parallel edges, one per kind: the components' graphs merge them.
        for (const kind of [WW, WR, RW, PROCESS, REALTIME]) {
          if ((kinds & kind) !== 0) add(from, to, kind);
        }
      }
    }
  });
}

const firstKind = (kinds: number): number => kinds & -kinds;

function explanation(): Uint8Array {
  return Uint8Array.from({ length: KINDS + 1 }, (_, kinds) => firstKind(kinds));
}

/** All simple cycles, each as its vertices, the least first. */
function simpleCycles(matrix: Matrix): number[][] {
  const cycles: number[][] = [];
  function extend(path: number[]): void {
    const first = path[0] ?? 0;
    const last = path[path.length - 1] ?? 0;
    for (const [to, kinds] of (matrix[last] ?? []).entries()) {
      if (kinds === 0) continue;
      if (to === first && path.length > 1) cycles.push([...path]);
      else if (to > first && !path.includes(to)) extend([...path, to]);
    }
  }
  for (let v = 0; v < matrix.length; v++) extend([v]);
  return cycles;
}

function kindsOf(matrix: Matrix, cycle: readonly number[]): number[] {
  return cycle.map((v, i) => matrix[v]?.[cycle[(i + 1) % cycle.length] ?? 0] ?? 0);
}

function nameOf(kinds: readonly number[]): string {
  const rw = kinds.filter((kind) => kind === RW).length;
  const isAdjacent = kinds.some((kind, i) => kind === RW && kinds[(i + 1) % kinds.length] === RW);
  const shape = rw === 0
    ? kinds.includes(WR) ? "G1c" : "G0"
    : rw === 1
    ? "G-single-item"
    : isAdjacent
    ? "G2-item"
    : "G-nonadjacent-item";
  return shape + (kinds.includes(REALTIME) ? "-realtime" : kinds.includes(PROCESS) ? "-process" : "");
}

function search(
  matrix: Matrix,
): { graph: Graph; induced: Graph; found: Cycle[]; search: ComponentSearch } {
  const graph = toGraph(matrix);
  const members = Int32Array.from({ length: matrix.length }, (_, v) => v);
  const induced = inducedGraph(graph, members, new Int32Array(matrix.length).fill(-1));
  const component = new ComponentSearch(induced, explanation());
  return { graph, induced, found: component.cycles(), search: component };
}

for (const [name, order] of [["process", PROCESS], ["realtime", REALTIME]] as const) {
  Deno.test(`the worst kinds of cycles are found, and none that is not there (${name})`, () => {
    const random = seeded(order);
    for (let run = 0; run < 3000; run++) {
      const matrix = randomMatrix(random, order);
      // One component at a time, as the checker has it.
      if (cyclicComponents(stronglyConnected(toGraph(matrix), KINDS)).some((c) => c.length < matrix.length)) {
        continue;
      }
      const cycles = simpleCycles(matrix);
      const { found, search: component } = search(matrix);
      const names = cycles.map((cycle) => nameOf(kindsOf(matrix, cycle).map(firstKind)));
      for (const { type, vertices, kinds } of found) {
        assertEquals(new Set(vertices).size, vertices.length);
        const edges = kindsOf(matrix, vertices);
        assert(edges.every((kinds) => kinds !== 0), "a cycle goes along edges");
        assertEquals(edges.map(firstKind), [...kinds]);
        assertEquals(nameOf(kinds), type);
      }
      // Whatever kind is there is found, or implied by one that is there and worse; or it says no more of the models than
      // a cycle whose edges, each for one of its reasons, are of the worse kind, but which bears another name.
      const types = found.map(({ type }) => type);
      const implied = impliedAnomalies(types);
      const refuted = modelsRuledOutBy([
        ...types,
        ...cyclesExist(component, new Set()).map(({ type }) => type),
      ]);
      for (const type of names) {
        if (implied.has(type)) continue;
        const missing = [...modelsRuledOutBy([type])].filter((model) => !refuted.has(model));
        assertEquals(
          missing,
          [],
          `run ${run}: ${type} of ${JSON.stringify(matrix)}, found ${types.join(" ")}`,
        );
      }
    }
  });
}

function elleTypes(component: ComponentSearch, vertices: number, steps: number): string[] {
  const budget = new StepBudget(steps);
  budget.begin(steps);
  return component.elleCycles(Array.from({ length: vertices }, (_, v) => v), budget).map(({ type }) => type);
}

/** The search in Elle's order for one kind after the other, also for those that no cycle can have. */
function typesOfAllSearches(matrix: Matrix): string[] {
  const steps = new StepBudget(1e9);
  steps.begin(1e9);
  const { induced } = search(matrix);
  const first = new FirstCycles(induced, { indexes: matrix.map((_, v) => v), steps });
  const types: string[] = [];
  const sought: string[] = [];
  for (const { name, shape, order } of CYCLE_KINDS) {
    if (impliedAnomalies(sought).has(name)) continue;
    const ordered = order === "realtime" ? REALTIME : order === "process" ? PROCESS : 0;
    const required = [shape === "G1c" ? WR : 0, ordered].filter((kinds) => kinds !== 0);
    const legal = ordered | (shape === "G0" ? WW : shape === "G2-item" ? WW | WR | RW : WW | WR);
    const vertices = first.find({
      legal,
      required,
      rwAtLeast: shape === "G0" || shape === "G1c" ? 0 : shape === "G-single-item" ? 1 : 2,
      mode: shape === "G-single-item" ? "single" : shape === "G-nonadjacent-item" ? "free" : "none",
    });
    if (vertices === null || vertices === undefined) continue;
    const explained = nameOf(kindsOf(matrix, vertices).map(firstKind));
    if (shape !== "G0" && shape !== "G1c" && explained !== name) continue;
    types.push(explained);
    sought.push(name);
  }
  return types;
}

/** Returns true if a cycle has the edges of a kind, of which some count as rw edges. */
function canBe({ shape, order }: CycleKind, edges: readonly number[]): boolean {
  const ordered = order === "realtime" ? REALTIME : order === "process" ? PROCESS : 0;
  const others = ordered | (shape === "G0" ? WW : WW | WR);
  const n = edges.length;
  return Array.from({ length: 2 ** n }, (_, bits) => edges.map((_, i) => (bits >> i & 1) === 1)).some(
    (isRw) => {
      const count = isRw.filter(Boolean).length;
      const isAdjacent = isRw.some((rw, i) => rw && isRw[(i + 1) % n]);
      if (
        shape === "G0" || shape === "G1c" ? count > 0 : shape === "G-single-item" ? count !== 1 : count < 2
      ) return false;
      if (shape === "G-nonadjacent-item" && isAdjacent) return false;
      const rest = edges.filter((_, i) => !isRw[i]);
      const required = [ordered, shape === "G1c" ? WR : 0].filter((kinds) => kinds !== 0);
      return edges.every((kinds, i) => (kinds & (isRw[i] ? RW : others)) !== 0) &&
        (required.length < 2
          ? required.every((kinds) => rest.some((edge) => (edge & kinds) !== 0))
          : rest.some((one, i) =>
            (one & WR) !== 0 && rest.some((other, j) => i !== j && (other & ordered) !== 0)
          ));
    },
  );
}

for (const [name, order] of [["process", PROCESS], ["realtime", REALTIME]] as const) {
  Deno.test(`the search in Elle's order finds a kind if all cycles that can be of it are (${name})`, () => {
    const random = seeded(order + 1);
    const found = new Set<string>();
    for (let run = 0; run < 1500; run++) {
      const matrix = randomMatrix(random, order);
      const edges = simpleCycles(matrix).map((cycle) => kindsOf(matrix, cycle));
      const types = elleTypes(search(matrix).search, matrix.length, 1e9);
      const possible = CYCLE_KINDS.filter((kind) => edges.some((each) => canBe(kind, each)));
      for (const type of types) {
        assert(possible.some(({ name }) => name === type), `${type} of ${JSON.stringify(matrix)}`);
      }
      const implied = impliedAnomalies(
        possible.flatMap(({ name }) => [...impliedAnomalies([name])].filter((each) => each !== name)),
      );
      for (const kind of possible) {
        // Otherwise the first cycle may have another name.
        const isSure = edges.every((each) => !canBe(kind, each) || nameOf(each.map(firstKind)) === kind.name);
        if (!isSure || implied.has(kind.name)) continue;
        assert(types.includes(kind.name), `${kind.name} is missing of ${JSON.stringify(matrix)}`);
        found.add(kind.name);
      }
    }
    // The last kind is rarely the only one of a random graph.
    const ring = [RW, order, RW, WW, RW, WR];
    const matrix = ring.map((kind, v) => ring.map((_, to) => to === (v + 1) % ring.length ? kind : 0));
    for (const type of elleTypes(search(matrix).search, ring.length, 1e9)) found.add(type);
    assertEquals(found.size, 10);
  });
}

for (const [name, order] of [["process", PROCESS], ["realtime", REALTIME]] as const) {
  Deno.test(`the search in Elle's order passes over no kind of cycle that it would find (${name})`, () => {
    const random = seeded(order);
    const found = new Set<string>();
    for (let run = 0; run < 1500; run++) {
      const matrix = randomMatrix(random, order);
      const types = elleTypes(search(matrix).search, matrix.length, 1e9);
      assertEquals(types, typesOfAllSearches(matrix), JSON.stringify(matrix));
      for (const type of types) found.add(type);
    }
    assertEquals(found.size, 10);
  });
}

Deno.test("the search in Elle's order takes no steps for a kind that no cycle has", () => {
  const vertices = 42;
  const matrix: Matrix = Array.from({ length: vertices }, () => new Array<number>(vertices).fill(0));
  const add = (from: number, to: number, kind: number): number => (matrix[from] ?? [])[to] = kind;
  for (const [v, kind] of [RW, WR, RW, WW].entries()) add(v, (v + 1) % 4, kind);
  // Very many paths of ww edges lead from 1 to an rw edge, so no cycle has only one rw edge.
  for (const to of [4, 5]) add(1, to, WW);
  for (let v = 4; v < vertices - 2; v++) for (const to of [4, 5]) add(v, v - v % 2 + to - 2, WW);
  for (const from of [40, 41]) add(from, 0, RW);
  assertEquals(elleTypes(search(matrix).search, vertices, 100), ["G-nonadjacent-item"]);
});

Deno.test("a reported cycle is the shortest if cycles are short", () => {
  const random = seeded(7);
  for (let run = 0; run < 1000; run++) {
    const matrix = randomMatrix(random, REALTIME);
    const { found } = search(matrix);
    const lengths = new Map<string, number>();
    for (const cycle of simpleCycles(matrix)) {
      const name = nameOf(kindsOf(matrix, cycle).map(firstKind));
      lengths.set(name, Math.min(lengths.get(name) ?? Infinity, cycle.length));
    }
    // A second cycle of the name may come from the search for another kind.
    const shortest = Math.min(
      ...found.filter(({ type }) => type === "G-single-item").map(({ vertices }) => vertices.length),
    );
    assertEquals(shortest, lengths.get("G-single-item") ?? Infinity, `run ${run}`);
  }
});

Deno.test("the edges of a cycle refute a model, whichever name it has", () => {
  const random = seeded(11);
  const refuted: [string, number, boolean][] = [
    ["PL-1", WW, false],
    ["PL-2", WW | WR, false],
    ["PL-SI", WW | WR, true],
    ["PL-2.99", WW | WR | RW, false],
    ["strong-PL-1", WW | REALTIME, false],
    ["strong-snapshot-isolation", WW | WR | REALTIME, true],
  ];
  for (let run = 0; run < 1000; run++) {
    const matrix = randomMatrix(random, REALTIME);
    const { search: component } = search(matrix);
    const ruledOut = modelsRuledOutBy(cyclesExist(component, new Set()).map(({ type }) => type));
    const cycles = simpleCycles(matrix);
    for (const [model, free, hops] of refuted) {
      const isRefuted = cycles.some((cycle) => {
        const kinds = kindsOf(matrix, cycle);
        // Some choice of one kind per edge: free edges where possible, else an rw edge that follows and precedes free ones.
        return kinds.every((kind, i) => {
          if ((kind & free) !== 0) return true;
          const next = kinds[(i + 1) % kinds.length] ?? 0;
          return hops && (kind & RW) !== 0 && (next & free) !== 0;
        });
      });
      if (isRefuted) assert(component.hasCycle(free, hops), `run ${run}: ${model}`);
      if (!hops) assertEquals(component.hasCycle(free, false), isRefuted, `run ${run}: ${model}`);
      assertEquals(ruledOut.has(model), component.hasCycle(free, hops), `run ${run}: ${model}`);
    }
  }
});

Deno.test("components are sets of mutually reachable vertices", () => {
  const random = seeded(3);
  for (let run = 0; run < 500; run++) {
    const matrix = randomMatrix(random, REALTIME);
    const n = matrix.length;
    const reach = matrix.map((row) => row.map((kinds) => (kinds & (WW | RW)) !== 0));
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const row = reach[i];
          if (row !== undefined && row[k] === true && reach[k]?.[j] === true) row[j] = true;
        }
      }
    }
    const graph = toGraph(matrix);
    const { of } = stronglyConnected(graph, WW | RW);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const isMutual = i === j || (reach[i]?.[j] === true && reach[j]?.[i] === true);
        assertEquals(of[i] === of[j], isMutual);
        if (i !== j) {
          assertEquals(reaches(graph, WW | RW, [{ from: j, to: i }]) !== null, reach[i]?.[j] === true);
        }
        // Sinks first: an edge never leads to a component with a higher number.
        if (reach[i]?.[j] === true) assert((of[j] ?? 0) <= (of[i] ?? 0));
      }
    }
  }
});

Deno.test("reaches tests many pairs at once", () => {
  const graph = graphOf(200, (add) => {
    for (let v = 0; v < 199; v++) add(v, v + 1, WW);
  });
  const backwards = Array.from({ length: 100 }, (_, i) => ({ from: i, to: i + 100 }));
  assertEquals(reaches(graph, WW, backwards), null);
  const wanted = { from: 150, to: 3 };
  assertEquals(reaches(graph, WW, [...backwards, wanted, { from: 151, to: 3 }]), wanted);
  assertEquals(reaches(graph, WR, [wanted]), null);
});

Deno.test("a graph with too many vertices is rejected before allocation", () => {
  assertThrows(() => graphOf(2 ** 26 + 1, () => {}), RangeError, "vertices");
});

Deno.test("a nonadjacent path back neither starts nor ends with an rw edge", () => {
  const limits = { lengthMax: 9, statesMax: 99 };
  const route = { free: WW | WR, nonadjacent: RW };
  const find = (...edges: [number, number, number][]): number[] | null => {
    const graph = graphOf(4, (add) => edges.forEach(([from, to, kind]) => add(from, to, kind)));
    return new ReturnPaths(graph).find(1, 0, route, limits);
  };
  assertEquals(find([1, 2, RW], [2, 0, WW]), null);
  assertEquals(find([1, 2, WW], [2, 0, RW]), null);
  assertEquals(find([1, 2, WW], [2, 3, RW], [3, 0, WR]), [1, 2, 3, 0]);
  assertEquals(find([1, 2, WW], [2, 0, WR | RW]), [1, 2, 0]);
});

Deno.test("a search that reaches its limits reports it", () => {
  const graph = graphOf(4, (add) => {
    for (let v = 1; v < 4; v++) add(v, (v + 1) % 4, WW);
  });
  const paths = new ReturnPaths(graph);
  assertEquals(paths.find(1, 0, { free: WW }, { lengthMax: 3, statesMax: 99 }), [1, 2, 3, 0]);
  assertEquals(paths.limited, false);
  assertEquals(paths.find(1, 0, { free: WW }, { lengthMax: 2, statesMax: 99 }), null);
  assertEquals(paths.limited, true);
  assertEquals(paths.find(1, 0, { free: WW }, { lengthMax: 9, statesMax: 2 }), null);
  assertEquals(paths.limited, true);
  assertEquals(paths.find(1, 0, { free: WR }, { lengthMax: 9, statesMax: 99 }), null);
  assertEquals(paths.limited, false);
});
