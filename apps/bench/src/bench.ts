/** Numbers by the name of what was measured. */
export type Measures = Readonly<Record<string, number>>;

/** Where the middle of several values stands, if the value under the key itself is the least of them. */
export function medianKey(key: string): string {
  return `${key} (median)`;
}

/** Where a number stands that must be the same for all contenders. */
export function checkKey(key: string): string {
  return `${key} (check)`;
}

/** Who takes part: a name, and one measurement in fresh processes of its own. */
export interface Contender {
  readonly name: string;
  /** 1 unless given. Ratios are those of equal counts. */
  readonly threads?: number;
  /** Not a peer but the bound of them all: what others reach of it is shown. */
  readonly isLimit?: boolean;
  /** Why there is no measurement, by the key; filled while it runs. */
  readonly failures?: ReadonlyMap<string, string>;
  run(): Promise<Measures>;
  /** Ends what it kept between rounds. */
  close?(): Promise<void>;
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
  /** Runs only where it is asked for by name: it needs what not everybody has. */
  readonly isOnRequest?: boolean;
  /** Measures become rows, and contenders columns; without this it is the other way around. */
  readonly measuresAsRows?: boolean;
  /** What such a table says of its rows, instead of the number of threads. */
  readonly corner?: string;
  /** The first is the baseline of the ratios. */
  contenders(options: BenchOptions): readonly Contender[];
}

export interface BenchOptions {
  /** A Python with Keras 2.15 on TensorFlow, or null. */
  readonly python: string | null;
  /** Which of `tensorflow`, `torch` and `numpy` it has. */
  readonly pythonPackages: readonly string[];
  /** The folder of the package `onnxruntime-node`, or null. */
  readonly onnxRuntime: string | null;
  /** How many threads are raced with, each count for itself. */
  readonly threads: readonly number[];
}
