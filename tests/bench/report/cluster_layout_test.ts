import { assert, assertEquals } from "@std/assert";
import {
  clusterLayout,
  type ClusterShape,
  clusterShape,
  layers,
  readTopology,
} from "../../../lib/bench/report/browser/cluster_layout.ts";
import { hasRoomForLists, LISTED_CHARACTER_WIDTH } from "../../../lib/bench/report/browser/cluster_states.ts";
import { LISTED_ROOM_MIN } from "../../../lib/bench/report/browser/states.ts";
import { messageColumns } from "../../../lib/bench/report/data/message_columns.ts";

const SIZE = { width: 860, height: 440 };

function shape(nodes: number, topology?: ClusterShape["topology"]): ClusterShape {
  const homes = Int32Array.from({ length: 2 * nodes }, (_, actor) => actor < nodes ? -1 : actor - nodes);
  return { nodes, services: 0, homes, topology };
}

Deno.test("nodes do not overlap and stay in the picture, with 5, 25 and 100 nodes, wide and narrow", () => {
  for (const size of [SIZE, { width: 376, height: 338 }]) {
    for (const count of [1, 5, 25, 100]) {
      const { x, y, radius } = clusterLayout(shape(count), size);
      for (let a = 0; a < count; a++) {
        const [ax, ay] = [x[a] ?? 0, y[a] ?? 0];
        assert(ax > radius && ay > radius && ax < size.width - radius && ay < size.height - radius);
        for (let b = a + 1; b < count; b++) {
          const distance = Math.hypot(ax - (x[b] ?? 0), ay - (y[b] ?? 0));
          assert(distance > 1.5 * radius, `${a} and ${b} of ${count}: ${distance} px, radius ${radius}`);
        }
      }
    }
  }
});

Deno.test("a single node does not hide the services", () => {
  for (const services of [1, 4]) {
    const homes = new Int32Array(1 + services).fill(-1);
    const { x, y, radius } = clusterLayout({ nodes: 1, services, homes, topology: undefined }, SIZE);
    for (let service = 1; service <= services; service++) {
      const distance = Math.hypot((x[0] ?? 0) - (x[service] ?? 0), (y[0] ?? 0) - (y[service] ?? 0));
      assert(distance > 2 * radius, `${distance} px to service ${service} of ${services}`);
    }
  }
});

Deno.test("clients are outside of the ring, at their node", () => {
  const { x, y, centerX, centerY, radius } = clusterLayout(shape(5), SIZE);
  for (let node = 0; node < 5; node++) {
    const client = 5 + node;
    const out = (actor: number) => Math.hypot((x[actor] ?? 0) - centerX, (y[actor] ?? 0) - centerY);
    assert(out(client) > out(node));
    assert(Math.hypot((x[client] ?? 0) - (x[node] ?? 0), (y[client] ?? 0) - (y[node] ?? 0)) < radius + 30);
  }
});

Deno.test("states are listed only where the lists are outside of the clients", () => {
  const roomy = (nodes: number, size: typeof SIZE) =>
    hasRoomForLists(clusterLayout(shape(nodes), size), nodes);
  const narrow = { width: 376, height: 338 };
  assertEquals([2, 3, 5, 9].map((nodes) => roomy(nodes, narrow)), [true, false, false, false]);
  assertEquals([2, 3, 5, 9, 25].map((nodes) => roomy(nodes, SIZE)), [true, true, true, true, false]);
  for (let width = 300; width < 1000; width += 10) {
    for (let nodes = 1; nodes <= 9; nodes++) {
      const layout = clusterLayout(shape(nodes), { width, height: 400 });
      if (!hasRoomForLists(layout, nodes)) continue;
      const list = LISTED_ROOM_MIN * LISTED_CHARACTER_WIDTH;
      for (const x of layout.x) assert(x - 4 > list && x + 4 < width - list, `${nodes} nodes, ${width} px`);
    }
  }
});

Deno.test("a grid keeps its rows and columns, and a tree its layers", () => {
  const grid = [[1, 3], [0, 2, 4], [1, 5], [0, 4, 6], [1, 3, 5, 7], [2, 4, 8], [3, 7], [4, 6, 8], [5, 7]];
  assertEquals(layers(grid).at.slice(0, 4), [[-1, -1], [0, -1], [1, -1], [-1, 0]]);
  const tree = layers([[1, 2], [0, 3, 4], [0], [1], [1]]);
  assertEquals(tree.at.map(([, y]) => y), [-1, 0, 0, 1, 1]);
});

Deno.test("a topology is drawn if the messages follow it", () => {
  const line = (id: number, src: string, dest: string, body: unknown) => [
    JSON.stringify({ time: id * 1000, id, event: "sent", message: { src, dest, body } }),
    JSON.stringify({ time: id * 1000 + 500, id, event: "received" }),
  ];
  const nodes = ["n0", "n1", "n2"];
  const topology = { type: "topology", topology: { n0: ["n1"], n1: ["n0", "n2"], n2: ["n1"] } };
  const along = [...line(0, "c0", "n0", topology), ...line(1, "n0", "n1", {}), ...line(2, "n1", "n2", {})];
  const read = (lines: string[]) => clusterShape(messageColumns(lines, { nodes, windows: [] }).columns, 3);
  assertEquals(read(along).topology, [[1], [0, 2], [1]]);
  assertEquals(read([...along, ...line(3, "n0", "n2", {})]).topology, undefined);
  assertEquals([...read(along).homes], [-1, -1, -1, 0]);
  assertEquals(readTopology('{"topology":{"n0":["n1", … (300 more', nodes), undefined);
});
