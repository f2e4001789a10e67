/**
 * Limits the messages recorded from a run in real time to the number that a report can use.
 *
 * Tested by `tests/bench/report/columns_test.ts`.
 */

import { messageLines, type MessageSink } from "./message_journal.ts";

/** The maximum number of recorded characters, unless all messages are requested. */
export const RECORDED_LENGTH_MAX = 48_000_000;

/** The number of trailing lines recorded after that. */
const TAIL_LINES_MAX = 2000;

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
  const tail: string[] = []; // a ring buffer once it is full
  let tailAt = 0;
  const { sink } = messageLines((line) => {
    length += line.length;
    write(line);
  });
  const { sink: late } = messageLines((line) => {
    tail[tailAt] = line;
    tailAt = (tailAt + 1) % tailLinesMax;
  });
  return {
    sink: {
      began: (timeMs) => sink.began?.(timeMs),
      sent: (timeMs, delivery) => {
        if (firstMissing < 0 && length < lengthMax) return sink.sent(timeMs, delivery);
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
      const last = [...tail.slice(tailAt), ...tail.slice(0, tailAt)];
      const kept = last.filter((line) => line.includes('"event":"sent"')).length;
      const time = Math.round(missingSinceMs * 1e6);
      if (sentCount > kept) write(`{"time":${time},"event":"left-out","messages":${sentCount - kept}}`);
      for (const line of last) write(line);
    },
  };
}
