/** Events in the order of their times, then of their creation: a binary heap. */

/** A pending event. `fire` is undefined after the event has fired or was canceled. */
export interface QueuedEvent {
  readonly at: number;
  readonly order: number;
  fire: (() => void) | undefined;
}

/** A queue of events. */
export class EventQueue {
  readonly #heap: QueuedEvent[] = [];
  #order = 0;
  #canceled = 0;

  /** The number of pending events, including canceled ones until they are removed. */
  get size(): number {
    return this.#heap.length;
  }

  /** Adds an event. */
  push(at: number, fire: () => void): QueuedEvent {
    const event: QueuedEvent = { at, order: this.#order++, fire };
    this.#insert(event);
    return event;
  }

  /**
   * Cancels an event. Canceled events are removed when they are most of the queue, because nearly every timeout is
   * canceled long before it is due.
   */
  cancel(event: QueuedEvent): void {
    if (event.fire === undefined) return;
    event.fire = undefined;
    if (++this.#canceled > this.#heap.length / 2) this.#removeCanceled();
  }

  #removeCanceled(): void {
    const pending = this.#heap.filter(({ fire }) => fire !== undefined);
    this.#heap.length = 0;
    this.#canceled = 0;
    for (const event of pending) this.#insert(event);
  }

  #insert(event: QueuedEvent): void {
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
  }

  /** The next event that was not canceled, left in the queue. */
  peek(): QueuedEvent | undefined {
    while (this.#heap.length > 0 && this.#heap[0]?.fire === undefined) this.pop();
    return this.#heap[0];
  }

  /** Takes the next event out, canceled or not. */
  pop(): QueuedEvent | undefined {
    const heap = this.#heap;
    const top = heap[0];
    if (top !== undefined && top.fire === undefined) this.#canceled--;
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
