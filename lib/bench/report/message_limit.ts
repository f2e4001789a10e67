/** Messages of a run on the wall clock: recorded always, for its report, but no more than a report can use. */

import { messageLines, type MessageSink } from "../traffic.ts";

/** How many characters of messages are recorded unless all are asked for. */
export const RECORDED_LENGTH_MAX = 48_000_000;

/**
 * A sink that writes the lines of messages.jsonl until they have `lengthMax` characters. Messages sent after that are
 * counted; of those before it, what became of them is still written. `end` writes how many are missing.
 */
export function limitedMessages(
  write: (line: string) => void,
  lengthMax = RECORDED_LENGTH_MAX,
): { readonly sink: MessageSink; readonly end: () => void } {
  let length = 0;
  let firstMissing = -1;
  let missingSinceMs = 0;
  let missing = 0;
  const { sink } = messageLines((line) => {
    length += line.length;
    write(line);
  });
  return {
    sink: {
      began: (timeMs) => sink.began?.(timeMs),
      sent: (timeMs, id, line, message) => {
        if (firstMissing < 0 && length < lengthMax) return sink.sent(timeMs, id, line, message);
        if (firstMissing < 0) [firstMissing, missingSinceMs] = [id, timeMs];
        missing++;
      },
      met: (timeMs, id, fate, message) => {
        if (firstMissing < 0 || id < firstMissing) sink.met(timeMs, id, fate, message);
      },
    },
    end: () => {
      if (missing === 0) return;
      const time = Math.round(missingSinceMs * 1e6);
      write(`{"time":${time},"event":"left-out","messages":${missing}}`);
    },
  };
}
