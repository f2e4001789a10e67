import { assertEquals } from "@std/assert";
import { changeMembership, Configurations } from "../../../lib/consensus/raft/configuration.ts";

Deno.test("Configurations: a membership is in force from its entry on, until the entry is removed", () => {
  const base = { voters: ["a", "b"], learners: [] };
  const configurations = new Configurations({ index: 0, membership: base, incarnations: {} });
  const more = { voters: ["a", "b", "c"], learners: [] };
  configurations.append({ index: 3, term: 1, payload: { kind: "membership", membership: more } });
  configurations.append({ index: 4, term: 1, payload: { kind: "rejoin", node: "b", incarnation: "b2" } });
  assertEquals(configurations.membership, more);
  assertEquals(configurations.incarnations, { b: "b2" });
  assertEquals(configurations.at(3).incarnations, {});
  configurations.truncate(4);
  assertEquals(configurations.incarnations, {});
  configurations.truncate(3);
  assertEquals(configurations.membership, base);
});

Deno.test("changeMembership: impossible changes are refused", () => {
  const one = { voters: ["a"], learners: ["b"] };
  assertEquals(changeMembership(one, { remove: "a" }), { problem: "last voter" });
  assertEquals(changeMembership(one, { remove: "c" }), { problem: "not a member" });
  assertEquals(changeMembership(one, { add: "a", as: "voter" }), { problem: "already a voter" });
  assertEquals(changeMembership(one, { add: "b", as: "learner" }), { problem: "already a learner" });
  assertEquals(changeMembership(one, { add: "b", as: "voter" }), { voters: ["a", "b"], learners: [] });
});
