/** Events in the order of their times, then of their creation: a binary heap. */

/** A pending event. `fire` is undefined after a cancellation. */
export interface QueuedEvent {
  readonly at: number;
  readonly order: number;
  fire: (() => void) | undefined;
}

/** A queue of events. */
export class EventQueue {
  readonly #heap: QueuedEvent[] = [];
  #order = 0;

  /** The number of pending events, including cancelled ones until they are due. */
  get size(): number {
    return this.#heap.length;
  }

  /** Adds an event; cancel it by setting its `fire` to undefined. */
  push(at: number, fire: () => void): QueuedEvent {
    const event: QueuedEvent = { at, order: this.#order++, fire };
    const heap = this.#heap;
    let place = heap.length;
    heap.push(event);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || before(above, event)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = event;
    return event;
  }

  /** The next event that was not cancelled, left in the queue. */
  peek(): QueuedEvent | undefined {
    while (this.#heap.length > 0 && this.#heap[0]?.fire === undefined) this.pop();
    return this.#heap[0];
  }

  /** Takes the next event out, cancelled or not. */
  pop(): QueuedEvent | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      let below = heap[child];
      if (below === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, below)) {
        child++;
        below = right;
      }
      if (before(last, below)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
    return top;
  }
}

function before(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
