/** Gossip: keeps a replicated state the same on all nodes, with few messages and a bounded latency. See README.md. */

export { type Dissemination, Gossip, type GossipOptions } from "./gossip.ts";
export type { GossipMessage, Outgoing } from "./message.ts";
export type { Delta, Replica, Vector } from "./replica.ts";
