/**
 * One run of one engine on one network, in virtual time: five nodes, their clients, and at most one fault.
 *
 * Tested by `tests/bench/tradeoff/consensus/run_test.ts`.
 */

import { mergeValidity, type Validity } from "../../../checkers/result.ts";
import { init } from "../../../protocol/init.ts";
import { isClient } from "../../../protocol/message.ts";
import { Runtime } from "../../../runtime/node.ts";
import type { NodeFault } from "../../../sim/cluster.ts";
import { InProcessCluster } from "../../../sim/in_process.ts";
import { MessageRouter } from "../../../sim/message_router.ts";
import { Network } from "../../../sim/network.ts";
import { SeededRandom } from "../../../sim/random.ts";
import { stopsReading } from "../../../sim/remarks.ts";
import { VirtualClock } from "../../../sim/virtual_clock.ts";
import { BenchError } from "../../errors.ts";
import { microtasks } from "../../run/virtual_run.ts";
import type { NodeProgram } from "../../cluster/program.ts";
import { engineOf } from "./engines.ts";
import { CLIENT_TIMEOUT_MS, Load, type MeasuredOperation } from "./load.ts";
import { networkOf, NODE_IDS } from "./networks.ts";
import type { ConsensusConditions, ConsensusSetup } from "./setups.ts";

/** The time after the start, and after an election, without load: at least this, in ms, and {@linkcode SETTLING_HOPS} hops. */
const SETTLING_MS_MIN = 2000;
const SETTLING_HOPS = 20;
/** The maximum number of elections before a run, to make the first node the leader. */
const ELECTIONS_MAX = 5;
/** The time with load before the measurement: at least this, in ms, and the same number of hops. For estimates of round trips. */
const WARM_UP_MS_MIN = 4000;
/** The factor of that time with a slow node, because operations take longer there. */
export const SLOW_WARM_UPS = 2;
/** The time of a death, as a fraction of the measured time. */
export const DEATH_AT = 0.25;
/** The slowdown of all links of a slow node. */
export const SLOWDOWN = 5;

/** The record of a run. */
export interface ConsensusRun {
  readonly operations: readonly MeasuredOperation[];
  /** The beginning of the measured time, in ms. */
  readonly fromMs: number;
  /** The end of the measured time, in ms. */
  readonly toMs: number;
  /** The number of messages between nodes in the measured time. */
  readonly serverMessages: number;
  /** The position of the leader before the fault; undefined if the engine has none. */
  readonly leader: number | undefined;
  /** The position of the node that is dead from the beginning or dies; undefined without one. */
  readonly dead: number | undefined;
  readonly valid: Validity;
}

/** Returns the time with load before the measurement, in ms. */
export function warmUpMs({ latencyMs }: Pick<ConsensusConditions, "latencyMs">): number {
  return Math.max(WARM_UP_MS_MIN, SETTLING_HOPS * latencyMs);
}

/** Runs a set-up with a seed. */
export async function runConsensus(
  setup: ConsensusSetup,
  conditions: ConsensusConditions,
  seed: number,
): Promise<ConsensusRun> {
  const program = await engineOf(setup.engine).program();
  return await new MeasuredCluster(setup, { conditions, seed, program }).run();
}

/** A cluster with its clients. */
class MeasuredCluster {
  readonly #setup: ConsensusSetup;
  readonly #conditions: ConsensusConditions;
  readonly #clock = new VirtualClock();
  readonly #network: Network;
  readonly #router: MessageRouter;
  readonly #cluster: InProcessCluster;
  readonly #load: Load;
  #serverMessages = 0;
  /** The errors of nodes that no correct node makes. */
  readonly #nodeFaults: string[] = [];
  #dead: string | undefined;

  constructor(
    setup: ConsensusSetup,
    { conditions, seed, program }: {
      readonly conditions: ConsensusConditions;
      readonly seed: number;
      readonly program: NodeProgram;
    },
  ) {
    const random = new SeededRandom(seed);
    const { workload } = engineOf(setup.engine);
    this.#setup = setup;
    this.#conditions = conditions;
    this.#network = new Network(
      networkOf(setup.network, conditions.latencyMs).latency,
      random.split("network"),
    );
    this.#router = new MessageRouter({
      clock: this.#clock,
      network: this.#network,
      journal: {
        sent: ({ message }) => {
          if (!isClient(message.src) && !isClient(message.dest)) this.#serverMessages++;
        },
        received: () => {},
        dropped: () => {},
        duplicated: () => {},
      },
      observe: ({ kind, node, problem }) => {
        if (stopsReading(kind)) this.#nodeFaults.push(`${node}: ${problem}`);
      },
      deliverSynchronously: false,
      form: "objects",
      lateReplies: "drop",
    });
    this.#cluster = new InProcessCluster({
      clock: this.#clock,
      random: random.split("nodes"),
      run: (host) => new Runtime(host, program),
      send: (node, line) => this.#router.sendLine(node, line),
      sendMessage: (node, message) => this.#router.sendMessage(node, message),
      log: () => {},
      fault: ({ node, text }: NodeFault) => void this.#nodeFaults.push(`${node} ${text}`),
      isWatched: true,
      storage: false,
    });
    this.#load = new Load({
      rate: setup.rate,
      conflictShare: setup.conflictPercent / 100,
      readShare: conditions.readPercent / 100,
    }, {
      clock: this.#clock,
      random: random.split("load"),
      workload,
      nodes: NODE_IDS,
      attach: (client, receive) => this.#router.attach(client, receive),
      send: (message) => this.#router.send(message),
    });
  }

  async run(): Promise<ConsensusRun> {
    await this.#startNodes();
    const leader = this.#leader;
    if (this.#setup.scenario === "dead") this.#kill(NODE_IDS.at(-1) ?? "");
    if (this.#setup.scenario === "slow") this.#slow(NODE_IDS.at(-1) ?? "");
    if (this.#setup.scenario === "slow-leader") this.#slow(leader ?? NODE_IDS[0] ?? "");
    this.#load.start();
    const isSlow = this.#setup.scenario === "slow" || this.#setup.scenario === "slow-leader";
    await this.#pass(warmUpMs(this.#conditions) * (isSlow ? SLOW_WARM_UPS : 1));
    const fromMs = this.#clock.now();
    this.#serverMessages = 0;
    const measuredMs = this.#conditions.timeLimitS * 1000;
    await this.#pass(measuredMs * DEATH_AT);
    if (this.#setup.scenario === "leader-dies") this.#kill(this.#leader ?? NODE_IDS[0] ?? "");
    await this.#pass(measuredMs * (1 - DEATH_AT));
    const toMs = this.#clock.now();
    const serverMessages = this.#serverMessages;
    this.#load.end();
    while (!this.#load.isIdle) await this.#pass(CLIENT_TIMEOUT_MS / 10);
    this.#cluster.stop();
    await microtasks(); // effects of the nodes' end must stay in this run
    return {
      operations: this.#load.operations,
      fromMs,
      toMs,
      serverMessages,
      leader: leader === undefined ? undefined : NODE_IDS.indexOf(leader),
      dead: this.#dead === undefined ? undefined : NODE_IDS.indexOf(this.#dead),
      valid: this.#judge(),
    };
  }

  #judge(): Validity {
    const { workload } = engineOf(this.#setup.engine);
    return mergeValidity([this.#nodeFaults.length === 0, workload.judge(this.#load.history)]);
  }

  async #startNodes(): Promise<void> {
    for (const node of NODE_IDS) {
      this.#router.attach(node, (delivery) => this.#cluster.deliver(node, delivery));
    }
    for (const node of NODE_IDS) this.#start(node);
    await this.#settle();
    await this.#electFirst();
    const [fault] = this.#nodeFaults;
    if (fault !== undefined) throw new BenchError(`a node failed at its start: ${fault}`);
  }

  /** Passes enough time for an election. */
  #settle(): Promise<void> {
    return this.#pass(Math.max(SETTLING_MS_MIN, SETTLING_HOPS * this.#conditions.latencyMs));
  }

  /** Makes the first node the leader, if the engine has one, so that all seeds measure the same places. */
  async #electFirst(): Promise<void> {
    const [first = ""] = NODE_IDS;
    const hasLeader = this.#cluster.watchedOf(first, "role") !== undefined;
    for (let tries = 0; hasLeader && this.#leader !== first; tries++) {
      if (tries === ELECTIONS_MAX) {
        throw new BenchError(
          `${first} did not become leader in ${ELECTIONS_MAX} elections: choose other --seeds`,
        );
      }
      const leader = this.#leader;
      const isLinked = (from: string, to: string) =>
        from !== leader && to !== leader && (from === first || to === first);
      const blocked = (to: string) => new Set(NODE_IDS.filter((from) => from !== to && !isLinked(from, to)));
      this.#network.partition(new Map(NODE_IDS.map((node) => [node, blocked(node)])));
      await this.#settle();
      this.#network.partition(new Map());
      await this.#settle();
    }
  }

  #start(node: string): void {
    this.#cluster.start(node);
    const client = `c-init-${node}`;
    this.#router.attach(client, () => true);
    const body = { type: init.type, msg_id: 1, node_id: node, node_ids: NODE_IDS };
    this.#router.send({ src: client, dest: node, body });
  }

  /** The node that leads the others; undefined if the engine has no leader. */
  get #leader(): string | undefined {
    return NODE_IDS.filter((node) => this.#cluster.watchedOf(node, "role") === "leader")
      .sort((a, b) => this.#termOf(b) - this.#termOf(a))[0];
  }

  #termOf(node: string): number {
    return Number(this.#cluster.watchedOf(node, "term") ?? 0);
  }

  /** Kills a node. Its client goes with it. */
  #kill(node: string): void {
    this.#cluster.kill(node);
    this.#load.endClient(node);
    this.#dead = node;
  }

  #slow(node: string): void {
    this.#network.slow(new Map([[node, SLOWDOWN]]));
  }

  /** Runs the cluster for some virtual time. */
  async #pass(durationMs: number): Promise<void> {
    let isOver = false;
    this.#clock.after(durationMs, () => isOver = true);
    while (!isOver) {
      this.#clock.step();
      while (this.#cluster.hasPendingTurns) {
        await microtasks();
        this.#cluster.settle();
      }
    }
  }
}
