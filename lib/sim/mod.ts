/**
 * Simulation: runs any message-passing program in virtual time, under faults, with runs that a seed determines.
 *
 * @module
 */

export type { Cancel } from "../runtime/host.ts";
export type { BlockedLinks, Latency, LinkFaults } from "./network.ts";
export { SeededRandom } from "./random.ts";
export {
  forEachSeed,
  type Receive,
  type SimulatedNode,
  type SimulatedProgram,
  Simulation,
  type SimulationOptions,
  type TracedMessage,
} from "./simulation.ts";
