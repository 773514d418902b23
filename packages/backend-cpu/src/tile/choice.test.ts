import { afterEach, describe, expect, test, vi } from "vitest";
import { choicesOf } from "../choices.ts";
import { type Tile, defaultTile, knowsTile, candidates, pairedTile } from "../emit/tile.ts";
import { product } from "../fixtures/product.ts";
import { hostWith } from "../fixtures/host.ts";
import { heap } from "../memory/heap.ts";
import { type Plan, plan } from "../plan/plan.ts";
import { probe } from "../wasm/probe.ts";
import { TileChoice, type TileReport, measure } from "./choice.ts";

const choices = choicesOf(false);
const planOf = (side: number): Plan => plan(product(side), choices);
const measured: TileReport = { tile: candidates[3]!, source: "measured", timings: [] };

/** How often tiles were measured until a choice had chosen for plans. */
function measurements(setting: "auto" | "measure" | Tile, sides: readonly number[]): [number, TileReport] {
  let count = 0;
  const measurer = { before: () => (count > 0 ? measured : null), measure: () => (count++, measured) };
  const choice = new TileChoice(setting, false, measurer);
  for (const side of sides) choice.tileFor(planOf(side), choices);
  return [count, choice.report];
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the choice of a tile", () => {
  test("is made without measuring where it is given or known", () => {
    expect(measurements(pairedTile, [512])).toEqual([0, { tile: pairedTile, source: "given", timings: [] }]);
    vi.stubGlobal("process", hostWith({ arch: "x64", versions: { v8: "12.4.1" } }));
    expect(knowsTile()).toBe(true);
    const known = { tile: { rows: 5, vectors: 2 }, source: "known", timings: [] };
    expect(measurements("auto", [512])).toEqual([0, known]);
  });

  test.each([
    ["another processor", { arch: "arm64", versions: { v8: "13.6.2" } }],
    ["a newer V8", { arch: "x64", versions: { v8: "99.1.0" } }],
    [
      "Bun, which names a V8 that it does not have",
      { arch: "x64", versions: { v8: "12.4.1", bun: "1.3.0" } },
    ],
    ["no process at all", undefined],
  ])("is measured on %s, once, before the first large product", (_name, host) => {
    vi.stubGlobal("process", host && hostWith(host));
    expect(measurements("auto", [96, 128])).toEqual([
      0,
      { tile: defaultTile(false), source: "default", timings: [] },
    ]);
    expect(measurements("auto", [96, 256, 512])).toEqual([1, measured]);
  });

  test("is measured where that is asked for, before the first product of tiles", () => {
    // 64 x 64 has code of its own.
    expect(measurements("measure", [64])[0]).toBe(0);
    expect(measurements("measure", [96, 96])).toEqual([1, measured]);
  });
});

test("an engine takes what was measured for another one, whatever its programs", () => {
  const measurer = {
    before: () => measured,
    measure(): TileReport {
      throw new Error("It measured again.");
    },
  };
  const choice = new TileChoice("measure", false, measurer);
  expect(choice.tileFor(planOf(8), choices)).toBe(measured.tile);
  expect(choice.report).toBe(measured);
});

describe("measuring", () => {
  test.each(probe().fma ? [true, false] : [false])("tries all tiles, fused: %s", (fma) => {
    for (const memory of [heap(), heap(true)]) {
      const before = memory.allocate(64);
      memory.free(before);
      const { tile, source, timings } = measure(memory, fma, () => performance.now());
      const tried = timings.map((timing) => timing.tile);
      expect(tried[0]).toEqual(defaultTile(fma));
      expect(tried).toHaveLength(candidates.length);
      for (const other of candidates) expect(tried).toContainEqual(other);
      // Nothing is decided on a machine that is so busy that it is still compiling.
      expect(source === "measured" ? tried : [tried[0]]).toContainEqual(tile);
      for (const { gigaflops } of timings) expect(gigaflops).toBeGreaterThan(0);
      // The operands' memory is free again.
      expect(memory.allocate(64)).toBe(before);
      memory.free(before);
    }
  });

  test("keeps the default tile where the clock tells nothing", () => {
    expect(measure(heap(), false, () => 0)).toEqual({
      tile: defaultTile(false),
      source: "default",
      timings: [],
    });
  });
});
