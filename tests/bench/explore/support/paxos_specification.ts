/**
 * Lamport's specification of Paxos in TLA+ (tlaplus/Examples, `PaxosHowToWinATuringAward/Paxos.tla`) as a system to search, with the bounds
 * of the model `MCPaxosTiny`: 3 acceptors, 2 values, and the ballots 0 and 1. Messages are never removed: a node can receive
 * each of them at any time, and more than once.
 */

import { assert } from "@std/assert";
import type { Step } from "../../../../lib/bench/explore/search.ts";
import { draftOf } from "../../../../lib/bench/explore/step_draft.ts";
import type { StatefulExecution } from "../../../../lib/bench/explore/state_search.ts";

const BALLOTS = [0, 1];
const VALUES = ["v1", "v2"];
const QUORUMS = [[0, 1], [0, 2], [1, 2]];
const NONE = -1;

/** A message. */
type Message =
  | { readonly type: "1a"; readonly ballot: number }
  | { readonly type: "1b"; readonly acceptor: number; readonly ballot: number; readonly vote: Vote }
  | { readonly type: "2a"; readonly ballot: number; readonly value: string }
  | { readonly type: "2b"; readonly acceptor: number; readonly ballot: number; readonly value: string };

/** A vote of an acceptor. Its ballot is −1 if there is none. */
interface Vote {
  readonly ballot: number;
  readonly value: string;
}

/** The state of an acceptor: the highest ballot that it has taken part in, and its last vote. */
interface Acceptor {
  ballot: number;
  vote: Vote;
}

/** A step that can happen: it sends a message, and an acceptor can change. */
interface Action {
  readonly id: string;
  /** The acceptor, or the ballot that has a leader. */
  readonly process: string;
  readonly sent: Message;
  readonly change?: () => void;
}

/** One execution of the specification. The outcome is the list of decided values. */
export class PaxosSpecification implements StatefulExecution<readonly string[]> {
  readonly #acceptors: readonly Acceptor[] = [0, 1, 2].map(() => ({
    ballot: NONE,
    vote: { ballot: NONE, value: "" },
  }));
  readonly #messages = new Map<string, Message>();

  enabled(): string[] {
    return this.#actions().map(({ id }) => id);
  }

  creatorOf(): undefined {
    return undefined;
  }

  labelOf(id: string): string {
    return id;
  }

  stateText(): string {
    return JSON.stringify([this.#acceptors, [...this.#messages.keys()].sort()]);
  }

  execute(id: string): Promise<Step> {
    const action = this.#actions().find((each) => each.id === id);
    assert(action !== undefined, `${id} is enabled`);
    action.change?.();
    this.#messages.set(JSON.stringify(action.sent), action.sent);
    return Promise.resolve({ ...draftOf(id, undefined), process: action.process });
  }

  finish(): Promise<readonly string[]> {
    const messages = [...this.#messages.values()];
    const isDecided = (ballot: number, value: string) =>
      QUORUMS.some((quorum) =>
        quorum.every((acceptor) =>
          messages.some((each) =>
            each.type === "2b" && each.acceptor === acceptor && each.ballot === ballot && each.value === value
          )
        )
      );
    return Promise.resolve(
      VALUES.filter((value) => BALLOTS.some((ballot) => isDecided(ballot, value))),
    );
  }

  /** The steps that change the state. */
  #actions(): Action[] {
    const messages = [...this.#messages.values()];
    const steps = [
      ...BALLOTS.map((ballot) => ({
        id: `1a ${ballot}`,
        process: `ballot ${ballot}`,
        sent: { type: "1a", ballot } as const,
      })),
      ...BALLOTS.flatMap((ballot) => this.#proposals(ballot, messages)),
      ...this.#acceptors.flatMap((acceptor, i) => this.#answers(acceptor, i, messages)),
    ];
    return steps.filter(({ sent }) => !this.#messages.has(JSON.stringify(sent)));
  }

  /** Returns the values that the leader of a ballot can propose. */
  #proposals(ballot: number, messages: readonly Message[]): Action[] {
    if (messages.some((each) => each.type === "2a" && each.ballot === ballot)) return [];
    const promises = messages.flatMap((each) => each.type === "1b" && each.ballot === ballot ? [each] : []);
    const isSafe = (value: string) =>
      QUORUMS.some((quorum) => {
        const heard = promises.filter(({ acceptor }) => quorum.includes(acceptor));
        if (!quorum.every((acceptor) => heard.some((each) => each.acceptor === acceptor))) return false;
        const votes = heard.map(({ vote }) => vote).filter((vote) => vote.ballot !== NONE);
        const last = Math.max(...votes.map((vote) => vote.ballot));
        return votes.length === 0 || votes.some((vote) => vote.ballot === last && vote.value === value);
      });
    return VALUES.filter(isSafe).map((value) => ({
      id: `2a ${ballot} ${value}`,
      process: `ballot ${ballot}`,
      sent: { type: "2a", ballot, value },
    }));
  }

  /** Returns the answers of an acceptor to a message. */
  #answers(acceptor: Acceptor, i: number, messages: readonly Message[]): Action[] {
    const process = `acceptor ${i}`;
    return messages.flatMap((message): Action[] => {
      const { type, ballot } = message;
      if (type === "1a" && ballot > acceptor.ballot) {
        const { vote } = acceptor;
        return [{
          id: `1b ${i} ${ballot}`,
          process,
          sent: { type: "1b", acceptor: i, ballot, vote },
          change: () => acceptor.ballot = ballot,
        }];
      }
      if (type !== "2a" || ballot < acceptor.ballot) return [];
      const { value } = message;
      return [{
        id: `2b ${i} ${ballot} ${value}`,
        process,
        sent: { type: "2b", acceptor: i, ballot, value },
        change: () => {
          acceptor.ballot = ballot;
          acceptor.vote = { ballot, value };
        },
      }];
    });
  }
}
