/**
 * The log line of a handler that threw. Its writer and its reader share this module, so that its form has one home.
 */

/** The parts of the line before and after the type of the request. */
const BEFORE = "handler of ";
const AFTER = " failed: ";

const LINE = new RegExp(`^(?:[\\d.]+ )?(?:\\w+: )?${BEFORE}\\S+${AFTER}`);

/** Returns the line for a handler that threw; the stack follows on further lines. */
export function handlerFailureLine(type: string, error: unknown): string {
  const details = error instanceof Error ? error.stack ?? error.message : String(error);
  return `${BEFORE}${type}${AFTER}${details}`;
}

/** Returns true if a line of a node's log reports a handler that threw. A time and a node's name may precede it. */
export function isHandlerFailure(line: string): boolean {
  return LINE.test(line);
}
