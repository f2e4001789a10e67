/** Transcripts of EPaxos, and how its nodes disagree. */

import { EPAXOS_FORMS } from "../../../../lib/consensus/epaxos/messages.ts";
import { EpaxosReplica } from "../../../../lib/consensus/epaxos/replica.ts";
import type { EpaxosRules } from "../../../../lib/consensus/epaxos/safety_rules.ts";
import type {
  Deps,
  EpaxosBatch,
  EpaxosMessage,
  InstanceRecord,
  Part,
} from "../../../../lib/consensus/epaxos/types.ts";
import { isUpTo } from "../../../../lib/consensus/leaderless/instance_ids.ts";
import { RecordStorage } from "../../../../lib/consensus/leaderless/record_storage.ts";
import type { Json } from "../../../../lib/protocol/schema.ts";
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

class Epaxos implements TranscriptEngine<Part, EpaxosMessage, EpaxosBatch> {
  readonly showPart = showPart;
  readonly #rules: EpaxosRules | undefined;
  readonly #replicas = new Map<string, EpaxosReplica>();

  constructor(rules: EpaxosRules | undefined) {
    this.#rules = rules;
  }

  recordsOf(id: string): readonly InstanceRecord[] {
    return this.#replicas.get(id)?.records ?? [];
  }

  start = (given: Start): Started<EpaxosMessage, EpaxosBatch> => {
    const { id, disk, machine, now } = given;
    const storage = disk && new RecordStorage(disk, EPAXOS_FORMS);
    const replica = new EpaxosReplica(configOf(given, storage), {
      machine,
      keysOf,
      rules: this.#rules,
      random: () => 0,
      stored: storedBy(storage),
      now,
    });
    this.#replicas.set(id, replica);
    return {
      replica,
      save: (batch) => {
        storage?.save(batch);
        return batch.records.map(showRecord);
      },
      records: () => replica.records.map(showRecord),
    };
  };
}

/** A cluster of EPaxos. A planted rule may take the place of one. */
export class Cluster extends TranscriptCluster<Part, EpaxosMessage, EpaxosBatch> {
  readonly #engine: Epaxos;

  constructor(rules?: EpaxosRules) {
    const engine = new Epaxos(rules);
    super(engine);
    this.#engine = engine;
  }

  /** Returns how the running nodes disagree: two decisions for an instance, or two independent ones that conflict. */
  get disagreement(): string | undefined {
    const committed = new Map<string, InstanceRecord>();
    for (const id of this.running) {
      for (const record of this.#engine.recordsOf(id)) {
        if (record.phase !== "committed") continue;
        const other = committed.get(record.id) ?? record;
        committed.set(record.id, other);
        const [known, found] = [other, record].map(({ commands, deps }) =>
          `${showCommands(commands)} ${showDeps(deps)}`
        );
        if (known !== found) return `${record.id} is ${known} and ${found}`;
      }
    }
    for (const a of committed.values()) {
      for (const b of committed.values()) {
        const areOrdered = a === b || isUpTo(a.deps, b.id) || isUpTo(b.deps, a.id);
        if (!areOrdered && doConflict(a.commands ?? [], b.commands ?? [])) {
          return `${a.id} and ${b.id} are independent`;
        }
      }
    }
    return undefined;
  }
}

function doConflict(a: readonly Json[], b: readonly Json[]): boolean {
  const uses = b.flatMap(keysOf);
  return a.flatMap(keysOf).some(({ key, writes }) =>
    uses.some((other) => other.key === key && (writes || other.writes))
  );
}

function showDeps(deps: Deps): string {
  return `{${
    Object.entries(deps).filter(([, number]) => number > 0).map(([node, number]) => `${node}.${number}`)
      .sort().join(" ")
  }}`;
}

function showRecord({ id, ballot, phase, commands, deps }: InstanceRecord): string {
  const promised = ballot === 0 ? "" : ` ballot=${ballot}`;
  if (phase === "unknown") return `${id} unknown${promised}`;
  return `${id} ${phase}${promised} ${showCommands(commands)} after ${showDeps(deps)}`;
}

function showPart(part: Part): string {
  switch (part.type) {
    case "announce":
      return `announce ${part.id} [${part.uses.map(([key, writes]) => writes ? `${key}=` : key).join(" ")}]`;
    case "pre_accept":
    case "commit":
      return `${part.type} ${part.id} ${showCommands(part.commands)} after ${showDeps(part.deps)}`;
    case "accept":
    case "validate":
      return `${part.type} ${part.id} ballot=${part.ballot} ${showCommands(part.commands)} after ${
        showDeps(part.deps)
      }`;
    case "pre_accept_ok":
      return `pre_accept_ok ${part.id} after ${showDeps(part.deps)}`;
    case "recover_ok":
      return `recover_ok ${showRecord(part.record)}`;
    case "validate_ok": {
      const conflicts = part.conflicts.map(([id, isCommitted]) => isCommitted ? `${id} (committed)` : id);
      return `validate_ok ${part.id} ballot=${part.ballot} conflicts: ${conflicts.join(" ") || "none"}`;
    }
    case "waiting":
      return `waiting ${part.id} unchanged=${part.count}`;
    case "hello":
      return "hello";
    case "hello_ok":
      return `hello_ok ${part.incarnation}`;
    case "accept_ok":
    case "recover":
    case "refused":
      return `${part.type} ${part.id} ballot=${part.ballot}`;
    case "fetch":
      return `fetch ${part.id}`;
  }
}
