import { describe, expect, test } from "vitest";
import { type Contender, type Race, race, winnerOf } from "./race.ts";

/** A clock that only what it is asked for moves on, by steps of a tick: the readings themselves take a microsecond. */
class FakeClock {
  #time = 0;
  readonly #tick: number;
  readonly #reading: number;

  constructor(tick = 0.001, reading = 0.001) {
    this.#tick = tick;
    this.#reading = reading;
  }

  readonly now = (): number => {
    this.#time += this.#reading;
    return Math.floor(this.#time / this.#tick) * this.#tick;
  };

  get time(): number {
    return this.#time;
  }

  /** A contender whose run takes so many milliseconds, at a time. */
  contender(rows: number, taken: (time: number) => number): Contender {
    const run = (): void => void (this.#time += taken(this.#time));
    return { tile: { rows, vectors: 2 }, run, work: 1 };
  }
}

/** Slow code until some time, then code that takes so long. */
const replaced =
  (from: number, fast: number, slow = 0.05) =>
  (time: number): number =>
    time < from ? slow : fast;

function ran(contenders: readonly Contender[], clock: FakeClock): Race {
  const result = race(contenders, clock.now);
  if (result === null) throw new Error("The clock was refused.");
  return result;
}

describe("a race of tiles", () => {
  test("is won by what is clearly the fastest once its code is optimised, and lasts until it is", () => {
    const clock = new FakeClock();
    const contenders = [
      clock.contender(4, replaced(3, 0.01)),
      clock.contender(5, replaced(9, 0.008, 0.1)),
      clock.contender(6, replaced(1, 0.02, 0.03)),
    ];
    const result = ran(contenders, clock);
    expect(result.settled).toBe(true);
    expect(result.nanoseconds.map((time) => Math.round(time / 1000))).toEqual([11, 9, 21]);
    expect(winnerOf(contenders, result).rows).toBe(5);
    expect(clock.time).toBeGreaterThan(19);
    expect(clock.time).toBeLessThan(22);
  });

  test("leaves the usual tile where another is hardly faster", () => {
    for (const [usual, wins] of [
      [0.0105, 4],
      [0.0125, 5],
    ] as const) {
      const clock = new FakeClock();
      const contenders = [clock.contender(4, () => usual), clock.contender(5, () => 0.01)];
      expect(winnerOf(contenders, ran(contenders, clock)).rows).toBe(wins);
    }
  });

  test("decides nothing while code is still replaced at its end", () => {
    const clock = new FakeClock();
    const contenders = [clock.contender(4, replaced(25, 0.01)), clock.contender(5, replaced(5, 0.02))];
    const result = ran(contenders, clock);
    expect(result.settled).toBe(false);
    // Even where the other one looks better.
    expect(winnerOf(contenders, { nanoseconds: [2, 1], settled: false }).rows).toBe(4);
  });

  test("takes its full time where no code is replaced, and then counts", () => {
    const clock = new FakeClock();
    const contenders = [clock.contender(4, () => 0.02), clock.contender(5, () => 0.01)];
    const result = ran(contenders, clock);
    expect(winnerOf(contenders, result).rows).toBe(5);
    expect(clock.time).toBeGreaterThan(30);
    expect(clock.time).toBeLessThan(32);
  });

  test("is not moved by slices in which the processor was away", () => {
    const clock = new FakeClock();
    // Three of four parts of the time belong to others.
    const away = (time: number): number => (time % 4 < 3 ? 3 - (time % 4) : 0);
    const contenders = [
      clock.contender(4, (time) => replaced(4, 0.01)(time) + away(time)),
      clock.contender(5, (time) => replaced(4, 0.0102)(time) + away(time)),
    ];
    expect(winnerOf(contenders, ran(contenders, clock)).rows).toBe(4);
    expect(clock.time).toBeLessThan(50);
  });

  test("is given up where others have the processor nearly all the time", () => {
    const clock = new FakeClock();
    // Both still run their first code; that of the usual tile is the slower one.
    const away = (time: number): number => (time % 5 < 4.9 ? 4.9 - (time % 5) : 0);
    const contenders = [
      clock.contender(4, (time) => 0.05 + away(time)),
      clock.contender(5, (time) => 0.02 + away(time)),
    ];
    const result = ran(contenders, clock);
    expect(result.settled).toBe(false);
    expect(winnerOf(contenders, result).rows).toBe(4);
    expect(clock.time).toBeLessThan(80);
  });

  test("has slices of ten ticks of a coarse clock", () => {
    const clock = new FakeClock(0.1);
    const contenders = [clock.contender(4, replaced(2, 0.01)), clock.contender(5, replaced(2, 0.007))];
    expect(winnerOf(contenders, ran(contenders, clock)).rows).toBe(5);
  });

  test.each([
    ["ticks every millisecond", new FakeClock(1)],
    ["stands still", new FakeClock(1, 0)],
  ])("is not held where the clock %s", (_name, clock) => {
    const contender = clock.contender(4, () => {
      throw new Error("It ran.");
    });
    expect(race([contender], clock.now)).toBeNull();
  });
});
