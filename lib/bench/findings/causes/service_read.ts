/**
 * Stale reads of a service: which state the reader received, and which writes it missed.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { canonicalJson } from "../../../protocol/canonical_json.ts";
import { show } from "../../../protocol/schema.ts";
import { plural } from "../../format.ts";
import { at, type CauseSentence, sentence } from "./cause.ts";
import type { RunMessage } from "./message_log.ts";
import type { RunView } from "./run_view.ts";

const SERVICES: ReadonlySet<string> = new Set(["seq-kv", "lww-kv", "lin-kv"]);

/** A state of a service's key. */
interface WriteRecord {
  readonly value: unknown;
  readonly node: string;
  readonly timeNs: number;
  readonly message: number;
}

/** One stale read. */
interface StaleRead {
  readonly service: string;
  readonly key: unknown;
  readonly reader: string;
  readonly reply: RunMessage;
  readonly given: WriteRecord;
  /** Writes to the key after the returned state and before the reply. */
  readonly newer: readonly WriteRecord[];
}

/**
 * Describes a node's last read of a service before a given time, if it was stale, and the first write that depends on
 * it.
 */
export function staleReadCause(run: RunView, node: string, beforeNs: number): CauseSentence[] {
  const stale = staleReads(run);
  const last = stale.lastOf(node, beforeNs);
  const overwrote = stale.overwrites[0];
  return [
    ...(overwrote === undefined ? [] : [overwriteSentence(overwrote)]),
    ...(last === undefined ? [] : [staleSentence(last)]),
  ];
}

function staleSentence({ service, key, reader, reply, given, newer }: StaleRead): CauseSentence {
  const newest = newer.at(-1);
  return sentence(
    `${service} answered ${reader}'s read of ${show(key)} at ${at(reply.sentNs)} with ${
      show(given.value)
    }, which ${given.node} wrote at ${at(given.timeNs)}: ${plural(newer.length, "write")} of that key ${
      newer.length === 1 ? "was" : "were"
    } newer, the last ${show(newest?.value)} by ${newest?.node} at ${at(newest?.timeNs ?? 0)}.`,
    {
      kind: "service",
      timeNs: reply.sentNs,
      messages: [reply.id, given.message, ...newer.map(({ message }) => message)].slice(0, 50),
    },
  );
}

function overwriteSentence({ read, write }: Overwrite): CauseSentence {
  const over = read.newer.at(-1);
  return sentence(
    `${write.node} read ${show(read.given.value)} from ${read.service}, and wrote ${show(write.value)} at ${
      at(write.timeNs)
    } over ${show(over?.value)}, which ${over?.node} had written at ${at(over?.timeNs ?? 0)}.`,
    {
      kind: "service",
      timeNs: write.timeNs,
      messages: [read.reply.id, write.message, ...(over === undefined ? [] : [over.message])],
    },
  );
}

/** A blind write that depends on a stale read. */
interface Overwrite {
  readonly read: StaleRead;
  readonly write: WriteRecord;
}

interface StaleReads {
  readonly overwrites: readonly Overwrite[];
  /** Returns a node's last read before a given time, if it was stale. */
  readonly lastOf: (node: string, beforeNs: number) => StaleRead | undefined;
}

function staleReads(run: RunView): StaleReads {
  const messages = run.log?.messages ?? [];
  const requests = new Map<string, RunMessage>();
  const states = new Map<string, WriteRecord[]>();
  const lastRead = new Map<string, RunMessage>();
  const staleBy = new Map<RunMessage, StaleRead>();
  const open = new Map<
    string,
    StaleRead | { readonly state: WriteRecord | undefined; readonly reply: RunMessage }
  >();
  const overwrites: Overwrite[] = [];
  const reads: { readonly reply: RunMessage; readonly node: string }[] = [];
  for (const message of messages) {
    const { src, dest, body } = message;
    if (SERVICES.has(dest)) {
      requests.set(`${src} ${dest} ${String(body["msg_id"])}`, message);
      continue;
    }
    if (!SERVICES.has(src)) continue;
    const request = requests.get(`${dest} ${src} ${String(body["in_reply_to"])}`);
    if (request === undefined) continue;
    const key = request.body["key"];
    const name = `${src} ${canonicalJson(key)}`;
    const written = states.get(name) ?? [];
    states.set(name, written);
    const isWrite = body["type"] === "write_ok" || body["type"] === "cas_ok";
    if (isWrite) {
      const value = request.body[body["type"] === "cas_ok" ? "to" : "value"];
      const write = { value, node: dest, timeNs: message.sentNs, message: request.id };
      const read = open.get(`${dest} ${name}`);
      if (body["type"] === "write_ok" && read !== undefined) {
        const seen = "given" in read ? read.given : read.state;
        const newer = written.slice(seen === undefined ? 0 : written.indexOf(seen) + 1)
          .filter((each) => each.node !== dest);
        if (newer.length > 0 && seen !== undefined) {
          overwrites.push({
            read: { service: src, key, reader: dest, reply: read.reply, given: seen, newer },
            write,
          });
        }
        open.delete(`${dest} ${name}`);
      }
      written.push(write);
      continue;
    }
    if (body["type"] !== "read_ok") continue;
    lastRead.set(dest, message);
    reads.push({ reply: message, node: dest });
    const at = written.findLastIndex((each) => canonicalJson(each.value) === canonicalJson(body["value"]));
    const given = written[at];
    const newer = written.slice(at + 1);
    if (given !== undefined && newer.length > 0) {
      const stale = { service: src, key, reader: dest, reply: message, given, newer };
      staleBy.set(message, stale);
      open.set(`${dest} ${name}`, stale);
    } else open.set(`${dest} ${name}`, { state: given, reply: message });
  }
  return {
    overwrites,
    lastOf: (node, beforeNs) => {
      const last = reads.findLast((each) => each.node === node && each.reply.sentNs <= beforeNs);
      return last === undefined ? undefined : staleBy.get(last.reply);
    },
  };
}
