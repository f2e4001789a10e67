/**
 * The log line of a handler that threw. Its writer and its reader share this module, so that its form has one home.
 */

/** Returns the line for a handler that threw; the stack follows on further lines. */
export function handlerFailureLine(type: string, error: unknown): string {
  return `handler of ${type} failed: ${
    error instanceof Error ? error.stack ?? error.message : String(error)
  }`;
}

/** Returns true if a line of a node's log reports a handler that threw. A time may precede it. */
export function isHandlerFailure(line: string): boolean {
  return /^(?:[\d.]+ )?(?:\w+: )?handler of \S+ failed: /.test(line);
}
