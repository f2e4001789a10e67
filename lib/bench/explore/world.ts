/**
 * A cluster whose next step is a choice: a message arrives, a timer fires, an operation begins, or a fault happens. Time is that of the last timer, so any message may take any time, and a timer may be late.
 *
 * Tested by `tests/bench/explore/world_test.ts`.
 */

import { type Event, NEMESIS } from "../../checkers/history.ts";
import { isClient } from "../../protocol/message.ts";
import type { Clock, Host } from "../../runtime/host.ts";
import { Runtime } from "../../runtime/node.ts";
import type { NodeFault } from "../../sim/cluster.ts";
import type { Envelope } from "../../sim/envelope.ts";
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
import { BenchError, StartError } from "../errors.ts";
import { ExploredClients } from "./clients.ts";
import { earliest, type Flight, least, type Timer } from "./pending.ts";
import type { Step } from "./search.ts";
import type { StatefulExecution } from "./state_search.ts";
import { messageText, stateText } from "./state_text.ts";
import { isExcluded, numbered, STEP_MS, stepName, threadOf } from "./step_names.ts";
import { WatchedStates } from "./watched_states.ts";
import type { Explored, WorldOptions } from "./world_options.ts";

/** The latency of messages outside the exploration, in ms. */
const LATENCY_MS = 1;
/** The time after the exploration before the final operations, in ms. */
const RECOVERY_MS = 10_000;
/** The maximum number of steps outside the exploration. */
const CALM_STEPS_MAX = 100_000;

/** A draft of the step that is being executed. */
type Draft = { -readonly [K in keyof Step]: Step[K] };

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
  readonly #timers = new Map<string, Timer>();
  readonly #history: Event[] = [];
  readonly #recorder: EventRecorder;
  readonly #faults: NodeFault[] = [];
  readonly #dead = new Set<string>();
  /** The step that made a step possible, for each that one did. */
  readonly #creators = new Map<string, string>();
  readonly #spent = { drops: 0, duplicates: 0, crashes: 0, timeouts: 0 };
  #nowMs = 0;
  #stepCount = 0;
  #nextFlight = 0;
  #created = 0;
  #current: Draft | undefined;
  #process = "";
  #isStuck = false;
  /** True if the current step changed a watched value. */
  #isChanged = false;

  private constructor(options: WorldOptions) {
    this.#options = options;
    const { test, workload, program, storage } = options;
    const random = new SeededRandom(options.seed);
    this.#services = services(random.split("services"));
    this.#traffic = new Traffic(() => this.#timeMs, options.messages);
    const clock: Clock = {
      now: () => this.#nowMs,
      after: (delayMs, fire) => this.#setTimer(delayMs, fire),
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
      send: (node, line) => this.#send(JSON.parse(line) as Envelope, node),
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
    const { bounds: { drops, duplicates }, test: { nodes } } = this.#options;
    const flights = [...this.#flights.values()];
    const faulty = flights.filter(({ message: { src, dest } }) =>
      nodes.includes(dest) && nodes.includes(src)
    );
    return [
      ...flights.map(({ name }) => `deliver ${name}`),
      ...this.#clients.ready.map((thread) =>
        `invoke ${numbered(thread, this.#clients.startedCount(thread))}`
      ),
      ...nodes.flatMap((node) => this.#timersOf(node)),
      ...(this.#spent.crashes < this.#options.bounds.crashes
        ? nodes.map((node) => `crash ${numbered(node, this.#spent.crashes)}`)
        : []),
      ...(this.#spent.drops < drops ? faulty.map(({ name }) => `drop ${name}`) : []),
      ...(this.#spent.duplicates < duplicates
        ? faulty.flatMap(({ name, copies }) => copies === 1 ? [`twice ${name}`] : [])
        : []),
    ];
  }

  creatorOf(id: string): string | undefined {
    return this.#creators.get(id);
  }

  labelOf(id: string): string {
    const [kind, name = ""] = id.split(/ (.*)/);
    const [flight, timer] = [this.#flights.get(name), this.#timers.get(name)];
    if (flight !== undefined) return `${kind} ${messageText(flight.message)}`;
    return timer === undefined ? id : `${kind} ${timer.node} ${timer.atMs - this.#nowMs}`;
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
      timers: [...this.#timers.values()].map(({ node, atMs }) => ({ node, leftMs: atMs - this.#nowMs })),
      history: this.#history,
      spent: this.#spent,
    });
  }

  async execute(id: string): Promise<Step> {
    const [kind = "", name = ""] = id.split(/ (.*)/);
    const before = new Set(this.enabled());
    if (!before.has(id)) throw new BenchError(`the step ${id} is not possible: the nodes are not repeatable`);
    const draft: Draft = {
      id,
      process: "",
      creator: this.#creators.get(id),
      invokes: false,
      completes: false,
      readsTime: false,
      advancesTime: false,
      showsState: false,
      budget: undefined,
      excludes: [],
    };
    this.#current = draft;
    this.#created = 0;
    this.#stepCount++;
    this.#isChanged = false;
    const flight = kind === "deliver" ? this.#flights.get(name) : undefined;
    const [eventCount, timerCount] = [this.#history.length, this.#timers.size];
    this.#perform(kind, name, draft);
    await this.#settle();
    this.#current = undefined;
    const hasEffect = this.#isChanged || this.#created > 0 || this.#history.length > eventCount ||
      this.#timers.size !== timerCount;
    if (this.#options.watchesAll === true && flight !== undefined && !hasEffect) {
      this.#flights.set(name, flight);
      this.#stepCount--;
      return { ...draft, isIdle: true };
    }
    const after = new Set(this.enabled());
    draft.excludes = [...before].filter((each) => each !== id && !after.has(each) && isExcluded(each, name));
    for (const each of after) if (!before.has(each)) this.#creators.set(each, id);
    return draft;
  }

  #perform(kind: string, name: string, draft: Draft): void {
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
        this.#spent.crashes++;
        return this.#crash(draft.process);
    }
    throw new BenchError(`unknown step ${kind} ${name}`);
  }

  async finish(): Promise<Explored> {
    const progress = await this.#checkProgress();
    if (this.#clients.hasFinal) await this.#runFinalOperations();
    this.#cluster.stop();
    await microtasks();
    const invariants = this.#watched.outcome;
    return {
      history: this.#history,
      counts: this.#traffic.counts,
      faults: this.#faults,
      ...(progress === undefined ? {} : { progress }),
      ...(invariants === undefined ? {} : { invariants }),
    };
  }

  /** Waits until the operations in progress have ended. Returns undefined if there are none, or if no bound is set. */
  async #checkProgress(): Promise<Progress | undefined> {
    const { progressWithinS } = this.#options.test;
    if (progressWithinS === undefined || this.#clients.isIdle) return undefined;
    const withinMs = progressWithinS * 1000;
    const beganMs = this.#nowMs;
    this.#links.reset();
    await this.#runCalmly(withinMs, () => this.#clients.isIdle);
    if (this.#clients.isIdle) return { withinMs, afterMs: this.#nowMs - beganMs, stuck: [] };
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
    if (this.#spent.timeouts >= this.#options.bounds.timeouts) return [];
    const own = [...this.#timers.values()].filter((timer) => timer.node === node);
    const next = least(own, ({ atMs }) => atMs);
    return next === undefined ? [] : [`fire ${next.name}`];
  }

  #setTimer(delayMs: number, fire: () => void): () => void {
    const name = this.#name(this.#process);
    const timer = { name, node: this.#process, atMs: this.#nowMs + Math.max(0, delayMs), fire };
    this.#timers.set(name, timer);
    return () => {
      if (this.#timers.get(name) === timer) this.#timers.delete(name);
    };
  }

  /** Returns the name of what the current step creates. */
  #name(place: string): string {
    return stepName(place, { creator: this.#current?.id, index: this.#created++ });
  }

  #fire(name: string, draft: Draft | undefined): void {
    const timer = this.#timers.get(name);
    if (timer === undefined) throw new BenchError(`unknown timer ${name}`);
    this.#timers.delete(name);
    if (draft !== undefined) {
      draft.process = timer.node;
      draft.budget = "timeouts";
      draft.advancesTime = timer.atMs > this.#nowMs;
      this.#spent.timeouts++;
    }
    this.#nowMs = Math.max(this.#nowMs, timer.atMs);
    this.#within(timer.node, timer.fire);
  }

  #arrive(name: string, how: "deliver" | "drop" | "twice", draft: Draft | undefined): void {
    const flight = this.#flights.get(name);
    if (flight === undefined) throw new BenchError(`unknown message ${name}`);
    const { message } = flight;
    if (draft !== undefined) {
      draft.process = message.dest;
    }
    if (how === "twice") {
      this.#spent.duplicates++;
      this.#resolve(flight, "duplicated");
      const copy = `${name}+`;
      this.#flights.set(copy, { ...flight, name: copy, copies: 2 });
    }
    this.#flights.delete(name);
    if (how === "drop") {
      this.#spent.drops++;
      this.#resolve(flight, "lost");
      return;
    }
    this.#within(message.dest, () => this.#deliver(flight));
  }

  #deliver(flight: Flight): void {
    const { id, message } = flight;
    const { dest } = message;
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

  #resolve({ id, message }: Flight, how: "received" | "lost" | "dead" | "duplicated"): void {
    if (how === "received") this.#traffic.received(id, message);
    else if (how === "duplicated") this.#traffic.duplicated(id, message);
    else this.#traffic.dropped(id, message, how);
  }

  #noteFault(found: NodeFault): void {
    if (this.#faults.length < NODE_FAULTS_MAX) this.#faults.push(found);
    this.#dead.add(found.node);
    if (found.kind === "stuck") this.#isStuck = true;
  }

  /** Sends a message. One from or to a client arrives at once, because clients are next to their nodes. */
  #send(message: Envelope, from: string | undefined): void {
    const id = this.#nextFlight++;
    this.#traffic.sent(new Delivery(id, message, false));
    this.#links.sent(message);
    const name = this.#name(`${message.src}>${message.dest}`);
    const flight = { name, id, message, dueMs: this.#nowMs + LATENCY_MS, copies: 1 };
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
    const note = (f: string, value: unknown) => this.#record({ process: NEMESIS, type: "info", f, value });
    note("kill", [node]);
    note("kill", { [node]: "killed" });
    this.#restart(node);
    this.#clients.giveUp(node);
    note("start", "all");
    note("start", { [node]: "started" });
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
    const failed = this.#faults.find((fault) => fault.node === node);
    if (failed !== undefined) throw new StartError(node, `node ${node} ${failed.text}`);
  }

  async #setUp(node: string): Promise<void> {
    const { workload: { setup }, test } = this.#options;
    if (setup === undefined) return;
    this.#within(node, () => this.#clients.once(node, setup(test)));
    await this.#settle(node);
  }

  /** Lets messages arrive and timers fire in the order of time for a while. */
  async #runCalmly(forMs: number, until: () => boolean = () => false): Promise<void> {
    const endMs = this.#nowMs + forMs;
    for (let steps = 0; steps < CALM_STEPS_MAX && !until() && !this.#isStuck; steps++) {
      const next = earliest(this.#flights.values(), this.#timers.values());
      if (next === undefined || next.atMs > endMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#stepCount++;
      if (next.kind === "message") this.#arrive(next.name, "deliver", undefined);
      else this.#fire(next.name, undefined);
      await this.#settle(next.process);
    }
    this.#nowMs = Math.max(this.#nowMs, until() ? this.#nowMs : endMs);
  }

  #record(fields: EventFields): Event {
    const event = this.#recorder.record(fields);
    if (this.#current !== undefined && event.process !== NEMESIS) {
      if (event.type === "invoke") this.#current.invokes = true;
      else this.#current.completes = true;
    }
    return event;
  }

  /** Notes which steps depend on the time. */
  #observed(host: Host): Host {
    const clock: Clock = {
      now: () => {
        if (this.#current !== undefined) this.#current.readsTime = true;
        return host.clock.now();
      },
      after: (delayMs, fire) => {
        if (this.#current !== undefined) this.#current.readsTime = true;
        return host.clock.after(delayMs, fire);
      },
    };
    return { ...host, clock };
  }
}
