import { assert, assertEquals } from "@std/assert";
import {
  Admission,
  confirmationsNeeded,
  type StoredAdmission,
} from "../../../lib/consensus/leaderless/admission.ts";

function admissionOf(peers: readonly string[], stored?: StoredAdmission): Admission {
  return new Admission("own", { peers, needed: confirmationsNeeded(peers.length + 1), stored });
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
  admission.confirm("n1", "own");
  admission.confirm("n1", "own");
  admission.confirm("n2", "an earlier one of this node");
  assert(!admission.isAdmitted);
  assertEquals(admission.unconfirmed, ["n2"]);
  admission.confirm("n2", "own");
  assert(admission.isAdmitted);
  const stored = admission.takeChanged();
  assertEquals(admission.takeChanged(), undefined);
  assert(admissionOf(["n1", "n2"], stored).isAdmitted);
  assert(!admissionOf(["n1", "n2"]).isAdmitted);
});

Deno.test("a peer confirms one incarnation only, also after a restart with its store", () => {
  const admission = admissionOf(["n1"]);
  assert(admission.knows("n1", "first") && admission.knows("n1", "first"));
  assert(!admission.knows("n1", "second"));
  const restarted = admissionOf(["n1"], admission.takeChanged());
  assert(!restarted.knows("n1", "second") && restarted.knows("n1", "first"));
});

Deno.test("a node alone needs no confirmation", () => {
  assert(admissionOf([]).isAdmitted);
});
