import { expect, test } from "vitest";
import { defaultTile, knowsTile, candidates } from "./emit/tile.ts";
import { create } from "./engine.ts";
import { product } from "./fixtures/product.ts";
import { runOnce, sample } from "./fixtures/program.ts";
import { probe } from "./wasm/probe.ts";

test("a page does not know its processor, and measures tiles, with the same bits", async () => {
  expect(knowsTile()).toBe(false);
  const side = 256;
  const feeds = [1, 2].map((seed) => sample("float32", side ** 2, seed).map((value) => value / 3));
  const usual = defaultTile(probe().fma);
  const given = create({ tile: usual });
  const engine = create();
  expect((await runOnce(engine, product(side), feeds))[0]).toEqual(
    (await runOnce(given, product(side), feeds))[0],
  );
  const { tile, timings } = engine.tile();
  expect(timings.length).toBeGreaterThan(4);
  expect(candidates).toContainEqual(tile);
});
