/** Transcripts of Accord. Their timestamps are shown as ms and the node that issued them. */

import { ACCORD_FORMS } from "../../../../lib/consensus/accord/messages.ts";
import { AccordReplica } from "../../../../lib/consensus/accord/replica.ts";
import type {
  AccordBatch,
  AccordMessage,
  Dependencies,
  Part,
  Timestamp,
  TransactionRecord,
} from "../../../../lib/consensus/accord/types.ts";
import { RecordStorage } from "../../../../lib/consensus/leaderless/record_storage.ts";
import {
  configOf,
  keysOf,
  showCommands,
  type Start,
  type Started,
  storedBy,
  TranscriptCluster,
  type TranscriptEngine,
} from "../../leaderless/support/transcript.ts";

const TICKS_PER_MS = 16;

class Accord implements TranscriptEngine<Part, AccordMessage, AccordBatch> {
  #ids: readonly string[] = [];

  start = (given: Start): Started<AccordMessage, AccordBatch> => {
    const { ids, disk, machine, now } = given;
    this.#ids = ids;
    const storage = disk && new RecordStorage(disk, ACCORD_FORMS);
    const replica = new AccordReplica(configOf(given, storage), {
      machine,
      keysOf,
      random: () => 0,
      stored: storedBy(storage),
      now,
    });
    return {
      replica,
      save: (batch) => {
        storage?.save(batch);
        return batch.records.map((record) => this.#record(record));
      },
      records: () => replica.records.map((record) => this.#record(record)),
    };
  };

  showPart = (part: Part): string => {
    switch (part.type) {
      case "pre_accept":
        return `pre_accept ${part.id} ${showCommands(part.commands)} at ${this.#time(part.initialAt)}`;
      case "pre_accept_ok":
        return `pre_accept_ok ${part.id} at ${this.#time(part.executeAt)} after ${showDeps(part.deps)}`;
      case "accept":
      case "stabilize":
        return `${part.type} ${part.id} ballot=${part.ballot} at ${this.#time(part.executeAt)} after ${
          showDeps(part.deps)
        }`;
      case "commit":
        return `commit ${part.id} ${showCommands(part.commands)} at ${this.#time(part.executeAt)} after ${
          showDeps(part.deps)
        }`;
      case "accept_ok":
        return `accept_ok ${part.id} ballot=${part.ballot} after ${showDeps(part.deps)}`;
      case "recover_ok": {
        const evidence = part.isRefuted ? " refuted" : part.awaited.map((id) => ` awaits ${id}`).join("");
        return `recover_ok ${this.#record(part.record)}${evidence}`;
      }
      case "stabilize_ok":
      case "recover":
      case "refused":
        return `${part.type} ${part.id} ballot=${part.ballot}`;
      case "fetch":
        return `fetch ${part.id}`;
      case "hello":
        return "hello";
      case "hello_ok":
        return `hello_ok ${part.incarnation}`;
    }
  };

  #record({ id, ballot, phase, commands, executeAt, deps }: TransactionRecord): string {
    const promised = ballot === 0 ? "" : ` ballot=${ballot}`;
    if (phase === "unknown") return `${id} unknown${promised} ${showCommands(commands)}`;
    return `${id} ${phase}${promised} ${showCommands(commands)} at ${this.#time(executeAt)} after ${
      showDeps(deps)
    }`;
  }

  #time(timestamp: Timestamp): string {
    const count = this.#ids.length;
    return `${Math.floor(timestamp / count) / TICKS_PER_MS}${this.#ids[timestamp % count] ?? ""}`;
  }
}

function showDeps({ ids, floor }: Dependencies): string {
  const executed = Object.entries(floor).filter(([, number]) => number > 0).map(([node, number]) =>
    `..${node}.${number}`
  );
  return `{${[...executed, ...ids].sort().join(" ")}}`;
}

/** Returns a cluster of Accord. */
export function accordCluster(): TranscriptCluster<Part, AccordMessage, AccordBatch> {
  return new TranscriptCluster(new Accord());
}
