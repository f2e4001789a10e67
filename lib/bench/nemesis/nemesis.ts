/** Fault injection: starts and ends faults on a schedule. Tested by `tests/bench/run/virtual_run_test.ts`. */

import type { Clock } from "../../runtime/host.ts";
import type { Envelope } from "../../sim/envelope.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { DropReason, Fault, FaultSource, Switched } from "./fault.ts";
import { type FaultEffect, FaultTally } from "./fault_effects.ts";
import { FaultTarget, type TargetParts, type TestServices } from "./fault_target.ts";
import { definitionOf, type FaultKind, type FaultParameters } from "./faults.ts";
import { type Intervention, Interventions } from "./interventions.ts";

/** The parameters of faults. */
export interface NemesisOptions extends TargetParts {
  readonly faults: readonly FaultKind[];
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly parameters: FaultParameters;
  /** The scripted faults that replace random ones of the kinds in `faults`. */
  readonly schedule?: readonly ScheduledFault[];
  readonly interventions?: readonly Intervention[];
  /** The time since the start of the test at which faults are drawn at random again, in the place of later scheduled ones. */
  readonly redrawMs?: number;
  /** Ends the run because the nodes do not support a fault, for the given reason. */
  readonly endRun?: (text: string) => void;
}

/**
 * The start and end of one fault, in ms since the start of the test; null means until all faults end. `index`
 * distinguishes it from others of its kind.
 */
export interface ScheduledFault {
  readonly kind: FaultKind;
  readonly index: number;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** The callbacks to the test in which the nemesis runs. */
export type NemesisHooks = Pick<TestServices, "record" | "startNode" | "request">;

/** A fault that is switched on. */
interface ActiveFault {
  readonly fault: Fault;
  readonly stopEvent: string;
  /** The index in the schedule. */
  readonly place: number;
}

/** Injects faults. Each kind starts at once, then ends and starts again after one interval on average. */
export class Nemesis {
  readonly #o: NemesisOptions;
  readonly #target: FaultTarget;
  readonly #tally = new FaultTally();
  readonly #interventions: Interventions;
  readonly #sources = new Map<FaultKind, FaultSource>();
  readonly #active = new Map<FaultKind, ActiveFault>();
  readonly #schedule: ScheduledFault[] = [];
  #startedAt = 0;
  #record: NemesisHooks["record"] = () => {};
  #stopped = false;

  constructor(options: NemesisOptions) {
    this.#o = options;
    this.#target = new FaultTarget(options);
    this.#interventions = new Interventions(options.interventions ?? [], {
      target: this.#target,
      record: (f, switched) => this.#report(f, switched),
    });
  }

  /** Starts to inject faults. */
  start(hooks: NemesisHooks): void {
    this.#record = hooks.record;
    const { clock, endRun = () => {} } = this.#o;
    this.#target.services = { ...hooks, endRun, after: (delayMs, act) => void clock.after(delayMs, act) };
    this.#startedAt = this.#o.clock.now();
    this.#interventions.start((timeMs, act) => this.#at(timeMs, () => this.#stopped || act()));
    if (this.#o.schedule === undefined) {
      for (const kind of this.#o.faults) this.#cycle(kind, this.#o.random.split(kind), 0);
      return;
    }
    const { schedule, redrawMs = Infinity } = this.#o;
    for (const { kind, index, fromMs, toMs } of schedule) {
      if (fromMs < redrawMs) this.#at(fromMs, () => this.#switchOn(kind, index));
      if (toMs !== null && toMs < redrawMs) this.#at(toMs, () => this.#switchOff(kind));
    }
    if (redrawMs !== Infinity) this.#o.clock.after(redrawMs, () => this.#redraw(schedule.length));
  }

  /** Continues with random faults, each kind with its next switch after one interval on average. */
  #redraw(index: number): void {
    for (const kind of this.#o.faults) {
      const random = this.#o.random.split(kind);
      this.#o.clock.after(
        random.uniform(0, 2 * this.#o.intervalMs),
        () => this.#cycle(kind, random, index),
      );
    }
  }

  /** Ends every fault permanently. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const kind of [...this.#active.keys()]) this.#switchOff(kind);
    if ((this.#o.interventions ?? []).length > 0) this.#interventions.end();
  }

  /** The time since the start of the test, in ms. */
  get timeMs(): number {
    return this.#o.clock.now() - this.#startedAt;
  }

  /** The faults so far, in order of their start. Faults that ended only because all faults ended have no end. */
  get schedule(): readonly ScheduledFault[] {
    return this.#schedule;
  }

  /** The effects of the faults so far. */
  get effects(): readonly FaultEffect[] {
    return this.#tally.effects.map((effect) => {
      const messages = this.#sources.get(effect.kind)?.affectedCount?.();
      return messages === undefined ? effect : { ...effect, messages };
    });
  }

  /** Counts a message that is sent. */
  sent(message: Envelope): void {
    for (const [kind, source] of this.#sources) {
      if (source.affectsSent?.(message)) this.#tally.affected(kind);
    }
  }

  /** Counts a message that does not arrive. */
  dropped(message: Envelope, why: DropReason): void {
    for (const [kind, source] of this.#sources) {
      if (source.affectsDropped?.(message, why)) this.#tally.affected(kind);
    }
  }

  /** Counts a message whose second copy is delivered. */
  duplicated(): void {
    for (const [kind, source] of this.#sources) {
      if (source.affectsDuplicated?.()) this.#tally.affected(kind);
    }
  }

  #at(timeMs: number, act: () => void): void {
    if (timeMs <= 0) act();
    else this.#o.clock.after(timeMs, act);
  }

  #cycle(kind: FaultKind, random: SeededRandom, index: number): void {
    if (this.#stopped) return;
    const active = this.#active.has(kind);
    if (active) this.#switchOff(kind);
    else this.#switchOn(kind, index);
    const delayMs = random.uniform(0, 2 * this.#o.intervalMs);
    this.#o.clock.after(delayMs, () => this.#cycle(kind, random, active ? index + 1 : index));
  }

  #switchOn(kind: FaultKind, index: number): void {
    const definition = definitionOf(kind);
    if (definition === undefined || this.#stopped || this.#active.has(kind)) return;
    let source = this.#sources.get(kind);
    if (source === undefined) {
      this.#sources.set(kind, source = definition.source(this.#target, this.#o.parameters));
    }
    // The fault depends only on its kind and index, so that omitting one does not change the others.
    const fault = source.draw(this.#o.random.split(kind).split(index));
    const fromMs = this.#o.clock.now() - this.#startedAt;
    this.#active.set(kind, { fault, stopEvent: definition.events.stop, place: this.#schedule.length });
    this.#schedule.push({ kind, index, fromMs, toMs: null });
    this.#tally.began(kind);
    const switched = fault.start();
    for (const node of switched.nodes ?? []) this.#tally.hit(kind, node);
    this.#report(definition.events.start, switched);
  }

  #switchOff(kind: FaultKind): void {
    const active = this.#active.get(kind);
    if (active === undefined) return;
    this.#active.delete(kind);
    const started = this.#schedule[active.place];
    if (started !== undefined && !this.#stopped) {
      this.#schedule[active.place] = { ...started, toMs: this.#o.clock.now() - this.#startedAt };
    }
    this.#report(active.stopEvent, active.fault.stop());
  }

  #report(f: string, { asked, done }: Switched): void {
    this.#record(f, asked);
    this.#record(f, done);
  }
}
