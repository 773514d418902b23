import { type Bench, type BenchOptions, type Measures, checkKey } from "./bench.ts";

/** What the rounds gave for one contender; `error` where it could not run. */
export interface Outcome {
  readonly contender: string;
  readonly threads: number;
  readonly isLimit: boolean;
  /** Why single measurements are missing, by their key. */
  readonly failures: Readonly<Record<string, string>>;
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
  try {
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
  } finally {
    for (const { contender } of entries) await contender.close?.();
  }
  return checked(
    entries.map(({ contender, rounds: results, error }) => ({
      contender: contender.name,
      threads: contender.threads ?? 1,
      isLimit: contender.isLimit ?? false,
      failures: Object.fromEntries(contender.failures ?? []),
      rounds: results,
      error,
    })),
    bench.measures.map(({ key }) => key),
  );
}

/** Those that computed something else than the baseline fail, however fast they were. */
export function checked(outcomes: readonly Outcome[], keys: readonly string[]): Outcome[] {
  const [baseline] = outcomes;
  return outcomes.map((outcome) => {
    const wrong = keys.flatMap((key): [string, string][] => {
      const expected = valueOf(baseline, checkKey(key));
      const made = valueOf(outcome, checkKey(key));
      if (expected === undefined || made === undefined) return [];
      if (Math.abs(made - expected) <= 1e-3 * Math.abs(expected)) return [];
      return [[key, `computed ${made} where ${baseline?.contender} computed ${expected}`]];
    });
    if (wrong.length === 0) return outcome;
    const keysOfWrong = new Set(wrong.map(([key]) => key));
    const rounds = outcome.rounds.map((measures) =>
      Object.fromEntries(Object.entries(measures).filter(([key]) => !keysOfWrong.has(key))),
    );
    return { ...outcome, rounds, failures: { ...outcome.failures, ...Object.fromEntries(wrong) } };
  });
}

function valueOf(outcome: Outcome | undefined, key: string): number | undefined {
  return outcome?.rounds.map((measures) => measures[key]).find((value) => value !== undefined);
}
