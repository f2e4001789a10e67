/**
 * Descriptions and usual causes of anomalies, in the terms of the field. Isolation anomalies are Adya's (Weak
 * Consistency, 1999) and Elle's (Kingsbury and Alvaro, 2020). Log anomalies are those of jepsen.tests.kafka.
 *
 * Tested by `tests/bench/report/findings_test.ts`.
 */

/** Description of an anomaly for a report card. */
export interface AnomalyDescription {
  readonly title: string;
  /** Definition in two plain sentences. */
  readonly what: string;
  /** Usual cause. */
  readonly cause: string;
}

const WORDS: Readonly<Record<string, AnomalyDescription>> = {
  "G0": {
    title: "Dirty write (G0)",
    what: "Transactions overwrote each other's writes in a cycle: each came after the other on some key. " +
      "No order of the transactions explains the final writes.",
    cause:
      "The node applies a transaction's writes key by key, without a lock or commit point that covers all of them.",
  },
  "G1a": {
    title: "Aborted read (G1a)",
    what:
      "A transaction read a value that a failed transaction had written. That value should never have been visible.",
    cause:
      "Writes become visible before the commit, or the node returns an error for a transaction that it executed.",
  },
  "G1b": {
    title: "Intermediate read (G1b)",
    what: "A transaction read a value that its writer overwrote later in the same transaction. " +
      "Other transactions may see only a transaction's last write to a key.",
    cause: "The node applies or sends each write immediately instead of all writes together at the commit.",
  },
  "G1c": {
    title: "Circular information flow (G1c)",
    what:
      "Transactions saw or overwrote each other's writes in a cycle. Each would have to come before the other.",
    cause:
      "Transactions see each other's writes before they commit, or two nodes apply the same writes in different orders.",
  },
  "G-single-item": {
    title: "Read skew (G-single)",
    what: "A transaction missed another transaction's write, but saw a later effect of that transaction. " +
      "It saw only part of the other transaction.",
    cause:
      "Reads of one transaction come from different points in time: the node takes no snapshot, or a replica is stale.",
  },
  "G-nonadjacent-item": {
    title: "Long fork (G-nonadjacent)",
    what: "Several reads each missed a write that the other reads saw, with other dependencies in between. " +
      "The readers disagree on the order of independent writes.",
    cause: "Nodes take snapshots without a shared commit order.",
  },
  "G2-item": {
    title: "Write skew (G2)",
    what:
      "In a cycle, each transaction read a version that the next one overwrote. Each ran as if the other had not happened.",
    cause: "The commit checks only writes for conflicts, not reads (snapshot isolation).",
  },
  "internal": {
    title: "Internal inconsistency",
    what: "A transaction contradicted itself: a read does not reflect its own earlier reads or writes. " +
      "The transaction alone proves this.",
    cause:
      "Reads use the shared state and ignore the transaction's own writes, or the state changes between reads.",
  },
  "future-read": {
    title: "Future read",
    what: "A transaction read a value that it wrote only later. Its operations did not run in order.",
    cause: "The node applies all writes of a transaction first and answers its reads afterwards.",
  },
  "lost-update": {
    title: "Lost update",
    what: "Several transactions read the same version of a key, and each wrote a new version based on it. " +
      "All but one of these updates are lost.",
    cause: "A read followed by a write without a check that the value is unchanged (compare-and-set).",
  },
  "dirty-update": {
    title: "Dirty update",
    what: "A committed transaction built on a failed transaction's write. The failed write was not undone.",
    cause:
      "Writes become visible before the commit, and other transactions build on them before the rollback.",
  },
  "duplicate-elements": {
    title: "Duplicate elements",
    what:
      "A list held the same element more than once, although it was appended once. An append was applied twice.",
    cause:
      "A request was retried, or a message was delivered twice, and the node did not detect the duplicate.",
  },
  "incompatible-order": {
    title: "Incompatible orders",
    what:
      "Two reads of one list disagree on the order of its elements. No single sequence of appends explains both.",
    cause:
      "Two nodes accepted appends to the same key independently, and their lists diverged (split brain, or no consensus).",
  },
  "cyclic-versions": {
    title: "Cyclic versions",
    what: "The order of a key's versions is cyclic: each was seen before the other. " +
      "The key reverted to an overwritten value.",
    cause: "Replicas exchange whole values without a version that tells which one is newer.",
  },
  "thin-air-read": {
    title: "Read out of thin air",
    what: "A read returned a value that no transaction wrote.",
    cause: "Values are swapped between keys, or changed by a conversion (a number that became a string).",
  },
  "malformed": {
    title: "Malformed operations",
    what: "Operations returned malformed results. The checker could not judge them.",
    cause: "A reply lacks elements of the request, or has them in a different form or order.",
  },
  "duplicate-writes": {
    title: "Duplicate writes",
    what:
      "The same value was written to a key twice, so its versions are indistinguishable. The key was not checked.",
    cause: "The history does not come from this workload's generator, which writes each value once.",
  },
  "empty-transaction-graph": {
    title: "Nothing to check",
    what: "No transaction depends on another one. The check proves nothing.",
    cause: "No transaction succeeded, or every read was empty.",
  },
  "not-linearizable": {
    title: "Not linearizable",
    what:
      "No order of the operations on this key, each taking effect between its call and its return, explains " +
      "their results. The register did not behave as a single copy.",
    cause:
      "A stale node or a former leader serves a read, or a write is acknowledged before a majority has it.",
  },
  "lost": {
    title: "Lost elements",
    what:
      "Elements were acknowledged or read, but the final reads do not contain them. Acknowledged data is gone.",
    cause:
      "A message was lost and never retransmitted, or a node lost acknowledged elements when it restarted.",
  },
  "unexpected": {
    title: "Elements that were never added",
    what:
      "Reads returned elements that no client added. This does not change the verdict, but no correct node does it.",
    cause: "The node puts other data than the added elements into the set.",
  },
  "duplicated": {
    title: "Duplicate elements in a read",
    what:
      "A read returned the same element more than once. As in Maelstrom, this does not change the verdict.",
    cause: "The node keeps a list instead of a set, and an element arrives over more than one path.",
  },
  "duplicate-ids": {
    title: "Duplicate ids",
    what: "Several requests received the same id. Ids must be unique across all nodes and forever.",
    cause:
      "Ids come from a counter or clock without the node's id, or from one that restarts from the beginning.",
  },
  "counter-errors": {
    title: "Wrong sums",
    what:
      "Final reads differ from the sum of the acknowledged additions, with or without the indeterminate ones. " +
      "Additions were lost or counted twice.",
    cause:
      "A read and a write without compare-and-set let two nodes overwrite each other; a retry counts twice; or a node " +
      "answers from a stale copy.",
  },
  "echo-errors": {
    title: "Wrong echoes",
    what: "Replies do not carry the value that was sent. A failed operation counts as a wrong reply.",
    cause: "The reply lacks the field echo, changes it, or answers a different request.",
  },
  "never-succeeded": {
    title: "No operation of a kind succeeded",
    what: "All operations of a kind failed or are indeterminate. This kind was therefore not tested.",
    cause: "The node does not handle this type of message, or its replies are malformed.",
  },
  "violated-invariant": {
    title: "Violated invariant",
    what:
      "After a step of the run, the values that the nodes watch did not satisfy a property of --invariant. " +
      "The first violation of each property is shown, with the values of all nodes at that moment.",
    cause: "The node whose turn it was changed its state in a case that the algorithm excludes.",
  },
  "unchecked-invariant": {
    title: "Unchecked invariant",
    what:
      "A property of --invariant was not checked, because its function threw an error or had no values to read.",
    cause: "The node does not watch the values that the property reads, or they have another form.",
  },
  "no-progress": {
    title: "No progress after the faults",
    what:
      "All faults had ended, and still a node did not answer, or nodes did not agree, within --progress-within. " +
      "A correct cluster elects, delivers and answers once its network and its nodes work again.",
    cause:
      "A node waits forever for a message that was lost during a fault: it has no timeout, retransmission or new election.",
  },
  "availability": {
    title: "Availability too low",
    what:
      "Fewer operations succeeded than --availability asks for. Operations that failed or timed out count against it.",
    cause: "A node waits for unreachable nodes although it could answer by itself.",
  },
  "bounds": {
    title: "Figure over its bound",
    what: "The run is correct, but a figure is not below the bound that the command line gives.",
    cause: "Nodes send more messages, or wait longer, than the bound allows.",
  },
  "refused-lines": {
    title: "Refused output",
    what:
      "A node wrote a line to stdout that Maelstrom refuses. After that, Maelstrom ignores the node's output, " +
      "and so did this test. The line itself does not change the verdict; the missing output may.",
    cause:
      "The node logs to stdout instead of stderr, sends to a wrong dest, or writes from two threads concurrently.",
  },
  "odd-lines": {
    title: "Remarks",
    what: "A node wrote unusual messages that Maelstrom accepts. They do not change the verdict.",
    cause: "A duplicate or late reply, a message with another node's src, or an id that is not an integer.",
  },
  "node-faults": {
    title: "Node failures",
    what: "A node failed: it exited without being killed, or its handler never returned. " +
      "The run is invalid regardless of the history.",
    cause: "An uncaught exception or an infinite loop. See the node's log.",
  },
  "node-ended": {
    title: "A node exited unexpectedly",
    what: "A node's process exited without being killed. The run is invalid regardless of the history.",
    cause: "An uncaught exception or a broken invariant. See the node's log.",
  },
  "node-stuck": {
    title: "A node got stuck",
    what: "A node's handler never returned, or sent messages without end. The run was stopped at that point.",
    cause: "An infinite loop, or nodes that answer each other's messages with messages.",
  },
  "node-limit": {
    title: "A node exceeded a limit",
    what: "A node used more of the machine than it may. The sandbox ended it at that point.",
    cause: "A loop that collects data without end, or an attack.",
  },
  "client-errors": {
    title: "Errors that clients received",
    what: "Operations failed, or their outcome is indeterminate. This alone does not change the verdict.",
    cause: "The node refuses a request, sends a malformed reply, or does not answer.",
  },
  "logged-exceptions": {
    title: "Exceptions that nodes logged",
    what:
      "A node's log contains an exception at or near its end. The report shows the last one of each node.",
    cause: "A handler threw.",
  },
  "newer-findings": {
    title: "Findings of newer checkers",
    what: "Anomalies that Maelstrom's release of Elle does not report. They do not change the verdict.",
    cause: "See the anomaly's own description.",
  },
  "check-error": {
    title: "Check did not finish",
    what: "The checker could not establish a verdict. It found no anomaly, but could not check everything.",
    cause: "The history needs more memory or time than the search may use, or contains unknown operations.",
  },
  "precommitted-read": {
    title: "Precommitted read",
    what:
      "A transaction polled its own message before it committed. A message must stay invisible until the commit.",
    cause: "Sends become visible immediately instead of at the commit.",
  },
  "no-writer-of-value": {
    title: "Messages that were never sent",
    what: "A poll returned a message that no client sent.",
    cause: "Messages are swapped between keys, or changed in transit.",
  },
  "nothing-polled": {
    title: "Keys without a polled message",
    what:
      "Polls returned lists of these keys, but no message with a place in their logs. Jepsen's analysis ends with an exception.",
    cause:
      "The keys have no messages, or the node returns none. Leave keys without new messages out of replies to polls.",
  },
  "inconsistent-offsets": {
    title: "Two messages at one offset",
    what:
      "Different messages appeared at the same offset of a key. An offset must identify one message forever.",
    cause:
      "Two nodes assigned the same offset independently. Offsets need compare-and-set or one owner per key.",
  },
  "duplicate": {
    title: "One message at two offsets",
    what: "The same message appears at several offsets of a key. It was sent once.",
    cause: "An append was retried after its reply was lost, and the node did not detect the duplicate.",
  },
  "lost-write": {
    title: "Lost write",
    what: "A message was acknowledged and later offsets of its key were polled, but no poll returned it.",
    cause:
      "Two sends received the same offset and one overwrote the other, or a send was acknowledged before it was stored.",
  },
  "unseen": {
    title: "Messages never seen",
    what:
      "Messages were acknowledged, but no poll had returned them when the test ended. They may be late or lost.",
    cause: "Polls stop before the end of the log, or the messages were lost.",
  },
  "poll-skip": {
    title: "Polls that skip messages",
    what: "Two consecutive polls of a process skipped messages that other processes saw.",
    cause:
      "Offsets become visible out of order: a later message was polled before an earlier one was stored.",
  },
  "nonmonotonic-poll": {
    title: "Polls that go backwards",
    what:
      "A poll returned messages that its process had already polled. The consumer moved backwards in the log.",
    cause: "The reply starts at a different offset than requested, or the log changed during consumption.",
  },
  "int-poll-skip": {
    title: "Gaps within a poll",
    what: "One poll skipped messages in the middle of its result. Other polls returned them.",
    cause: "The node builds a reply from a log with gaps: later messages arrive before earlier ones.",
  },
  "int-nonmonotonic-poll": {
    title: "Wrong order within a poll",
    what: "One poll returned messages of a key out of offset order.",
    cause: "The node does not sort the messages by offset (as numbers) before it sends them.",
  },
  "int-nonmonotonic-send": {
    title: "Offsets that go backwards within a transaction",
    what:
      "Within one transaction, a later send to a key received a smaller offset than an earlier one. Offsets must increase.",
    cause: "Several nodes assign offsets without agreement.",
  },
  "nonmonotonic-send": {
    title: "Offsets that go backwards",
    what:
      "A later send of a process to a key received a smaller offset than its earlier one. Offsets must increase.",
    cause: "Several nodes assign offsets without agreement, or a restarted node counts from the beginning.",
  },
  "int-send-skip": {
    title: "Gaps between sends",
    what:
      "Other messages were appended between two sends of one transaction. This is normal with several producers.",
    cause: "Sends of different producers interleave.",
  },
};

const ORDERS: Readonly<Record<string, string>> = {
  "-process": " The cycle depends on the order of operations within one process (its session).",
  "-realtime": " The cycle depends on real time: one operation had returned before another was called.",
};

/** Returns the description of an anomaly by its checker name. Names unknown here also get a description. */
export function describeAnomaly(name: string): AnomalyDescription {
  const plain = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (plain !== undefined) return plain;
  const [, base = "", order = ""] = /^(.*)(-process|-realtime)$/.exec(name) ?? [];
  const ordered = Object.hasOwn(WORDS, base) ? WORDS[base] : undefined;
  if (ordered !== undefined) {
    const stale = order === "-realtime"
      ? " A stale node answered as if it were current."
      : " A node served a client without having seen the client's earlier operations.";
    return {
      title: ordered.title.replace(")", `${order})`),
      what: ordered.what + (ORDERS[order] ?? ""),
      cause: ordered.cause + stale,
    };
  }
  if (name.endsWith("-cycle-exists")) {
    return {
      title: `A cycle that ${name.slice(0, -"-cycle-exists".length)} forbids`,
      what: "Transactions depend on each other in a cycle that this model forbids. " +
        "The search reached its limit before it found a smallest cycle of a named kind.",
      cause: "See the other anomalies. Violating one requirement of a consistency model violates the model.",
    };
  }
  return {
    title: name,
    what: "The checker found this anomaly. The evidence is below.",
    cause: "Look at the operations in the evidence and at the messages at that time.",
  };
}
