/** Seeds of a class. Tested by `tests/bench/grade/batch_test.ts`. */

import { createHmac } from "node:crypto";

/** The number of bytes of a seed, which is an exact integer. */
const SEED_LENGTH = 6;

/**
 * Returns the seed of one run of one student. The secret repeats the run; without the secret, a student cannot prepare for it.
 * The line is identified by its arguments, so that a line that two challenges share has one seed.
 */
export function seedOf(
  secret: string,
  { student, line, repetition }: {
    readonly student: string;
    readonly line: readonly string[];
    readonly repetition: number;
  },
): number {
  const digest = createHmac("sha256", secret).update(JSON.stringify([student, line, repetition])).digest();
  return digest.readUIntBE(0, SEED_LENGTH);
}
