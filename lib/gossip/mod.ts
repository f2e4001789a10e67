/** Dissemination: state that is to be the same everywhere, with few messages and little waiting. */

export { type Dissemination, Gossip, type GossipOptions } from "./gossip.ts";
export type { GossipMessage, Outgoing } from "./message.ts";
export type { Delta, Replica, Vector } from "./replica.ts";
