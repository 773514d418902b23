import { afterEach, describe, expect, test, vi } from "vitest";
import type { Tile } from "../emit/tile.ts";
import { tileSetting } from "./settings.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the setting of the tile", () => {
  test("is that of the option, else of the environment, else auto", () => {
    for (const value of [undefined, "", "auto"]) {
      vi.stubEnv("POLYKERAS_TILE", value);
      expect(tileSetting()).toBe("auto");
    }
    vi.stubEnv("POLYKERAS_TILE", "measure");
    expect(tileSetting()).toBe("measure");
    vi.stubEnv("POLYKERAS_TILE", "6x2");
    expect(tileSetting()).toEqual({ rows: 6, vectors: 2 });
    expect(tileSetting("auto")).toBe("auto");
    expect(tileSetting({ rows: 8, vectors: 4 })).toEqual({ rows: 8, vectors: 4 });
  });

  test("is refused with the allowed ones", () => {
    const wrong: readonly Tile[] = [
      { rows: 0, vectors: 2 },
      { rows: 9, vectors: 2 },
      { rows: 4, vectors: 5 },
      { rows: 1.5, vectors: 2 },
      { rows: NaN, vectors: 2 },
    ];
    for (const tile of wrong)
      expect(() => tileSetting(tile)).toThrow(
        `backend-cpu: tile is ${JSON.stringify(tile)}; use "auto", "measure", or up to 8 rows and 4 vectors, ` +
          "such as { rows: 6, vectors: 2 }.",
      );
    for (const value of ["fast", "6", "6x", "6x2x", "9x2", "6x2x1", "-6x2", "6 x 2"]) {
      vi.stubEnv("POLYKERAS_TILE", value);
      expect(() => tileSetting()).toThrow(`POLYKERAS_TILE is ${value}; use "auto", "measure", or up to`);
    }
  });
});
