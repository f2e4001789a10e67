import { assertEquals } from "@std/assert";
import { IncomingSnapshot, OutgoingSnapshot } from "../../lib/consensus/snapshot_transfer.ts";

const snapshot = {
  index: 5,
  term: 2,
  membership: { voters: ["a", "b"], learners: [] },
  incarnations: {},
  data: "0123456789",
};

Deno.test("a snapshot arrives complete although pieces are lost, duplicated and reordered", () => {
  const outgoing = new OutgoingSnapshot(snapshot);
  const { data: _data, ...meta } = snapshot;
  const incoming = new IncomingSnapshot("a", 2, meta);
  const first = outgoing.piece(4);
  assertEquals([first.offset, first.total, first.data], [0, 10, "0123"]);
  assertEquals(outgoing.piece(4), first, "an unacknowledged piece is sent again");
  assertEquals([incoming.add(first), incoming.add(first), incoming.length], [undefined, undefined, 4]);
  outgoing.acknowledge(8);
  assertEquals([incoming.add(outgoing.piece(4)), incoming.length], [undefined, 4], "a gap is not accepted");
  outgoing.acknowledge(4);
  assertEquals(incoming.add(outgoing.piece(100)), snapshot);
});

Deno.test("an incoming snapshot is the same only for its sender, term and index", () => {
  const { data: _data, ...meta } = snapshot;
  const incoming = new IncomingSnapshot("a", 2, meta);
  const same = [
    incoming.isSame("a", 2, 5),
    incoming.isSame("b", 2, 5),
    incoming.isSame("a", 3, 5),
    incoming.isSame("a", 2, 6),
  ];
  assertEquals(same, [true, false, false, false]);
});
