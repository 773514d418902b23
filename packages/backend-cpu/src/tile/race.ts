import type { Tile } from "../emit/tile.ts";

/** A tile that can be run again and again. */
export interface Contender {
  readonly tile: Tile;
  readonly run: () => void;
  /** Multiplications of vectors in a run. */
  readonly work: number;
}

export interface Race {
  /** Of one multiplication of a vector with its addition, in the order of the contenders. */
  readonly nanoseconds: readonly number[];
  /** Whether the times had stopped changing: else some were those of code that was not optimised yet. */
  readonly settled: boolean;
}

/** All times are milliseconds. Reading the clock and its ticks are a small part of a slice. */
const slice = 0.25;
const ticksOfSlice = 10;
/** Clocks that tick more slowly tell too little in the time that there is. */
const tickMax = 0.125;
const readingsMax = 20_000;
/** The race ends so long after the last code was replaced, and takes no longer than this, by the slices that were run. */
const quiet = 10;
const longest = 30;
/** A race that takes so long by the clock is given up: others have the processor. */
const patience = 60;
/** A time that falls so far below the best one before comes from other code. */
const replaced = 0.8;
/** How many times faster than the usual tile another one must be. */
const margin = 1.1;

/**
 * Runs all contenders in turn, slice by slice, and keeps the best time of each. Engines start with code that is made
 * quickly and replace it in the background, at a time that they do not tell: the race goes on until all times have
 * fallen and none has for a while. Null where the clock, of milliseconds, is too coarse or stands still.
 */
export function race(contenders: readonly Contender[], now: () => number): Race | null {
  const tick = tickOf(now);
  if (tick > tickMax) return null;
  const length = Math.max(slice, ticksOfSlice * tick);
  const nanoseconds = contenders.map(() => Infinity);
  const fallen = new Set<number>();
  const start = now();
  // Not by the clock: while the processor is away, no code is replaced.
  let [time, last] = [0, 0];
  const isOver = (): boolean =>
    time >= longest || (fallen.size === contenders.length && time - last >= quiet);
  while (!isOver() && now() - start < patience) {
    time += contenders.length * length;
    for (const [i, contender] of contenders.entries()) {
      const taken = timeOf(contender, length, now);
      const before = nanoseconds[i]!;
      if (before < Infinity && taken < replaced * before) {
        fallen.add(i);
        last = time;
      }
      nanoseconds[i] = Math.min(before, taken);
    }
  }
  return { nanoseconds, settled: isOver() && time - last >= quiet };
}

/** Where the first contender's tile is the usual one, another one counts only if it is clearly faster. */
export function winnerOf(contenders: readonly Contender[], { nanoseconds, settled }: Race): Tile {
  const usual = contenders[0]!.tile;
  const best = Math.min(...nanoseconds);
  if (!settled || best * margin > nanoseconds[0]!) return usual;
  return contenders[nanoseconds.indexOf(best)]!.tile;
}

/** The nanoseconds of a multiplication, from runs of so many milliseconds. */
function timeOf({ run, work }: Contender, length: number, now: () => number): number {
  const start = now();
  let runs = 0;
  let time = 0;
  do {
    run();
    runs++;
    time = now() - start;
  } while (time < length);
  return (time * 1e6) / (runs * work);
}

/** How long the clock shows the same time: the least of some, as the processor may have been away; Infinity if too long. */
function tickOf(now: () => number): number {
  let tick = Infinity;
  let [before, ticks] = [now(), 0];
  for (let i = 0; i < readingsMax && ticks < ticksOfSlice; i++) {
    const after = now();
    if (after === before) continue;
    // The first one had begun before.
    if (ticks++ > 0) tick = Math.min(tick, after - before);
    before = after;
  }
  return tick;
}
