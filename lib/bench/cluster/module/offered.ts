/**
 * The modules that a module may import: the library, and the modules that the project's nodes import, so that a node can
 * be copied and changed.
 *
 * Tested by `tests/bench/playground/examples_test.ts`.
 */

import * as localReads from "../../../consensus/local_reads.ts";
import * as consensus from "../../../consensus/mod.ts";
import * as accord from "../../../consensus/accord/driver.ts";
import * as epaxos from "../../../consensus/epaxos/driver.ts";
import * as leaderless from "../../../consensus/leaderless/driver.ts";
import * as raft from "../../../consensus/raft/driver.ts";
import * as crdtDriver from "../../../crdt/driver.ts";
import * as crdt from "../../../crdt/mod.ts";
import * as gossip from "../../../gossip/driver.ts";
import * as causalLog from "../../../log/causal/driver.ts";
import * as log from "../../../log/driver.ts";
import * as committedOffsets from "../../../log/keyed/committed_offsets.ts";
import * as keyedLogs from "../../../log/keyed/keyed_logs.ts";
import * as registers from "../../../log/registers/registers.ts";
import * as totalOrderRegisters from "../../../log/registers/total_order_registers.ts";
import * as library from "../../../mod.ts";
import * as broadcast from "../../../protocol/broadcast.ts";
import * as canonicalJson from "../../../protocol/canonical_json.ts";
import * as counter from "../../../protocol/counter.ts";
import * as echo from "../../../protocol/echo.ts";
import * as gSet from "../../../protocol/g_set.ts";
import * as kafka from "../../../protocol/kafka.ts";
import * as kv from "../../../protocol/kv.ts";
import * as protocol from "../../../protocol/mod.ts";
import * as schema from "../../../protocol/schema.ts";
import * as txn from "../../../protocol/txn.ts";
import * as uniqueIds from "../../../protocol/unique_ids.ts";
import * as clients from "../../../runtime/clients.ts";
import type { OfferedName } from "./offered_names.ts";

type Exports = Readonly<Record<string, unknown>>;

/** The modules, by the name in an import. */
export const OFFERED: ReadonlyMap<string, Exports> = new Map(Object.entries<Exports>(
  {
    "@charybdis/charybdis": library,
    "@charybdis/charybdis/protocol": protocol,
    "@charybdis/charybdis/clients": clients,
    "../lib/consensus/local_reads.ts": localReads,
    "../lib/consensus/mod.ts": consensus,
    "../lib/consensus/accord/driver.ts": accord,
    "../lib/consensus/epaxos/driver.ts": epaxos,
    "../lib/consensus/leaderless/driver.ts": leaderless,
    "../lib/consensus/raft/driver.ts": raft,
    "../lib/crdt/driver.ts": crdtDriver,
    "../lib/crdt/mod.ts": crdt,
    "../lib/gossip/driver.ts": gossip,
    "../lib/log/causal/driver.ts": causalLog,
    "../lib/log/driver.ts": log,
    "../lib/log/keyed/committed_offsets.ts": committedOffsets,
    "../lib/log/keyed/keyed_logs.ts": keyedLogs,
    "../lib/log/registers/registers.ts": registers,
    "../lib/log/registers/total_order_registers.ts": totalOrderRegisters,
    "../lib/mod.ts": library,
    "../lib/protocol/broadcast.ts": broadcast,
    "../lib/protocol/canonical_json.ts": canonicalJson,
    "../lib/protocol/counter.ts": counter,
    "../lib/protocol/echo.ts": echo,
    "../lib/protocol/g_set.ts": gSet,
    "../lib/protocol/kafka.ts": kafka,
    "../lib/protocol/kv.ts": kv,
    "../lib/protocol/schema.ts": schema,
    "../lib/protocol/txn.ts": txn,
    "../lib/protocol/unique_ids.ts": uniqueIds,
  } satisfies Record<OfferedName, Exports>,
));
