/**
 * What each anomaly is, and what usually causes it, in the words of the field. Isolation anomalies are Adya's (Weak
 * Consistency, 1999) and Elle's (Kingsbury and Alvaro, 2020); those of logs are jepsen.tests.kafka's.
 */

/** What a card says of an anomaly. */
export interface Words {
  readonly title: string;
  /** What it is, in two plain sentences. */
  readonly what: string;
  /** What usually causes it. */
  readonly cause: string;
}

const WORDS: Readonly<Record<string, Words>> = {
  "G0": {
    title: "Dirty write (G0)",
    what: "Transactions overwrote each other's writes in a circle: each came after the other on some key. " +
      "No order of the transactions explains what was written.",
    cause:
      "Writes of one transaction are applied key by key, without a lock or a commit point that covers them all.",
  },
  "G1a": {
    title: "Aborted read (G1a)",
    what:
      "A transaction read a value that a failed transaction had written. That value should never have been visible.",
    cause:
      "Writes become visible before the commit, or an error is answered for something that was done all the same.",
  },
  "G1b": {
    title: "Intermediate read (G1b)",
    what: "A transaction read a value that its writer itself had overwritten within the same transaction. " +
      "Only a transaction's last write to a key may be seen by others.",
    cause: "Each write is applied, or sent to other nodes, at once instead of together at the commit.",
  },
  "G1c": {
    title: "Circular information flow (G1c)",
    what:
      "Transactions saw or overwrote each other's writes in a circle. Each would have to come before the other.",
    cause:
      "Transactions see each other's writes before they commit, or two nodes apply the same writes in different orders.",
  },
  "G-single-item": {
    title: "Read skew (G-single)",
    what:
      "A transaction read a state without another's write, and yet something that came after that write. " +
      "It saw half of the other transaction.",
    cause:
      "Reads of one transaction are served from different moments: there is no snapshot, or a replica is behind.",
  },
  "G-nonadjacent-item": {
    title: "Long fork (G-nonadjacent)",
    what: "Several reads each missed a write that the others saw, with other dependencies in between. " +
      "The readers disagree on the order of writes that have nothing to do with each other.",
    cause: "Snapshots are taken on different nodes without one order of commits that all of them share.",
  },
  "G2-item": {
    title: "Write skew (G2)",
    what:
      "Transactions each read what another then overwrote, in a circle. Each ran as if the other had not happened.",
    cause:
      "Only writes are checked for conflicts when a transaction commits; what it read is not (snapshot isolation).",
  },
  "internal": {
    title: "Internal inconsistency",
    what: "A transaction contradicted itself: a read does not show what it read or wrote before. " +
      "This can be seen without looking at any other transaction.",
    cause:
      "Reads go to the shared state and pass over the transaction's own writes, or the state changes between its reads.",
  },
  "future-read": {
    title: "Future read",
    what: "A transaction read what it wrote only later. Its operations were not carried out in their order.",
    cause: "All writes of a transaction are applied first and its reads answered afterwards.",
  },
  "lost-update": {
    title: "Lost update",
    what: "Several transactions read the same version of a key, and each wrote its own on top of it. " +
      "All but one of the writes were made without knowing of the others.",
    cause:
      "A read, then a write, without a check that the value is still the one that was read (compare and set).",
  },
  "dirty-update": {
    title: "Dirty update",
    what: "A committed transaction built on what a failed transaction wrote. The failure was not undone.",
    cause:
      "Writes become visible before the commit, and other transactions build on them before they are undone.",
  },
  "duplicate-elements": {
    title: "Duplicate elements",
    what:
      "A list held the same element more than once, although it was appended once. An append was carried out again.",
    cause:
      "A request was tried again, or a message delivered twice, and nothing told that it had been done already.",
  },
  "incompatible-order": {
    title: "Incompatible orders",
    what:
      "Two reads of one list disagree on the order of its elements. No single sequence of appends explains both.",
    cause:
      "Two nodes accepted appends to the same key on their own, and their lists grew apart (a split brain, or no consensus).",
  },
  "cyclic-versions": {
    title: "Cyclic versions",
    what: "The order of a key's versions goes in a circle: each was seen before the other. " +
      "The key went back to a value that had been overwritten.",
    cause: "Replicas exchange whole values without a version that says which is newer.",
  },
  "thin-air-read": {
    title: "Read out of thin air",
    what: "A read returned something that no transaction ever wrote. The value came from nowhere.",
    cause: "Values are mixed up between keys, or made up by a conversion (a number that became a text).",
  },
  "malformed": {
    title: "Malformed operations",
    what: "Operations came back in a form that they cannot have. They could not be judged.",
    cause: "A reply lacks elements of the request, or has them in another form or order.",
  },
  "duplicate-writes": {
    title: "Duplicate writes",
    what:
      "The same value was written to a key twice, so its versions cannot be told apart. Nothing is known of that key.",
    cause: "The history was not made by this workload's generator, which writes each value once.",
  },
  "empty-transaction-graph": {
    title: "Nothing to check",
    what: "No transaction depends on another. Nothing could be found, and nothing was shown.",
    cause: "No transaction succeeded, or every read came back empty.",
  },
  "not-linearizable": {
    title: "Not linearizable",
    what:
      "No order of the operations on this key, each at one moment between its call and its return, explains " +
      "what they returned. The register did not behave as a single copy.",
    cause:
      "A read is served by a node that is behind or no longer leader, or a write is acknowledged before a majority has it.",
  },
  "lost": {
    title: "Lost elements",
    what:
      "Elements were acknowledged or seen, and then the last reads do not hold them. What was promised is gone.",
    cause:
      "A message was lost and never sent again, or a node forgot what it had acknowledged when it was restarted.",
  },
  "unexpected": {
    title: "Elements from nowhere",
    what:
      "Reads returned elements that nobody ever added. This changes no verdict, but no correct node does it.",
    cause: "Something else than the added elements found its way into the set.",
  },
  "duplicated": {
    title: "Elements twice in one read",
    what: "A read returned the same element more than once. This changes no verdict here, as in Maelstrom.",
    cause: "A list is kept where a set is meant, and an element arrives by more than one way.",
  },
  "duplicate-ids": {
    title: "Ids given twice",
    what: "The same id was given to more than one request. Ids must be unique over all nodes and for ever.",
    cause:
      "Ids come from a counter or clock that nodes do not keep apart, or that begins again after a restart.",
  },
  "counter-errors": {
    title: "Wrong sums",
    what:
      "Final reads are not the sum of the additions that were acknowledged, with or without the indeterminate ones. " +
      "Additions were lost or counted twice.",
    cause:
      "A read and a write without compare-and-set lets two nodes overwrite each other; a retry counts twice; or a node " +
      "answers from a copy that is behind.",
  },
  "echo-errors": {
    title: "Wrong echoes",
    what: "Replies do not carry what was sent. An operation that failed counts as one.",
    cause: "The reply lacks the field echo, changes it, or answers another request.",
  },
  "never-succeeded": {
    title: "No operation of a kind succeeded",
    what: "All operations of a kind failed or are indeterminate. What never succeeds has not been tested.",
    cause: "The node does not handle this type of message, or answers in a form that is not understood.",
  },
  "availability": {
    title: "Not available enough",
    what:
      "Fewer operations succeeded than --availability asks for. Operations that failed or timed out count against it.",
    cause: "A node waits for others that it cannot reach, where it could have answered by itself.",
  },
  "refused-lines": {
    title: "Refused output",
    what:
      "A node wrote a line to stdout that Maelstrom refuses. Maelstrom reads nothing more of a node after that, " +
      "and neither did this test. The line itself has no part in the verdict; what is missing after it may have.",
    cause:
      "The node logs to stdout instead of stderr, sends to a wrong dest, or writes from two threads at once.",
  },
  "odd-lines": {
    title: "Remarks",
    what:
      "A node wrote messages that Maelstrom accepts, although they are unusual. They have no part in the verdict.",
    cause:
      "A reply that comes twice or too late, a message in another node's name, or an id that is not an integer.",
  },
  "node-faults": {
    title: "Nodes that went wrong",
    what: "A node did what no correct node does: it ended by itself, or never came back from a handler. " +
      "The run is invalid, whatever the history says.",
    cause: "An exception that nobody caught, or a loop without an end. Its log says more.",
  },
  "node-ended": {
    title: "A node ended by itself",
    what: "A node's process ended although nobody killed it. The run is invalid, whatever the history says.",
    cause: "An exception that the program does not catch, or a broken invariant. Its log says more.",
  },
  "node-stuck": {
    title: "A node got stuck",
    what: "A node's handler never returned, or sent messages without end. The run was ended there.",
    cause: "A loop without an end, or nodes that answer each other's messages with messages.",
  },
  "client-errors": {
    title: "Errors that clients received",
    what: "Operations failed, or their outcome is indeterminate. By itself this changes no verdict.",
    cause: "The node refuses a request, answers in another form than is expected, or does not answer.",
  },
  "logged-exceptions": {
    title: "Exceptions that nodes logged",
    what: "A node's log ends with an exception, or holds one near its end. The last of each node is shown.",
    cause: "A handler threw.",
  },
  "newer-findings": {
    title: "Findings of newer checkers",
    what: "Anomalies that Maelstrom's release of Elle does not report. They have no part in the verdict.",
    cause: "See the anomaly's own description.",
  },
  "check-error": {
    title: "The check came to no end",
    what:
      "The checker could not establish a verdict. Nothing wrong was found, but not everything could be checked.",
    cause:
      "The history needs more memory or time than the search may use, or holds what the checker does not know.",
  },
  "precommitted-read": {
    title: "Precommitted read",
    what:
      "A transaction polled a message that it sent itself, before it committed. Nobody may see it until then.",
    cause: "Sends become visible at once instead of at the commit.",
  },
  "no-writer-of-value": {
    title: "Messages that nobody sent",
    what: "A poll returned a message that nobody sent. The log holds something from nowhere.",
    cause: "Messages are mixed up between keys, or changed on their way.",
  },
  "inconsistent-offsets": {
    title: "Two messages at one offset",
    what:
      "Different messages were seen at the same offset of a key. An offset must mean one message for ever.",
    cause:
      "Two nodes gave the same offset on their own: offsets need compare-and-set, or one owner for each key.",
  },
  "duplicate": {
    title: "One message at two offsets",
    what: "The same message stands at several offsets of a key. It was sent once.",
    cause: "An append whose answer was lost was tried again, and nothing told that it had been done already.",
  },
  "lost-write": {
    title: "Lost write",
    what:
      "A message was acknowledged, later offsets of its key were polled, and nobody ever saw it. It is gone.",
    cause:
      "Two sends got the same offset and one overwrote the other, or a send was acknowledged before it was stored.",
  },
  "unseen": {
    title: "Messages never seen",
    what:
      "Messages were acknowledged, but at the end of the test no poll had returned them. They may be late, or lost.",
    cause: "Polls stop before the log's end, or the messages were lost.",
  },
  "poll-skip": {
    title: "Polls that skip messages",
    what:
      "Between two polls of a process messages are missing that others saw in between. The consumer passed over them.",
    cause:
      "Offsets become visible out of order: a later message was polled before an earlier one was stored.",
  },
  "nonmonotonic-poll": {
    title: "Polls that go back",
    what: "A poll returned messages that its process had polled already. The consumer went back in the log.",
    cause:
      "The reply begins at another offset than the one that was asked for, or the log changed under the consumer.",
  },
  "int-poll-skip": {
    title: "Gaps within a poll",
    what: "One poll skipped messages in the middle of what it returned. Others have seen them.",
    cause: "A reply is put together from a log with holes: later messages are there before earlier ones.",
  },
  "int-nonmonotonic-poll": {
    title: "Wrong order within a poll",
    what:
      "One poll returned messages of a key in another order than that of their offsets. A log is read in its order.",
    cause: "The messages are not sorted by offset (as numbers) before they are sent.",
  },
  "int-nonmonotonic-send": {
    title: "Offsets that go back within a transaction",
    what:
      "Within one transaction, a later send to a key got a smaller offset than an earlier one. A log grows at its end.",
    cause: "Offsets are given by several nodes that do not agree.",
  },
  "nonmonotonic-send": {
    title: "Offsets that go back",
    what:
      "A later send of a process to a key got a smaller offset than its earlier one. A log grows at its end.",
    cause: "Offsets are given by several nodes that do not agree, or a restarted node counts again.",
  },
  "int-send-skip": {
    title: "Gaps between sends",
    what:
      "Between two sends of one transaction others were appended. That is to be expected of several producers.",
    cause: "Sends of different producers interleave.",
  },
};

const ORDERS: Readonly<Record<string, string>> = {
  "-process": " The circle needs the order in which one process did things (its session).",
  "-realtime": " The circle needs real time: one operation had returned before another was called.",
};

/** The words for an anomaly by the checkers' name; names unknown here still get a card. */
export function wordsFor(name: string): Words {
  const plain = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (plain !== undefined) return plain;
  const [, base = "", order = ""] = /^(.*)(-process|-realtime)$/.exec(name) ?? [];
  const ordered = Object.hasOwn(WORDS, base) ? WORDS[base] : undefined;
  if (ordered !== undefined) {
    const stale = order === "-realtime"
      ? " A node that is behind answered as if it were not."
      : " A client was served by a node that had not seen what the client had.";
    return {
      title: ordered.title.replace(")", `${order})`),
      what: ordered.what + (ORDERS[order] ?? ""),
      cause: ordered.cause + stale,
    };
  }
  if (name.endsWith("-cycle-exists")) {
    return {
      title: `A cycle that ${name.slice(0, -"-cycle-exists".length)} forbids`,
      what: "Transactions depend on each other in a circle that this model rules out. " +
        "The smallest example of a named kind was not found within the search's limits.",
      cause: "See the other anomalies: a model is broken as a whole where one of its parts is.",
    };
  }
  return {
    title: name,
    what: "The checker found this anomaly. Its evidence stands below.",
    cause: "Look at the operations that prove it, and at the messages at that time.",
  };
}
