import { assertEquals } from "@std/assert";
import { listenAll, type RaftMessage, raftMessages, toBody } from "../../../lib/consensus/raft/messages.ts";

Deno.test("every declared message has a listener", () => {
  const types: string[] = [];
  listenAll(({ type }) => void types.push(type));
  assertEquals(types.sort(), Object.values(raftMessages).map(({ type }) => type).sort());
});

Deno.test("a message survives encoding and decoding", () => {
  const stamp = { from: "a", to: "b", eligible: true };
  const route = { from: "n0", to: "n1" };
  const entries = [
    { index: 5, term: 2, payload: { kind: "noop" } },
    { index: 6, term: 2, payload: { kind: "command", command: { f: "read" } } },
    { index: 7, term: 2, payload: { kind: "membership", membership: { voters: ["n0"], learners: ["n1"] } } },
    { index: 8, term: 3, payload: { kind: "rejoin", node: "n1", incarnation: "x" } },
  ] as const;
  const messages: RaftMessage[] = [
    { type: "vote", ...route, term: 3, lastIndex: 2, lastTerm: 1, transfer: true, at: 12.5, stamp },
    {
      type: "append",
      ...route,
      term: 3,
      prevIndex: 4,
      prevTerm: 2,
      entries,
      commit: 4,
      pipelined: true,
      round: 9,
    },
    { type: "append_rejected", ...route, term: 3, prevIndex: 4, hintIndex: 3, hintTerm: 1, round: 9 },
    { type: "join", ...route, term: 0, round: 1, nonce: undefined, stamp },
    {
      type: "forward_ok",
      ...route,
      client: "n1.x",
      session: 4,
      results: [[1, 0, { kind: "result", result: [1] }]],
    },
  ];
  for (const message of messages) {
    const body: unknown = JSON.parse(JSON.stringify(toBody(message)));
    let arrived: unknown;
    listenAll((declared, toMessage) => {
      if (declared.type !== `raft_${message.type}`) return;
      assertEquals(declared.request.problem(body, ""), undefined);
      if (declared.request.is(body)) arrived = toMessage({ ...body, type: declared.type }, route);
    });
    assertEquals(JSON.parse(JSON.stringify(arrived)), JSON.parse(JSON.stringify(message)));
  }
});
