/** Positions of nodes, services and clients in the cluster's picture. Tested by `tests/bench/report/cluster_layout_test.ts`. */

import type { MessageColumns } from "../data/report_data.ts";

/** Peers by node, as numbers. */
export type Topology = readonly (readonly number[])[];

/** Positions in CSS pixels, by actor. */
export interface ClusterLayout {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Radius of a node. */
  readonly radius: number;
  readonly centerX: number;
  readonly centerY: number;
  /** Radii of the ring. */
  readonly radiusX: number;
  readonly radiusY: number;
  /** True if the nodes form a ring, in their order. */
  readonly isRing: boolean;
}

/** The parts of a run that the layout depends on. */
export interface ClusterShape {
  readonly nodes: number;
  readonly services: number;
  /** By actor, the node that a client speaks with; -1 for nodes and services. */
  readonly homes: Int32Array;
  /** The topology, if the messages follow it. */
  readonly topology: Topology | undefined;
}

/** Fraction of the servers' messages that follow a topology that is drawn. */
export const TOPOLOGY_SHARE_MIN = 0.8;
/** Maximum number of places for the clients of a node, in a small and in a large cluster. More clients share them. */
export const CLIENT_PLACES = { small: 3, large: 1, smallMax: 9 };

/** Returns the shape of a run's cluster. */
export function clusterShape(messages: MessageColumns, nodes: number): ClusterShape {
  const servers = nodes + messages.services;
  const homes = new Int32Array(messages.actors.length).fill(-1);
  for (let row = 0; row < messages.sent.length; row++) {
    const src = messages.src[row] ?? 0;
    const dest = messages.dest[row] ?? 0;
    if (src >= servers && dest < nodes && (homes[src] ?? -1) < 0) homes[src] = dest;
    if (dest >= servers && src < nodes && (homes[dest] ?? -1) < 0) homes[dest] = src;
  }
  return { nodes, services: messages.services, homes, topology: followedTopology(messages, nodes) };
}

/** Returns the topology of a broadcast, if most messages between nodes follow it. */
export function followedTopology(messages: MessageColumns, nodes: number): Topology | undefined {
  const type = messages.types.indexOf("topology");
  const row = type < 0 ? -1 : messages.type.indexOf(type);
  const topology = row < 0
    ? undefined
    : readTopology(messages.body[row] ?? "", messages.actors.slice(0, nodes));
  if (topology === undefined) return undefined;
  let along = 0;
  let all = 0;
  for (let row = 0; row < messages.sent.length; row++) {
    const src = messages.src[row] ?? 0;
    const dest = messages.dest[row] ?? 0;
    if (src >= nodes || dest >= nodes) continue;
    all++;
    if (topology[src]?.includes(dest)) along++;
  }
  return all > 0 && along >= all * TOPOLOGY_SHARE_MIN ? topology : undefined;
}

/** Returns the peers in the body of a `topology` request. */
export function readTopology(body: string, names: readonly string[]): Topology | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined; // a shortened body
  }
  if (typeof value !== "object" || value === null) return undefined;
  const peers: unknown = Object.entries(value).find(([name]) => name === "topology")?.[1];
  if (typeof peers !== "object" || peers === null) return undefined;
  const listed = new Map<string, unknown>(Object.entries(peers));
  return names.map((name) => {
    const list = listed.get(name);
    return Array.isArray(list)
      ? list.map((peer) => names.indexOf(String(peer))).filter((peer) => peer >= 0)
      : [];
  });
}

/** Distance of a topology from the left and the right edge, in px. */
export const TOPOLOGY_MARGIN = 56;
/** The place of a node without peers. Services are there, if there are any. */
export const CENTER: readonly [number, number] = [0, 0];

/** Returns the positions in a picture of that size. */
export function clusterLayout(
  shape: ClusterShape,
  { width, height }: { readonly width: number; readonly height: number },
): ClusterLayout {
  const { nodes, services, homes } = shape;
  const x = new Float64Array(homes.length);
  const y = new Float64Array(homes.length);
  const centerX = width / 2;
  const centerY = height / 2;
  const marginX = Math.min(150, width * 0.17);
  const radiusY = Math.max(40, height / 2 - 52);
  const places = shape.topology === undefined ? undefined : layers(shape.topology);
  const radiusX = Math.max(
    40,
    places === undefined ? Math.min(width / 2 - marginX, radiusY * 1.9) : width / 2 - TOPOLOGY_MARGIN,
  );
  const spacing = places === undefined
    ? Math.PI * (radiusX + radiusY) / Math.max(1, nodes)
    : Math.min(2 * radiusX / places.columns, 2 * radiusY / places.rows);
  const radius = Math.min(22, Math.max(4, spacing * 0.3));
  for (let node = 0; node < nodes; node++) {
    const angle = -Math.PI / 2 + 2 * Math.PI * node / Math.max(1, nodes);
    const place = nodes === 1 && services === 0 ? CENTER : places?.at[node];
    x[node] = place === undefined ? centerX + radiusX * Math.cos(angle) : centerX + place[0] * radiusX;
    y[node] = place === undefined ? centerY + radiusY * Math.sin(angle) : centerY + place[1] * radiusY;
  }
  for (let service = 0; service < services; service++) {
    x[nodes + service] = centerX + (service - (services - 1) / 2) * 90;
    y[nodes + service] = centerY;
  }
  const layout = { x, y, radius, centerX, centerY, radiusX, radiusY, isRing: places === undefined };
  placeClients(shape, layout);
  return layout;
}

/** Places clients outside of their nodes. */
export function placeClients({ nodes, services, homes }: ClusterShape, layout: ClusterLayout): void {
  const { x, y, radius, centerX, centerY, isRing } = layout;
  const counts = new Int32Array(nodes);
  const places = nodes > CLIENT_PLACES.smallMax ? CLIENT_PLACES.large : CLIENT_PLACES.small;
  for (let client = nodes + services; client < homes.length; client++) {
    const home = Math.max(0, homes[client] ?? 0);
    const place = (counts[home] ?? 0) % places;
    counts[home] = (counts[home] ?? 0) + 1;
    const outward = isRing ? Math.atan2((y[home] ?? 0) - centerY, (x[home] ?? 0) - centerX) : Math.PI / 4;
    const angle = outward + (place === 0 ? 0 : place === 1 ? 0.5 : -0.5);
    x[client] = (x[home] ?? 0) + Math.cos(angle) * (radius + (places === 1 ? 13 : 20));
    y[client] = (y[home] ?? 0) + Math.sin(angle) * (radius + (places === 1 ? 13 : 20));
  }
}

/**
 * Returns places between -1 and 1 in layers of equal distance from the first node. A grid keeps its rows and columns.
 */
export function layers(
  topology: Topology,
): { readonly at: readonly (readonly [number, number])[]; readonly columns: number; readonly rows: number } {
  const side = Math.ceil(Math.sqrt(topology.length));
  const isGrid = topology.length > 3 &&
    topology.every((peers, node) =>
      peers.every((peer) =>
        Math.abs(peer - node) === side ||
        (Math.abs(peer - node) === 1 && Math.floor(peer / side) === Math.floor(node / side))
      )
    );
  const spread = (i: number, count: number) => count < 2 ? 0 : 2 * i / (count - 1) - 1;
  if (isGrid) {
    const rows = Math.ceil(topology.length / side);
    return {
      at: topology.map((_, node) =>
        [spread(node % side, side), spread(Math.floor(node / side), rows)] as const
      ),
      columns: side,
      rows,
    };
  }
  const depth = depths(topology);
  const byDepth: number[][] = [];
  for (const [node, layer] of depth.entries()) (byDepth[layer] ??= []).push(node);
  const columns = Math.max(...byDepth.map((layer) => layer.length));
  return {
    at: topology.map((_, node) => {
      const layer = byDepth[depth[node] ?? 0] ?? [];
      const i = layer.indexOf(node);
      return [
        layer.length < 2 ? 0 : (2 * i + 1) / layer.length - 1,
        spread(depth[node] ?? 0, byDepth.length),
      ] as const;
    }),
    columns,
    rows: byDepth.length,
  };
}

/** Returns the distance of each node from the first node. Nodes without a path are in the first layer. */
export function depths(topology: Topology): number[] {
  const depth = new Array<number>(topology.length).fill(-1);
  const queue = [0];
  depth[0] = 0;
  for (const node of queue) {
    for (const peer of topology[node] ?? []) {
      if ((depth[peer] ?? 0) >= 0) continue;
      depth[peer] = (depth[node] ?? 0) + 1;
      queue.push(peer);
    }
  }
  return depth.map((each) => Math.max(0, each));
}
