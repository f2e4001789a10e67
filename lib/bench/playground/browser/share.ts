/**
 * The part of an address after `#` that holds a run: `#1.` and the compressed state. It is data from anywhere,
 * so it is checked, and nothing runs before its reader asks for it.
 *
 * Tested by `tests/bench/playground/share_test.ts`.
 */

import { isWorkload, WORKLOADS } from "../../../checkers/workloads.ts";
import { array, type Infer, natural, object, optional, string } from "../../../protocol/schema.ts";
import { interventions } from "../../nemesis/interventions.ts";
import { CODE_LENGTH_MAX } from "../worker/places.ts";

/** The version of the format. Increment it when this version cannot read older addresses. */
const FORMAT = 1;
/** The maximum number of bytes of an unpacked state. */
const UNPACKED_MAX = 2 * CODE_LENGTH_MAX;
/** The maximum number of arguments and of interventions. */
const ITEMS_MAX = 1000;

const form = object({
  workload: string,
  /** The exercise whose code it is. */
  lesson: optional(string),
  seed: natural,
  args: array(string),
  code: optional(string),
  interventions,
  charybdis: string,
});

/** The node, its test, and the interventions, which together make a run. */
export type SharedRun = Infer<typeof form>;

/** The content of an address, or the reason why it is refused. */
export type ReadAddress =
  | { readonly kind: "none" }
  | { readonly kind: "run"; readonly run: SharedRun }
  | { readonly kind: "refused"; readonly problem: string };

/** Returns the part of an address after `#`, with the `#`. */
export async function addressOf(run: SharedRun): Promise<string> {
  const stream = new Blob([JSON.stringify(run)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `#${FORMAT}.${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** Reads the part of an address after `#`. */
export async function readAddress(hash: string): Promise<ReadAddress> {
  if (hash === "" || hash === "#") return { kind: "none" };
  const [, version, packed = ""] = /^#(\d{1,9})\.([\w-]*)$/.exec(hash) ?? [];
  if (version === undefined) {
    return refused("The address has characters that no shared run has. Copy it again.");
  }
  if (Number(version) > FORMAT) {
    return refused(
      "A newer version of the playground made this address. Open it there, or update charybdis.",
    );
  }
  let text: string;
  try {
    text = await unpack(packed);
  } catch (error) {
    return refused(
      error instanceof TooLargeError
        ? "The address holds more than any shared run may."
        : "The address is cut or changed. Copy it again as a whole.",
    );
  }
  return checked(text);
}

function checked(text: string): ReadAddress {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused("The address holds no shared run.");
  }
  if (!form.is(value)) return refused("The address holds no shared run.");
  if (!isWorkload(value.workload)) {
    return refused(`The address names an unknown workload. Known are ${WORKLOADS.join(", ")}.`);
  }
  const isLarge = value.args.length > ITEMS_MAX || value.interventions.length > ITEMS_MAX ||
    (value.code ?? "").length > CODE_LENGTH_MAX;
  return isLarge ? refused("The address holds more than any shared run may.") : { kind: "run", run: value };
}

function refused(problem: string): ReadAddress {
  return { kind: "refused", problem };
}

class TooLargeError extends Error {}

async function unpack(packed: string): Promise<string> {
  const text = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const parts = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = parts.getReader();
  let length = 0;
  let result = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return result + decoder.decode();
    length += value.length;
    if (length > UNPACKED_MAX) {
      await reader.cancel();
      throw new TooLargeError();
    }
    result += decoder.decode(value, { stream: true });
  }
}
