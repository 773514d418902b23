import type { Choices } from "../choices.ts";
import { type Tile, defaultTile, knowsTile, candidates, tileKey } from "../emit/tile.ts";
import type { Heap } from "../memory/heap.ts";
import type { Plan } from "../plan/plan.ts";
import { withContenders } from "./contenders.ts";
import { race, winnerOf } from "./race.ts";
import type { TileSetting } from "./settings.ts";
import { timeInTiles } from "./worth.ts";

/** What a tile did when it was measured, in 10^9 multiplications and additions of float32 in a second. */
export interface TileTiming {
  readonly tile: Tile;
  readonly gigaflops: number;
}

/** The tile of an engine's products, and why it is that one. */
export interface TileReport {
  readonly tile: Tile;
  /**
   * "given" by an option, a variable or a variant; "known" for this engine and processor; "measured" here; or the
   * "default": nothing was measured yet, or measuring told nothing.
   */
  readonly source: "given" | "known" | "measured" | "default";
  /** Of this process, where tiles were measured: the default one first. */
  readonly timings: readonly TileTiming[];
}

/** Multiplications and additions in a pair of vectors. */
const operations = 8;
/** Estimated nanoseconds of products in a run from which on measuring pays, after a hundred runs or so. */
const worthMeasuring = 200_000;

/** What was measured in this process, with and without fused multiply-add: for all of its engines. */
const measured = new Map<boolean, TileReport>();

/** Measures tiles, and has what was measured before. */
export interface Measurer {
  before(): TileReport | null;
  measure(): TileReport;
}

/** The one of the process, which measures once, in some 20 ms. */
export function measurerOf(heap: Heap, fma: boolean): Measurer {
  const before = (): TileReport | null => measured.get(fma) ?? null;
  return {
    before,
    measure() {
      const report = before() ?? measure(heap, fma, () => performance.now());
      measured.set(fma, report);
      return report;
    },
  };
}

/** Measures by a clock of milliseconds. */
export function measure(heap: Heap, fma: boolean, now: () => number): TileReport {
  const usual = defaultTile(fma);
  const tiles = [usual, ...candidates.filter((tile) => tileKey(tile) !== tileKey(usual))];
  return withContenders(heap, fma, tiles, (contenders): TileReport => {
    const result = race(contenders, now);
    if (!result) return { tile: usual, source: "default", timings: [] };
    const timings = tiles.map((tile, i) => ({ tile, gigaflops: operations / result.nanoseconds[i]! }));
    return { tile: winnerOf(contenders, result), source: result.settled ? "measured" : "default", timings };
  });
}

/**
 * The tile of a compiler's products: fixed, or to be measured before the first program for which that pays. All tiles
 * give the same bits: the choice is one about time alone (docs/adr/0009).
 */
export class TileChoice {
  readonly #fma: boolean;
  readonly #measurer: Measurer;
  #report: TileReport;
  /** Time of a run's products, in nanoseconds, from which on tiles are measured; null when the choice is made. */
  #measuresFrom: number | null = null;

  constructor(setting: TileSetting, fma: boolean, measurer: Measurer) {
    this.#fma = fma;
    this.#measurer = measurer;
    if (typeof setting === "object") {
      this.#report = { tile: setting, source: "given", timings: [] };
      return;
    }
    const isKnown = setting === "auto" && knowsTile();
    this.#report = { tile: defaultTile(fma), source: isKnown ? "known" : "default", timings: [] };
    if (!isKnown) this.#measuresFrom = setting === "measure" ? 0 : worthMeasuring;
  }

  get report(): TileReport {
    return this.#report;
  }

  /** The tile for the code of a plan. */
  tileFor(planned: Plan, choices: Choices): Tile {
    if (this.#measuresFrom !== null) {
      const before = this.#measurer.before();
      const time = before ? Infinity : timeInTiles(planned, this.#fma, choices);
      if (time > 0 && time >= this.#measuresFrom) {
        this.#report = before ?? this.#measurer.measure();
        this.#measuresFrom = null;
      }
    }
    return this.#report.tile;
  }
}
