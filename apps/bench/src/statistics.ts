import { type Measures, medianKey } from "./bench.ts";

/** The least and the middle value; of an even number the lower middle, which was really measured. */
export interface Summary {
  readonly min: number;
  readonly median: number;
}

/** Throws a RangeError when there is no value. */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const [min] = sorted;
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (min === undefined || median === undefined) throw new RangeError("there are no values to summarise");
  return { min, median };
}

/** Of one measure over the rounds; null where there is none. */
export function summariseRounds(rounds: readonly Measures[], key: string): Summary | null {
  const pairs = rounds.flatMap((measures) => {
    const value = measures[key];
    return value === undefined ? [] : [{ value, middle: measures[medianKey(key)] ?? value }];
  });
  if (pairs.length === 0) return null;
  const { min } = summarise(pairs.map(({ value }) => value));
  return { min, median: summarise(pairs.map(({ middle }) => middle)).median };
}

/** How many times the baseline's value each round has: the ratio of the least ones, and the middle of the ratios. */
export function ratios(
  rounds: readonly Measures[],
  baseline: readonly Measures[],
  key: string,
): Summary | null {
  const pairs = rounds.flatMap((measures, index) => {
    const others = baseline[index] ?? {};
    const [own, other] = [measures[key], others[key]];
    if (own === undefined || other === undefined) return [];
    const middle = (measures[medianKey(key)] ?? own) / (others[medianKey(key)] ?? other);
    return [{ own, other, middle }];
  });
  if (pairs.length === 0) return null;
  const min = summarise(pairs.map(({ own }) => own)).min / summarise(pairs.map(({ other }) => other)).min;
  return { min, median: summarise(pairs.map(({ middle }) => middle)).median };
}
