/** How few messages broadcast can do with, for the latency that it is allowed. */

/** What is asked of a cluster that broadcasts. */
export interface Load {
  /** How many nodes there are. */
  readonly nodes: number;
  /** One way from node to node, ms. */
  readonly hopMs: number;
  /** Values that are handed in each second, over all nodes. */
  readonly valuesPerS: number;
  /** Operations each second, over all nodes: what messages are counted against. */
  readonly operationsPerS: number;
}

/**
 * The derived frontier: server messages per operation, when the last node must know each value `latencyMsMax` ms after it
 * was handed in. Undefined where a single hop takes longer than that, since then nothing can do it.
 *
 * With n nodes, hops of L and values that come by chance (Poisson) at a rate λ, each to one of the nodes:
 *
 * - Telling everyone what each of them has takes 2n − 2 one-way messages (Hajnal, Milner, Szemerédi, "A cure for the telephone
 *   disease", 1972): n − 1 to gather it, n − 1 to scatter it. That is the way of the fewest messages, and takes two hops.
 * - What may be late can be told together. Values that come within T go in one round; the first of them is then T + 2L old
 *   when the last node has it. So a round may take T = latencyMsMax − 2L.
 * - Who has nothing to say need not say it. Of the n − 1 that gather, each has got a value in T with the probability
 *   1 − e^(−λT/n); each of the n − 1 is told only if anybody else has: 1 − e^(−λT(n−1)/n).
 * - So a second costs (n − 1)(2 − e^(−λT/n) − e^(−λT(n−1)/n)) / T messages. As T goes to 0, that becomes (n − 1)λ: each value
 *   to everyone, which takes a single hop when it is sent straight. Between one hop and two there is nothing better.
 *
 * What is left out can only cost more: acknowledgements that find nothing to go with, the guard against late timers, the quiet
 * after the last value. What one measures can seem to cost less, since reads are too seldom to see a value's last moment.
 */
export function frontier(
  latencyMsMax: number,
  { nodes, hopMs, valuesPerS, operationsPerS }: Load,
): number | undefined {
  if (!(latencyMsMax >= hopMs)) return undefined;
  const roundS = (latencyMsMax - 2 * hopMs) / 1000;
  const others = nodes - 1;
  if (roundS <= 0) return others * valuesPerS / operationsPerS;
  const toGather = -Math.expm1(-valuesPerS * roundS / nodes);
  const toScatter = -Math.expm1(-valuesPerS * roundS * others / nodes);
  return others * (toGather + toScatter) / roundS / operationsPerS;
}

/**
 * The longest latency, ms, at which the median one is `medianMs`: values wait half a round at the median, a whole one at
 * worst, and two hops besides. What is told sooner than in two hops goes straight, and all of it is equally old.
 */
export function longestFor(medianMs: number, hopMs: number): number {
  return medianMs <= 2 * hopMs ? medianMs : 2 * (medianMs - hopMs);
}
