/**
 * A search through every order of the steps of a system, up to the order of independent steps: stateless model checking by
 * re-execution.
 *
 * The reduction is source-DPOR with sleep sets (Abdulla, Aronis, Jonsson and Sagonas, "Optimal Dynamic Partial Order Reduction", POPL
 * 2014): after each execution, every race of two dependent steps adds the opposite order to the search, unless it is there already.
 *
 * Tested by `tests/bench/explore/search_test.ts`.
 */

/** A step that has happened, with its effects on other steps. */
export interface Step {
  /** The same in every execution in which the same steps led to it. */
  readonly id: string;
  /** The process to which the step belongs. Steps of a process depend on each other. */
  readonly process: string;
  /** The step that made this one possible. */
  readonly creator: string | undefined;
  /** True if an operation began. Its order with the end of another operation is visible in the history. */
  readonly invokes: boolean;
  /** True if an operation ended. */
  readonly completes: boolean;
  /** True if the step read the time or started a timer. */
  readonly readsTime: boolean;
  /** True if time passed. */
  readonly advancesTime: boolean;
  /** True if a value changed that an invariant can see. The order of all such changes is visible. */
  readonly showsState: boolean;
  /** True if the step changed nothing, so that its message is still on its way. Only nodes that watch all of their state have such steps. */
  readonly isIdle?: boolean;
  /** The budget of which the step took a part. Steps with the same budget depend on each other. */
  readonly budget: string | undefined;
  /** The link on which a message arrived, if the network can be cut. */
  readonly link?: string | undefined;
  /** The links that were cut or healed. Arrivals on them depend on the step. */
  readonly switches?: readonly string[];
  /** The steps that were possible until this one happened, so that no race will show them. */
  readonly excludes: readonly string[];
}

/** One execution, from the initial state. */
export interface Execution<T> {
  /** The steps that can happen now, the default one first. */
  enabled(): readonly string[];
  execute(id: string): Promise<Step>;
  /** Returns the step that made a step possible, if one did. */
  creatorOf(id: string): string | undefined;
  /** Returns a step with every effect on other steps that it can have; undefined if that is not known before it happens. */
  mostOf?(id: string): Step | undefined;
  /** Ends the execution and returns its outcome. */
  finish(): Promise<T>;
}

/** The part of a search that is left: what continues after a prefix, with the executions so far. */
export interface SearchPart {
  /** The steps with which every execution begins. All other orders of them belong to other parts. */
  readonly prefix: readonly string[];
  /** The steps that must not come first after the prefix, because other parts cover them. */
  readonly sleep: readonly Step[];
  /** The states of the next execution after the prefix; empty for a new part. */
  readonly frames: readonly SavedFrame[];
  /** True if an execution was cut, so that the search does not cover everything. */
  readonly isCut: boolean;
}

/** A state of an execution as data. */
export interface SavedFrame {
  readonly enabled: readonly string[];
  readonly backtrack: readonly string[];
  readonly sleep: readonly Step[];
  /** The steps that were tried from the state. Default: none. */
  readonly tried?: readonly string[];
  readonly chosen: string;
  /** The step that was taken, and those before it; absent for the last state. */
  readonly taken?: { readonly step: Step; readonly before: readonly number[] };
}

/** The part that is the whole search. */
export const WHOLE_SEARCH: SearchPart = { prefix: [], sleep: [], frames: [], isCut: false };

/** The counts of a search. */
export interface SearchCounts {
  /** The number of executions to the end. */
  readonly schedules: number;
  /** The number of executions that were left because every continuation was known. */
  readonly pruned: number;
  /** The number of steps of the longest execution. */
  readonly depth: number;
}

/** The result of a search. */
export interface SearchResult extends SearchCounts {
  /** True if the search has covered everything. */
  readonly exhausted: boolean;
  /** The rest of the search, if it was stopped. */
  readonly rest?: SearchPart;
}

/** The settings of a search. */
export interface SearchOptions<T> {
  /** Begins an execution. */
  readonly begin: () => Promise<Execution<T>>;
  /** Receives the outcome of each execution with its steps. Returns false to end the search. */
  readonly visit: (outcome: T, steps: readonly string[]) => boolean;
  /** Returns true to end the search before it has covered everything. */
  readonly stopped: (counts: SearchCounts) => boolean;
  /** The part to search. Default: all. */
  readonly part?: SearchPart | undefined;
  /** The maximum number of steps of an execution. A longer one is cut, and the search does not cover everything. */
  readonly stepsMax?: number;
  /** False for a search through all orders, to compare with. */
  readonly reduces?: boolean;
}

/** A state of the current execution, and what was tried from it. */
interface Frame {
  readonly enabled: ReadonlySet<string>;
  /** The steps to be tried from here. */
  readonly backtrack: Set<string>;
  /** The steps that were tried, and those that were tried earlier and are independent of all steps since. */
  readonly sleep: Map<string, Step>;
  /** The steps that were tried from here. */
  readonly tried: Map<string, Step>;
  /** The step that the current execution takes from here. */
  chosen: string;
  taken: Taken | undefined;
}

/** A step that was taken, and the indexes of the steps that happened before it. */
interface Taken {
  readonly step: Step;
  readonly before: ReadonlySet<number>;
}

/** Runs a search. */
export async function search<T>(options: SearchOptions<T>): Promise<SearchResult> {
  const { reduces = true, stepsMax = Infinity, part = WHOLE_SEARCH } = options;
  const { prefix } = part;
  const frames = part.frames.map(frameOf);
  const asleep = asleepOf(part.sleep);
  let schedules = 0;
  let pruned = 0;
  let depth = 0;
  let { isCut } = part;
  const counts = () => ({ schedules, pruned, depth });
  for (;;) {
    const execution = await options.begin();
    for (const id of prefix) await execution.execute(id);
    for (const frame of frames.slice(0, -1)) await execution.execute(frame.chosen);
    if (frames.length > 0) await take(frames, execution, reduces);
    const end = await complete(execution, frames, { asleep, reduces, left: stepsMax - prefix.length });
    isCut ||= end === "cut";
    depth = Math.max(depth, prefix.length + frames.length);
    if (end === "blocked") pruned++;
    else {
      schedules++;
      const outcome = await execution.finish();
      if (!options.visit(outcome, [...prefix, ...frames.map(({ chosen }) => chosen)])) {
        return { ...counts(), exhausted: false };
      }
    }
    if (!backTrack(frames)) return { ...counts(), exhausted: !isCut };
    if (options.stopped(counts())) {
      return { ...counts(), exhausted: false, rest: { ...part, frames: frames.map(savedFrame), isCut } };
    }
  }
}

/** Takes default steps that are not asleep until none is left. Returns the reason for the end. */
async function complete<T>(
  execution: Execution<T>,
  frames: Frame[],
  { asleep, reduces, left }: {
    readonly asleep: ReadonlyMap<string, Step>;
    readonly reduces: boolean;
    readonly left: number;
  },
): Promise<"ended" | "cut" | "blocked"> {
  for (;;) {
    const enabled = execution.enabled();
    if (enabled.length === 0) return "ended";
    if (frames.length >= left) return "cut";
    const last = frames.at(-1);
    const sleep = last === undefined ? new Map(asleep) : sleepAfter(last, reduces);
    const next = enabled.find((id) => !sleep.has(id));
    if (next === undefined) return "blocked";
    const backtrack = new Set(reduces ? [next] : enabled);
    frames.push({
      enabled: new Set(enabled),
      backtrack,
      sleep,
      tried: new Map(),
      chosen: next,
      taken: undefined,
    });
    await take(frames, execution, reduces);
  }
}

function asleepOf(steps: readonly Step[]): Map<string, Step> {
  return new Map(steps.map((step) => [step.id, step]));
}

function frameOf({ enabled, backtrack, sleep, tried = [], chosen, taken }: SavedFrame): Frame {
  return {
    enabled: new Set(enabled),
    backtrack: new Set(backtrack),
    sleep: asleepOf(sleep),
    tried: asleepOf(sleep.filter(({ id }) => tried.includes(id))),
    chosen,
    taken: taken && { step: taken.step, before: new Set(taken.before) },
  };
}

function savedFrame({ enabled, backtrack, sleep, tried, chosen, taken }: Frame): SavedFrame {
  return {
    enabled: [...enabled],
    backtrack: [...backtrack],
    sleep: [...sleep.values()],
    tried: [...tried.keys()],
    chosen,
    ...(taken === undefined ? {} : { taken: { step: taken.step, before: [...taken.before] } }),
  };
}

/** Executes the step of the last frame, and adds the opposite orders of its races to the search. */
async function take<T>(frames: readonly Frame[], execution: Execution<T>, reduces: boolean): Promise<void> {
  const frame = frames.at(-1);
  if (frame === undefined) return;
  const step = await execution.execute(frame.chosen);
  const earlier = takenBy(frames.slice(0, -1));
  frame.taken = { step, before: reduces ? predecessorsOf(step, earlier) : new Set() };
  if (!reduces) return;
  for (const id of step.excludes) {
    if (frame.enabled.has(id) && !isCovered(frame, execution.mostOf?.(id))) frame.backtrack.add(id);
  }
  reverseRaces(frames, [...earlier, frame.taken]);
}

/**
 * Returns true if a step that was tried from a frame is independent of another one, and leaves it possible. The orders in which the other
 * step comes first are then orders of the tried one, or races with it, which have added the other step to the search.
 */
function isCovered({ tried }: Frame, most: Step | undefined): boolean {
  return most !== undefined &&
    [...tried.values()].some((step) => !depend(step, most) && !step.excludes.includes(most.id));
}

/** Moves to the next untried step of the last frame that has one. Returns false at the end. */
function backTrack(frames: Frame[]): boolean {
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    if (frame.taken !== undefined) {
      frame.sleep.set(frame.chosen, frame.taken.step);
      frame.tried.set(frame.chosen, frame.taken.step);
    }
    const { sleep } = frame;
    const next = [...frame.backtrack].find((id) => !sleep.has(id));
    if (next !== undefined) {
      frame.chosen = next;
      frame.taken = undefined;
      return true;
    }
    frames.pop();
  }
  return false;
}

/** Returns the sleeping steps after a frame: those that do not depend on its step. */
function sleepAfter({ sleep, taken }: Frame, reduces: boolean): Map<string, Step> {
  const step = taken?.step;
  if (step === undefined || !reduces) return new Map();
  return new Map([...sleep].filter(([, asleep]) => !depend(asleep, step)));
}

/** Returns true if the order of two steps matters, apart from one having made the other possible. */
export function depend(a: Step, b: Step): boolean {
  return a.process === b.process ||
    (a.showsState && b.showsState) ||
    (a.invokes && b.completes) || (a.completes && b.invokes) ||
    (a.advancesTime && (b.readsTime || b.advancesTime)) || (b.advancesTime && a.readsTime) ||
    (a.budget !== undefined && a.budget === b.budget) ||
    switchesLinkOf(a, b) || switchesLinkOf(b, a);
}

/** Returns true if the network was cut or healed where a message arrived. */
function switchesLinkOf({ switches }: Step, { link }: Step): boolean {
  return switches !== undefined && link !== undefined && switches.includes(link);
}

function takenBy(frames: readonly Frame[]): Taken[] {
  return frames.flatMap(({ taken }) => taken === undefined ? [] : [taken]);
}

/** Adds the opposite order of each race of the last step to the search. */
function reverseRaces(frames: readonly Frame[], all: readonly Taken[]): void {
  const last = all.at(-1);
  if (last === undefined) return;
  const { step, before } = last;
  for (const i of before) {
    const other = all[i]?.step;
    const frame = frames[i];
    if (frame === undefined || other === undefined) continue;
    if (step.creator === other.id || !depend(other, step)) continue;
    // A race has no step between the two that orders them.
    if ([...before].some((k) => k !== i && all[k]?.before.has(i))) continue;
    addSource(frame, initials(all, i));
  }
}

/** Adds one of these steps to the backtrack set of a frame, unless the set contains one. Adds all steps if none of them can happen. */
function addSource({ backtrack, enabled }: Frame, possible: readonly string[]): void {
  if (possible.some((id) => backtrack.has(id))) return;
  const added = possible.findLast((id) => enabled.has(id));
  if (added === undefined) { for (const id of enabled) backtrack.add(id); }
  else backtrack.add(added);
}

/** Returns the steps that can come first in an order in which the last step happens before step `from`. */
function initials(all: readonly Taken[], from: number): string[] {
  const at = all.length - 1;
  // The last step happens after `from` only by their race, which is the order to be reversed.
  const kept = all.flatMap(({ before }, k) => k > from && (k === at || !before.has(from)) ? [k] : []);
  return kept.filter((k) => !kept.some((other) => all[k]?.before.has(other)))
    .flatMap((k) => all[k]?.step.id ?? []);
}

/** Returns the indexes of all steps that happened before a step. */
function predecessorsOf(step: Step, earlier: readonly Taken[]): Set<number> {
  const before = new Set<number>();
  for (let k = earlier.length - 1; k >= 0; k--) {
    const other = earlier[k];
    if (other === undefined || before.has(k)) continue;
    if (step.creator !== other.step.id && !depend(other.step, step)) continue;
    before.add(k);
    for (const each of other.before) before.add(each);
  }
  return before;
}
