/** The selected, marked and followed items in the diagrams. Tested by `tests/bench/report/browser_test.ts`. */

import type { OpeningView } from "../data/report_data.ts";

/** The selection. Notifies its subscribers of changes. */
export class Selection {
  /** The selected operation, or -1. */
  operation = -1;
  /** The selected message, or -1. */
  message = -1;
  /** The marked operations: those of a finding, or the selected one. */
  operations: ReadonlySet<number> = new Set();
  /** The marked messages: those of a sentence or of a finding. */
  messages: readonly number[] = [];
  /** The followed messages. All other messages are dimmed. */
  followed: ReadonlySet<number> = new Set();
  /** The followed messages in the order of sending. */
  path: readonly number[] = [];
  /** The messages that are causally related to the selection, in the order of sending. */
  related: readonly number[] = [];
  #relatedRows: ReadonlySet<number> = new Set();
  /** The selected node, service or client, or -1. */
  actor = -1;
  readonly #listeners: (() => void)[] = [];

  /** The emphasized messages: the followed ones, or else the related ones. All others are dimmed, if there are any. */
  get emphasized(): ReadonlySet<number> {
    return this.followed.size > 0 ? this.followed : this.#relatedRows;
  }

  /** The emphasized messages in the order of sending. */
  get emphasizedPath(): readonly number[] {
    return this.followed.size > 0 ? this.path : this.related;
  }

  /** Sets the related messages, without a notification: the caller handles a change of the selection. */
  relate(rows: Iterable<number>): void {
    this.related = [...rows].sort((a, b) => a - b);
    this.#relatedRows = new Set(this.related);
  }

  /** Calls `changed` after every change. */
  onChange(changed: () => void): void {
    this.#listeners.push(changed);
  }

  chooseOperation(row: number): void {
    this.operation = row;
    this.message = -1;
    this.messages = [];
    this.operations = new Set([row]);
    this.changed();
  }

  chooseMessage(row: number): void {
    this.message = row;
    this.messages = [];
    this.operation = -1;
    this.changed();
  }

  mark({ operations, messages }: Pick<OpeningView, "operations" | "messages">): void {
    this.operations = new Set(operations);
    this.messages = messages;
    this.operation = this.message = -1;
    this.changed();
  }

  follow(rows: Iterable<number>): void {
    this.path = [...rows].sort((a, b) => a - b);
    this.followed = new Set(this.path);
    this.changed();
  }

  chooseActor(actor: number): void {
    this.actor = actor;
    this.changed();
  }

  clear(): void {
    this.operation = this.message = this.actor = -1;
    this.operations = new Set();
    this.messages = [];
    this.followed = new Set();
    this.path = [];
    this.changed();
  }

  /** Notifies the subscribers. */
  changed(): void {
    for (const changed of this.#listeners) changed();
  }
}
