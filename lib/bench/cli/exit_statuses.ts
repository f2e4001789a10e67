/** The exit statuses of commands, for their help texts. Tested by `tests/bench/cli/messages_test.ts`. */

const ALWAYS = "254 wrong arguments, 255 the bench failed.";
/** The statuses of a command that a signal ended. */
const SIGNALS = "129, 130 or 143 ended by SIGHUP, SIGINT or SIGTERM,";

/** The statuses of a command that ends with a verdict. */
export const VERDICT_STATUSES = `Exit status: 0 valid, 1 invalid, 2 unknown,\n${SIGNALS} ${ALWAYS}`;

/** The statuses of a command that runs many seeds. */
export const SEEDS_STATUSES =
  `Exit status: 0 every seed is valid, 1 one is invalid, 2 one is unknown,\n${SIGNALS} ${ALWAYS}`;

/** The statuses of a command without a verdict. */
export const PLAIN_STATUSES = `Exit status: 0 done, ${ALWAYS}`;
