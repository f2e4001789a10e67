import { assert, assertEquals } from "@std/assert";
import {
  Admission,
  confirmationsNeeded,
  type StoredAdmission,
} from "../../../lib/consensus/leaderless/admission.ts";

const RETRY_MS = 20;

function admissionOf(peers: readonly string[], stored?: StoredAdmission): Admission {
  return new Admission("own", { peers, needed: confirmationsNeeded(peers.length + 1), stored, now: 0 });
}

/** Gives an admission a confirmation of an incarnation by a peer. */
function confirm(admission: Admission, from: string, incarnation: string): void {
  const parts = [{ type: "hello_ok", incarnation }];
  admission.receive({ from, incarnation: `${from} itself`, parts }, () => {});
}

/** Returns the peers that an admission asks at a time. */
function askedAt(admission: Admission, now: number): readonly string[] {
  const asked: string[] = [];
  admission.tick(now, { retryMs: RETRY_MS, send: (to) => void asked.push(to) });
  return asked;
}

Deno.test("any two sets of confirming peers share as many as may have lost their memory", () => {
  for (let nodes = 2; nodes <= 25; nodes++) {
    const failures = Math.floor((nodes - 1) / 2);
    const shared = 2 * confirmationsNeeded(nodes) - (nodes - 1);
    assert(shared >= failures, `${nodes} nodes share ${shared}`);
    assert(confirmationsNeeded(nodes) <= nodes - 1);
  }
  assertEquals([1, 2, 3, 4, 5, 7].map(confirmationsNeeded), [0, 1, 2, 2, 3, 5]);
});

Deno.test("a node is admitted by enough peers, and stays admitted with its store", () => {
  const admission = admissionOf(["n1", "n2"]);
  assertEquals(askedAt(admission, 0), ["n1", "n2"]);
  confirm(admission, "n1", "own");
  confirm(admission, "n1", "own");
  confirm(admission, "n2", "an earlier one of this node");
  assert(!admission.isAdmitted);
  assertEquals(admission.deadline, RETRY_MS);
  assertEquals(askedAt(admission, RETRY_MS - 1), []);
  assertEquals(askedAt(admission, RETRY_MS), ["n2"]);
  confirm(admission, "n2", "own");
  assert(admission.isAdmitted);
  assertEquals(askedAt(admission, 1000), []);
  const stored = admission.takeChanged();
  assertEquals(admission.takeChanged(), undefined);
  assert(admissionOf(["n1", "n2"], stored).isAdmitted);
  assert(!admissionOf(["n1", "n2"]).isAdmitted);
});

Deno.test("a peer confirms one incarnation only, also after a restart with its store", () => {
  const confirmed: string[] = [];
  const hello = (admission: Admission, incarnation: string) =>
    admission.receive({ from: "n1", incarnation, parts: [{ type: "hello" }] }, (to, part) => {
      if (part.type === "hello_ok") confirmed.push(`${to} ${part.incarnation}`);
    });
  const admission = admissionOf(["n1"]);
  hello(admission, "first");
  hello(admission, "second");
  const restarted = admissionOf(["n1"], admission.takeChanged());
  hello(restarted, "second");
  hello(restarted, "first");
  assertEquals(confirmed, ["n1 first", "n1 first"]);
});

Deno.test("messages count if both nodes have their memory", () => {
  const admission = admissionOf(["n1"]);
  const counts = (incarnation: string) => admission.receive({ from: "n1", incarnation, parts: [] }, () => {});
  assert(!counts("n1 itself"), "this node is not admitted");
  confirm(admission, "n1", "own");
  assert(counts("n1 itself") && !counts("a later one"));
});

Deno.test("a node alone needs no confirmation", () => {
  assert(admissionOf([]).isAdmitted);
});
