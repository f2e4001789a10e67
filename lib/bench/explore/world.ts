/**
 * A cluster whose next step is a choice: a message arrives, a timer fires, an operation begins, or a fault happens. Time is that of the
 * last timer, so any message may take any time, and a timer may be late.
 *
 * Tested by `tests/bench/explore/world_test.ts`.
 */

import { type Event, NEMESIS } from "../../checkers/history.ts";
import { isClient } from "../../protocol/message.ts";
import type { Clock, Host } from "../../runtime/host.ts";
import { Runtime } from "../../runtime/node.ts";
import type { NodeFault } from "../../sim/cluster.ts";
import { type Envelope, readEnvelope } from "../../sim/envelope.ts";
import { InProcessCluster } from "../../sim/in_process.ts";
import { Delivery } from "../../sim/message_router.ts";
import { SeededRandom } from "../../sim/random.ts";
import { type Service, services } from "../../sim/services.ts";
import { Traffic } from "../run/message_journal.ts";
import type { StateLines } from "../run/state_journal.ts";
import { microtasks } from "../run/virtual_run.ts";
import { type EventFields, EventRecorder } from "../run/event_recorder.ts";
import { LinkCounts, type Progress } from "../run/progress.ts";
import { NODE_FAULTS_MAX } from "../run/run_observations.ts";
import { RECOVERY_MS } from "../run/test_run.ts";
import { BenchError, StartError, withoutOwnFrames } from "../errors.ts";
import { ExploredClients } from "./clients.ts";
import { ExploredFaults, NETWORK } from "./faults.ts";
import { earliest, type Flight } from "./pending.ts";
import type { Step } from "./search.ts";
import { draftOf, observedHost, type StepDraft } from "./step_draft.ts";
import type { StatefulExecution } from "./state_search.ts";
import { messageText, stateText } from "./state_text.ts";
import { healedBy, isExcluded, numbered, STEP_MS, stepName, threadOf } from "./step_names.ts";
import { ExploredTimers } from "./timers.ts";
import { WatchedStates } from "./watched_states.ts";
import type { Explored, WorldOptions } from "./world_options.ts";

/** The latency of messages outside the exploration, in ms. */
const LATENCY_MS = 1;
/** The maximum number of steps outside the exploration. */
const CALM_STEPS_MAX = 100_000;

/** One execution of a cluster. */
export class World implements StatefulExecution<Explored> {
  readonly #options: WorldOptions;
  readonly #cluster: InProcessCluster;
  readonly #states: StateLines | undefined;
  readonly #watched: WatchedStates;
  /** The messages of each link since the last step. */
  readonly #links = new LinkCounts();
  readonly #traffic: Traffic;
  readonly #services: ReadonlyMap<string, Service>;
  readonly #clients: ExploredClients;
  readonly #flights = new Map<string, Flight>();
  readonly #timers: ExploredTimers;
  readonly #history: Event[] = [];
  readonly #recorder: EventRecorder;
  readonly #nodeFaults: NodeFault[] = [];
  readonly #faults: ExploredFaults;
  readonly #dead = new Set<string>();
  /** The step that made a step possible, for each that one did. */
  readonly #creators = new Map<string, string>();
  #stepCount = 0;
  #nextFlight = 0;
  #created = 0;
  #current: StepDraft | undefined;
  #process = "";
  #isStuck = false;
  /** True if the current step changed a watched value. */
  #isChanged = false;

  private constructor(options: WorldOptions) {
    this.#options = options;
    const { test, workload, program, storage } = options;
    const random = new SeededRandom(options.seed);
    this.#faults = new ExploredFaults(options.bounds, test.nodes);
    this.#timers = new ExploredTimers({ nodes: test.nodes, drift: options.clockDrift ?? 0 });
    this.#services = services(random.split("services"));
    this.#traffic = new Traffic(() => this.#timeMs, options.messages);
    const clock: Clock = {
      now: () => this.#timers.read(this.#process),
      after: (delayMs, fire) =>
        this.#timers.start({ name: this.#name(this.#process), node: this.#process, delayMs, fire }),
    };
    this.#recorder = new EventRecorder({
      clock: { ...clock, now: () => this.#timeMs },
      workload,
      record: (event) => this.#history.push(event),
    });
    const states = this.#states = options.states?.(() => this.#timeMs);
    this.#watched = new WatchedStates({
      invariants: test.invariants,
      keepsValues: options.watchesAll === true,
      now: () => this.#timeMs,
      next: states,
      enter: options.entered,
      changed: () => {
        this.#isChanged = true;
        if (test.invariants !== undefined && this.#current !== undefined) this.#current.showsState = true;
      },
    });
    const isLocal = typeof program === "function";
    const fault = (found: NodeFault) => this.#noteFault(found);
    this.#cluster = new InProcessCluster({
      clock,
      random: random.split("nodes"),
      run: (host, node) =>
        isLocal
          ? new Runtime(this.#observed(host), program)
          : program.start(this.#observed(host), (text) => fault({ node, kind: "stuck", text })),
      send: (node, line) => {
        const read = readEnvelope(line);
        if (read.kind === "accepted") this.#send(read.envelope, node);
        else fault({ node, kind: "stray", text: `wrote a line that Maelstrom refuses: ${read.problem}` });
      },
      ...(isLocal ? { sendMessage: (node: string, message: Envelope) => this.#send(message, node) } : {}),
      log: (node, text) => {
        options.log?.(node, text, this.#timeMs);
        states?.logged(node, text);
      },
      states: this.#watched.journal,
      fault,
      storage,
      ...(options.working === undefined ? {} : { working: options.working }),
    });
    this.#clients = new ExploredClients({
      test,
      workload,
      random: random.split("test"),
      operationCount: options.operationCount,
      send: (message) => this.#send(message, undefined),
      record: (event) => this.#record(event),
    });
  }

  /** Starts a cluster, and lets it run without choices until it has settled. */
  static async begin(options: WorldOptions): Promise<World> {
    const world = new World(options);
    for (const node of options.test.nodes) await world.#startNode(node);
    for (const node of options.test.nodes) await world.#setUp(node);
    await world.#runCalmly(options.settleMs);
    world.#recorder.start();
    options.messages?.began?.(world.#timeMs);
    world.#states?.began();
    world.#watched.began();
    world.#clients.open();
    return world;
  }

  enabled(): string[] {
    if (this.#isStuck) return [];
    const flights = [...this.#flights.values()];
    return [
      ...flights.map(({ name }) => `deliver ${name}`),
      ...this.#clients.ready.map((thread) =>
        `invoke ${numbered(thread, this.#clients.startedCount(thread))}`
      ),
      ...this.#options.test.nodes.flatMap((node) => this.#timersOf(node)),
      ...this.#faults.enabled(flights),
    ];
  }

  creatorOf(id: string): string | undefined {
    return this.#creators.get(id);
  }

  mostOf(id: string): Step | undefined {
    const step = this.#faults.mostOf(id);
    return step && { ...step, showsState: this.#options.test.invariants !== undefined };
  }

  labelOf(id: string): string {
    const [kind, name = ""] = id.split(/ (.*)/);
    const [flight, timer] = [this.#flights.get(name), this.#timers.get(name)];
    if (flight !== undefined) return `${kind} ${messageText(flight.message)}`;
    return timer === undefined ? id : `${kind} ${timer.node} ${this.#timers.leftText(timer)}`;
  }

  stateText(): string {
    const silent = this.#options.test.nodes.find((node) => !this.#watched.values.has(node));
    if (silent !== undefined) {
      throw new BenchError(
        `the state of ${silent} is unknown: it watches no value. Call node.watch in the node`,
      );
    }
    return stateText({
      nodes: this.#watched.values,
      messages: this.#flights.values(),
      timers: [...this.#timers.all].map((timer) => ({
        node: timer.node,
        left: this.#timers.leftText(timer),
      })),
      history: this.#history,
      spent: this.#faults.spent,
      cut: this.#faults.cutText,
    });
  }

  async execute(id: string): Promise<Step> {
    const [kind = "", name = ""] = id.split(/ (.*)/);
    const before = new Set(this.enabled());
    if (!before.has(id)) throw new BenchError(`the step ${id} is not possible: the nodes are not repeatable`);
    const draft = draftOf(id, this.#creators.get(id));
    this.#current = draft;
    this.#created = 0;
    this.#stepCount++;
    this.#isChanged = false;
    const flight = kind === "deliver" ? this.#flights.get(name) : undefined;
    const [eventCount, timerCount] = [this.#history.length, this.#timers.count];
    this.#perform(kind, name, draft);
    await this.#settle();
    this.#current = undefined;
    const hasEffect = this.#isChanged || this.#created > 0 || this.#history.length > eventCount ||
      this.#timers.count !== timerCount;
    if (this.#options.watchesAll === true && flight !== undefined && !hasEffect) {
      this.#flights.set(name, flight);
      this.#stepCount--;
      return { ...draft, isIdle: true };
    }
    const after = new Set(this.enabled());
    draft.excludes = [...before].filter((each) => each !== id && !after.has(each) && isExcluded(each, name));
    for (const each of after) if (!before.has(each)) this.#creators.set(each, healedBy(each) ?? id);
    return draft;
  }

  #perform(kind: string, name: string, draft: StepDraft): void {
    switch (kind) {
      case "deliver":
      case "drop":
      case "twice":
        return this.#arrive(name, kind, draft);
      case "fire":
        return this.#fire(name, draft);
      case "invoke":
        draft.process = this.#clients.nodeOf(threadOf(name));
        return this.#within(draft.process, this.#clients.begin(threadOf(name)));
      case "crash":
        [draft.process = ""] = name.split("/");
        draft.budget = "crashes";
        draft.readsTime = true; // the clock of a restarted node counts from this moment
        this.#faults.spent.crashes++;
        return this.#crash(draft.process);
      case "cut":
        return this.#cut(name, draft);
      case "heal":
        return this.#heal(draft);
    }
    throw new BenchError(`unknown step ${kind} ${name}`);
  }

  async finish(): Promise<Explored> {
    if (this.#faults.hasCut) this.#heal(undefined);
    const progress = await this.#checkProgress();
    if (this.#clients.hasFinal) await this.#runFinalOperations();
    this.#cluster.stop();
    await microtasks();
    const invariants = this.#watched.outcome;
    return {
      history: this.#history,
      counts: this.#traffic.counts,
      faults: this.#nodeFaults,
      ...(progress === undefined ? {} : { progress }),
      ...(invariants === undefined ? {} : { invariants }),
    };
  }

  /** Waits until the operations in progress have ended. Returns undefined if there are none, or if no bound is set. */
  async #checkProgress(): Promise<Progress | undefined> {
    const { progressWithinS } = this.#options.test;
    if (progressWithinS === undefined || this.#clients.isIdle) return undefined;
    const withinMs = progressWithinS * 1000;
    const beganMs = this.#timers.nowMs;
    this.#links.start();
    await this.#runCalmly(withinMs, () => this.#clients.isIdle);
    if (this.#clients.isIdle) return { withinMs, afterMs: this.#timers.nowMs - beganMs, stuck: [] };
    const stuck = this.#clients.waitingFor.map((node) => {
      const state = this.#cluster.stateOf(node);
      return { node, ...(state === undefined ? {} : { state }), links: this.#links.of(node) };
    });
    return { withinMs, stuck };
  }

  async #runFinalOperations(): Promise<void> {
    await this.#runCalmly(RECOVERY_MS);
    this.#stepCount++; // the final operations come after the last step also where nothing happens between them
    for (
      let more = this.#clients.beginFinal();
      more && !this.#isStuck;
      more = this.#clients.continueFinal()
    ) {
      // All begin before the first one ends, because an order of theirs would decide which nodes may miss a value.
      const requests = this.#clients.ready.map((thread) =>
        [this.#clients.nodeOf(thread), this.#clients.begin(thread)] as const
      );
      for (const [node, request] of requests) {
        this.#within(node, request);
        await this.#settle(node);
      }
      await this.#runCalmly(RECOVERY_MS, () => this.#clients.isIdle);
    }
  }

  /** The time of the next step in the history, in ms. */
  get nextMs(): number {
    return this.#recorder.timeMs + STEP_MS;
  }

  get #timeMs(): number {
    return this.#stepCount * STEP_MS;
  }

  /** Returns the step in which a node's next timer fires, if it may. A later timer would fire the earlier ones first. */
  #timersOf(node: string): string[] {
    if (!this.#faults.has("timeouts")) return [];
    const next = this.#timers.nextOf(node);
    return next === undefined ? [] : [`fire ${next.name}`];
  }

  /** Returns the name of what the current step creates. */
  #name(place: string): string {
    return stepName(place, { creator: this.#current?.id, index: this.#created++ });
  }

  #fire(name: string, draft: StepDraft | undefined): void {
    const { timer, advancesTime } = this.#timers.take(name);
    if (draft !== undefined) {
      draft.process = timer.node;
      draft.budget = "timeouts";
      draft.advancesTime = advancesTime;
      this.#faults.spent.timeouts++;
    }
    this.#within(timer.node, timer.fire);
  }

  #arrive(name: string, how: "deliver" | "drop" | "twice", draft: StepDraft | undefined): void {
    const flight = this.#flights.get(name);
    if (flight === undefined) throw new BenchError(`unknown message ${name}`);
    const { message } = flight;
    if (draft !== undefined) {
      draft.process = message.dest;
      draft.link = how === "drop" ? undefined : this.#faults.linkOf(flight);
    }
    if (how === "twice") {
      this.#faults.spent.duplicates++;
      this.#resolve(flight, "duplicated");
      const copy = `${name}+`;
      this.#flights.set(copy, { ...flight, name: copy, copies: 2 });
    }
    this.#flights.delete(name);
    if (how === "drop") {
      this.#faults.spent.drops++;
      this.#resolve(flight, "lost");
      return;
    }
    this.#within(message.dest, () => this.#deliver(flight));
  }

  #deliver(flight: Flight): void {
    const { id, message } = flight;
    const { dest } = message;
    if (this.#faults.loses(flight)) {
      this.#isChanged = true; // the loss itself, because the message cannot arrive any more
      return this.#resolve(flight, "cut");
    }
    const service = this.#services.get(dest);
    if (service !== undefined) {
      this.#resolve(flight, "received");
      const { src, body } = message;
      const reply = service(src, body);
      if (reply === undefined) return;
      this.#send({ src: dest, dest: src, body: { ...reply, in_reply_to: body["msg_id"] ?? null } }, dest);
      return;
    }
    const arrived = !this.#dead.has(dest) && this.#cluster.deliver(dest, new Delivery(id, message, true));
    this.#resolve(flight, arrived ? "received" : "dead");
  }

  #resolve({ id, message }: Flight, how: "received" | "lost" | "cut" | "dead" | "duplicated"): void {
    if (how === "received") this.#traffic.received(id, message);
    else if (how === "duplicated") this.#traffic.duplicated(id, message);
    else this.#traffic.dropped(id, message, how);
  }

  #noteFault(found: NodeFault): void {
    if (this.#nodeFaults.length < NODE_FAULTS_MAX) this.#nodeFaults.push(found);
    this.#dead.add(found.node);
    if (found.kind === "stuck") this.#isStuck = true;
  }

  /** Sends a message. One from or to a client arrives at once, because clients are next to their nodes. */
  #send(message: Envelope, from: string | undefined): void {
    const id = this.#nextFlight++;
    this.#traffic.sent(new Delivery(id, message, false));
    this.#links.sent(message);
    const name = this.#name(`${message.src}>${message.dest}`);
    const flight = { name, id, message, dueMs: this.#timers.nowMs + LATENCY_MS, copies: 1 };
    if (isClient(message.dest)) {
      this.#resolve(flight, "received");
      this.#clients.receive(message);
    } else if (from === undefined) this.#deliver(flight);
    else this.#flights.set(name, flight);
  }

  /** Runs work in the name of a process. */
  #within(process: string, work: () => void): void {
    const before = this.#process;
    this.#process = process;
    work();
    this.#process = before;
  }

  /** Ends the turns that wait for promises. They belong to the process of the step. */
  async #settle(process: string = this.#current?.process ?? ""): Promise<void> {
    while (this.#cluster.hasPendingTurns) {
      this.#process = process;
      await microtasks();
      this.#cluster.settle();
    }
    this.#process = "";
  }

  #crash(node: string): void {
    this.#note("kill", [node], { [node]: "killed" });
    this.#restart(node);
    this.#clients.giveUp(node);
    this.#note("start", "all", { [node]: "started" });
  }

  #cut(place: string, draft: StepDraft): void {
    draft.process = NETWORK;
    draft.switches = this.#faults.cut(place);
    const rows = [...this.#faults.blocked].map(([node, from]) => [node, [...from]]);
    this.#note("start-partition", place, ["isolated", Object.fromEntries(rows)]);
  }

  #heal(draft: StepDraft | undefined): void {
    const links = this.#faults.heal();
    if (draft !== undefined) {
      draft.process = NETWORK;
      draft.switches = links;
    }
    this.#note("stop-partition", null, "network-healed");
  }

  /** Records a fault: when it is requested, and when it is done. */
  #note(f: string, asked: unknown, done: unknown): void {
    for (const value of [asked, done]) this.#record({ process: NEMESIS, type: "info", f, value });
  }

  #restart(node: string): void {
    this.#within(node, () => {
      this.#dead.delete(node);
      this.#cluster.start(node);
      this.#clients.introduce(node);
    });
  }

  async #startNode(node: string): Promise<void> {
    this.#restart(node);
    await this.#settle(node);
    const failed = this.#nodeFaults.find((fault) => fault.node === node);
    if (failed !== undefined) throw new StartError(node, `node ${node} ${withoutOwnFrames(failed.text)}`);
  }

  async #setUp(node: string): Promise<void> {
    const { workload: { setup }, test } = this.#options;
    if (setup === undefined) return;
    this.#within(node, () => this.#clients.once(node, setup(test)));
    await this.#settle(node);
  }

  /** Lets messages arrive and timers fire in the order of time for a while. */
  async #runCalmly(forMs: number, until: () => boolean = () => false): Promise<void> {
    const endMs = this.#timers.nowMs + forMs;
    for (let steps = 0; steps < CALM_STEPS_MAX && !until() && !this.#isStuck; steps++) {
      const next = earliest(this.#flights.values(), this.#timers.due);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.pass(next.atMs);
      this.#stepCount++;
      if (next.kind === "message") this.#arrive(next.name, "deliver", undefined);
      else this.#fire(next.name, undefined);
      await this.#settle(next.process);
    }
    if (!until()) this.#timers.pass(endMs);
  }

  #record(fields: EventFields): Event {
    const event = this.#recorder.record(fields);
    if (this.#current !== undefined && event.process !== NEMESIS) {
      if (event.type === "invoke") this.#current.invokes = true;
      else this.#current.completes = true;
    }
    return event;
  }

  #observed(host: Host): Host {
    return observedHost(host, () => this.#current);
  }
}
