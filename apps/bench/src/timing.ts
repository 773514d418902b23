/** How long one run takes, in milliseconds: the least and the middle one of several batches. */
export interface Timing {
  readonly best: number;
  readonly median: number;
}

/** What is measured, and for how long. Times are milliseconds. */
export interface TimingOptions {
  /** Runs that are not counted: compilers of WebAssembly and JavaScript take their second look in that time. */
  readonly warm: number;
  readonly measured: number;
  /** Runs are timed in batches of at least so long, which the clock resolves. */
  readonly batch: number;
  /** Where a run is slow: no more of it than that, whatever else is said here. */
  readonly most: number;
}

/** For everything that is raced; python/race.py has the same numbers. */
export const usual: TimingOptions = { warm: 250, measured: 250, batch: 2, most: 2000 };

/** The environment's variable that says which clock counts: `wall`, or `cpu` for the time of all threads together. */
export const clockVariable = "BENCH_CLOCK";

/** Milliseconds. CPU time leaves out what other processes take of a busy machine. */
export const now: () => number =
  process.env[clockVariable] === "cpu"
    ? () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      }
    : () => performance.now();

/** Times a run, over and over: at least three times before, and five batches, unless it is slow. */
export async function time(run: () => void | Promise<void>, options: TimingOptions = usual): Promise<Timing> {
  const { warm, measured, batch, most } = options;
  let [single, spent] = [0, 0];
  for (let runs = 0; (spent < warm || runs < 3) && spent < most;) {
    const count = runs === 0 ? 1 : batchSize(batch / 2, single);
    const took = await timeBatch(run, count);
    single = took / count;
    spent += took;
    runs += count;
  }
  const count = batchSize(batch, single);
  const batches: number[] = [];
  for (spent = 0; (spent < measured || batches.length < 5) && (spent < most || batches.length < 1);) {
    const took = await timeBatch(run, count);
    spent += took;
    batches.push(took / count);
  }
  const sorted = batches.toSorted((a, b) => a - b);
  return { best: sorted[0] ?? Number.NaN, median: sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN };
}

function batchSize(batch: number, single: number): number {
  return Math.max(1, Math.min(Math.ceil(batch / Math.max(single, 1e-5)), 10_000));
}

async function timeBatch(run: () => void | Promise<void>, count: number): Promise<number> {
  const begin = now();
  for (let i = 0; i < count; i += 1) {
    // Awaiting what is no promise would cost as much as a small kernel.
    const pending = run();
    if (pending) await pending;
  }
  return now() - begin;
}
