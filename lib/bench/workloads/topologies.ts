/**
 * The topologies that Maelstrom offers to broadcast nodes: node id → neighbors' ids.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

/** The neighbors of each node. */
export type Topology = Readonly<Record<string, readonly string[]>>;

const TOPOLOGIES = {
  line: (nodes: readonly string[]) => nodes.length < 2 ? {} : tree(1, nodes), // as in Maelstrom
  grid,
  tree: (nodes: readonly string[]) => tree(2, nodes),
  tree2: (nodes: readonly string[]) => tree(2, nodes),
  tree3: (nodes: readonly string[]) => tree(3, nodes),
  tree4: (nodes: readonly string[]) => tree(4, nodes),
  total: (nodes: readonly string[]) =>
    Object.fromEntries(nodes.map((node) => [node, nodes.filter((each) => each !== node)])),
} as const;

/** The topologies' names. */
export const TOPOLOGY_NAMES = Object.keys(TOPOLOGIES) as ReadonlyArray<keyof typeof TOPOLOGIES>;

/** Returns the topology of that name over these nodes. */
export function makeTopology(name: string, nodes: readonly string[]): Topology {
  const known = TOPOLOGY_NAMES.find((each) => each === name);
  if (known === undefined) throw new RangeError(`unknown topology ${name}`);
  return TOPOLOGIES[known](nodes);
}

/** A square grid, row by row, as square as the number of nodes allows, with at most four neighbors per node. */
function grid(nodes: readonly string[]): Topology {
  const side = Math.ceil(Math.sqrt(nodes.length));
  return Object.fromEntries(nodes.map((node, at) => {
    const column = at % side;
    const places = [
      at + side,
      at - side,
      ...(column < side - 1 ? [at + 1] : []),
      ...(column > 0 ? [at - 1] : []),
    ];
    return [node, places.flatMap((place) => nodes[place] ?? [])];
  }));
}

/** A tree in which every node has up to `branches` children, filled row by row: node i is the child of ⌊(i − 1)/b⌋. */
function tree(branches: number, nodes: readonly string[]): Topology {
  return Object.fromEntries(nodes.map((node, at) => {
    const parent = at === 0 ? [] : nodes[Math.floor((at - 1) / branches)] ?? [];
    const children = nodes.slice(branches * at + 1, branches * at + branches + 1);
    return [node, [parent, children].flat()];
  }));
}
