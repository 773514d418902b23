import type { TypedArray } from "@polykeras/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { defaultTile, candidates } from "./emit/tile.ts";
import { type CpuBackend, type Options, create, createForced } from "./engine.ts";
import { hostWith } from "./fixtures/host.ts";
import { product } from "./fixtures/product.ts";
import { ProgramBuilder, runOnce, sample } from "./fixtures/program.ts";
import type { TileReport } from "./tile/choice.ts";
import { probe } from "./wasm/probe.ts";

const engines: CpuBackend[] = [];

function engineOf(options: Options): CpuBackend {
  const engine = create(options);
  engines.push(engine);
  return engine;
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  for (const engine of engines.splice(0)) engine.dispose();
});

/** Thirds, whose products are not exact. */
const feeds = (side: number): readonly TypedArray[] =>
  [1, 2].map((seed) => sample("float32", side ** 2, seed).map((value) => value / 3));

const productBy = async (engine: CpuBackend, side: number): Promise<readonly number[] | undefined> =>
  (await runOnce(engine, product(side), feeds(side)))[0];

/** The same product in another program. */
async function productInAnother(engine: CpuBackend, side: number): Promise<readonly number[] | undefined> {
  const builder = new ProgramBuilder();
  const [a, b] = [builder.input([side, side]), builder.input([side, side])];
  const made = builder.op("matmul", [a, b], { transposeA: false, transposeB: false });
  return (await runOnce(engine, builder.program([made, builder.op("relu", [made])]), feeds(side)))[0];
}

describe.each(probe().fma ? (["auto", false] as const) : ([false] as const))(
  "the tile of an engine, fma: %s",
  (fma) => {
    test("is measured for the first product of tiles, for all engines, and changes no bit", async () => {
      const first = engineOf({ tile: "measure", threads: 1, fma });
      const usual = defaultTile(fma !== false && probe().fma);
      const fixed = engineOf({ tile: usual, threads: 1, fma });
      await productBy(first, 16);
      expect(first.tile()).toEqual({ tile: usual, source: "default", timings: [] });
      expect(await productBy(first, 130)).toEqual(await productBy(fixed, 130));
      const report = first.tile();
      expect(report.timings.length).toBeGreaterThan(4);
      expect(candidates).toContainEqual(report.tile);
      for (const threads of [1, 3]) {
        const second = engineOf({ tile: "measure", threads, sharedFrom: 0, fma });
        expect(await productBy(second, 131)).toEqual(await productBy(fixed, 131));
        expect(second.tile()).toBe(report);
      }
      expect(fixed.tile()).toEqual({ tile: usual, source: "given", timings: [] });
    });

    test.each(candidates)("may be any: $rows x $vectors", async (tile) => {
      const wanted = await productBy(engineOf({ threads: 1, fma }), 130);
      for (const threads of [1, 3])
        expect(await productBy(engineOf({ tile, threads, sharedFrom: 0, fma }), 130)).toEqual(wanted);
    });

    test("changes between programs, which share no code of products that differs then", async () => {
      const host = globalThis.process;
      vi.stubGlobal("process", hostWith({ arch: "arm64", versions: host.versions }));
      const tile = { rows: 3, vectors: 4 };
      const keys: string[] = [];
      const measure = vi.fn<() => TileReport>(() => ({ tile, source: "measured", timings: [] }));
      const internals = {
        measurer: { before: () => null, measure },
        note: (key: string) => void keys.push(key),
        patient: true,
      };
      for (const threads of [1, 3]) {
        measure.mockClear();
        keys.length = 0;
        const engine = createForced({ threads, fma, sharedFrom: 60_000 }, internals);
        engines.push(engine);
        const has = (pattern: RegExp): boolean => keys.some((key) => pattern.test(key));
        const before = await productBy(engine, 100);
        expect(engine.tile().source).toBe("default");
        expect(has(/^tile:float32:3,16,/)).toBe(false);
        await productBy(engine, 260);
        expect(measure).toHaveBeenCalledTimes(1);
        expect(engine.tile().tile).toBe(tile);
        expect(has(/^tile:float32:3,16,/)).toBe(true);
        keys.length = 0;
        expect(await productInAnother(engine, 100)).toEqual(before);
        expect(has(/^product:.*:3x4:/)).toBe(true);
        expect(measure).toHaveBeenCalledTimes(1);
      }
    });
  },
);
