/**
 * Limits the messages recorded from a run in real time to the number that a report can use.
 *
 * Tested by `tests/bench/report/columns_test.ts`.
 */

import { messageLines, type MessageSink } from "./message_journal.ts";

/** The maximum number of recorded characters, unless all messages are requested. */
export const RECORDED_LENGTH_MAX = 48_000_000;

/** The number of trailing lines recorded after that, and of their characters. */
const TAIL_LINES_MAX = 2000;
const TAIL_LENGTH_MAX = 8_000_000;

/**
 * Returns a sink that writes the lines of messages.jsonl until they have `lengthMax` characters. It counts later messages, but
 * still writes the outcomes of earlier ones. `end` writes the number of omitted messages and the last lines.
 */
export function limitedMessages(
  write: (line: string) => void,
  lengthMax = RECORDED_LENGTH_MAX,
  tailLinesMax = TAIL_LINES_MAX,
): { readonly sink: MessageSink; readonly end: () => void } {
  let length = 0;
  let firstMissing = -1;
  let missingSinceMs = 0;
  let sentCount = 0;
  const tail: string[] = []; // from `tailStart` on
  let tailStart = 0;
  let tailLength = 0;
  const { sink } = messageLines((line) => {
    length += line.length;
    write(line);
  });
  const { sink: late } = messageLines((line) => {
    tail.push(line);
    tailLength += line.length;
    while (tail.length - tailStart > tailLinesMax || tailLength > TAIL_LENGTH_MAX) {
      tailLength -= tail[tailStart]?.length ?? 0;
      tail[tailStart++] = "";
    }
    if (tailStart < tailLinesMax) return;
    tail.splice(0, tailStart);
    tailStart = 0;
  });
  return {
    sink: {
      began: (timeMs) => sink.began?.(timeMs),
      sent: (timeMs, delivery) => {
        if (firstMissing < 0 && length + delivery.length < lengthMax) return sink.sent(timeMs, delivery);
        if (firstMissing < 0) [firstMissing, missingSinceMs] = [delivery.id, timeMs];
        sentCount++;
        late.sent(timeMs, delivery);
      },
      resolved: (timeMs, id, deliveryStatus, message) => {
        if (firstMissing < 0 || id < firstMissing) sink.resolved(timeMs, id, deliveryStatus, message);
        else late.resolved(timeMs, id, deliveryStatus, message);
      },
    },
    end: () => {
      if (sentCount === 0) return;
      const last = tail.slice(tailStart);
      const kept = last.filter((line) => line.includes('"event":"sent"')).length;
      const time = Math.round(missingSinceMs * 1e6);
      if (sentCount > kept) write(`{"time":${time},"event":"left-out","messages":${sentCount - kept}}`);
      for (const line of last) write(line);
    },
  };
}
