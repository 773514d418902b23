import type { Bench, BenchOptions, Measures } from "./bench.ts";

/** What the rounds gave for one contender; `error` where it could not run. */
export interface Outcome {
  readonly contender: string;
  readonly rounds: readonly Measures[];
  readonly error: string | null;
}

/**
 * All contenders in turn, round after round, so that a busy moment of the machine meets them all alike. One that
 * fails is left out of the later rounds.
 */
export async function measure(
  bench: Bench,
  options: BenchOptions,
  rounds: number,
  progress: (line: string) => void,
): Promise<Outcome[]> {
  const entries = bench
    .contenders(options)
    .map((contender) => ({ contender, rounds: [] as Measures[], error: null as string | null }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const entry of entries.filter(({ error }) => error === null)) {
      progress(`${bench.name}: round ${round} of ${rounds}, ${entry.contender.name}`);
      try {
        entry.rounds.push(await entry.contender.run());
      } catch (error) {
        entry.error = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return entries.map(({ contender, rounds: results, error }) => ({
    contender: contender.name,
    rounds: results,
    error,
  }));
}
