/** Numbers by the name of what was measured. */
export type Measures = Readonly<Record<string, number>>;

/** Who takes part: a name, and one measurement in fresh processes of its own. */
export interface Contender {
  readonly name: string;
  run(): Promise<Measures>;
}

/** What is measured, as a column of the table. */
export interface Measure {
  /** The key in `Measures`. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Also shown as a multiple of the baseline's. */
  readonly ratio: boolean;
}

/** One comparison: a file in `benches`, listed in `benches/index.ts`. */
export interface Bench {
  readonly name: string;
  readonly title: string;
  /** What was done and how, in sentences; goes above the table. */
  readonly description: string;
  readonly measures: readonly Measure[];
  /** The first is the baseline of the ratios. */
  contenders(options: BenchOptions): readonly Contender[];
}

export interface BenchOptions {
  /** A Python with Keras 2.15 on TensorFlow, or null. */
  readonly python: string | null;
}
