/**
 * Words of a team's control block, by their index. Those that several threads write, or wait for, stand on cache lines
 * of their own.
 */
export const control = {
  /** Changes with every job and every message: what idle workers wait on. */
  signal: 0,
  /** The job's number in the upper 20 bits, the next chunk to claim in the lower 12. */
  next: 16,
  /** Chunks of the job that are finished: what the calling thread waits on. */
  done: 32,
  /** The chunk function of the job, and how many chunks it has. */
  kernel: 48,
  chunks: 49,
  /** Not 0 if a chunk of the job trapped in a worker. */
  failed: 64,
  /** Messages that were sent to each worker. */
  mail: 80,
  /** Workers that take part. */
  ready: 96,
  /** Chunks claimed since the team started: a line for each participant, the calling thread first. */
  claimed: 112,
} as const;

export const lineWords = 16;
export const chunkBits = 12;
/** More chunks than any job has: none can be claimed. */
export const closed: number = 2 ** chunkBits - 1;
export const chunksMax: number = closed - 1;
/** Looks at a word before a thread goes to sleep: some 50 us once the loop is optimised. */
export const spins = 20000;

export function controlWords(threads: number): number {
  return control.claimed + threads * lineWords;
}
