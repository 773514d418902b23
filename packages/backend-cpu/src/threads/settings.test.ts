import { availableParallelism } from "node:os";
import { afterEach, describe, expect, test, vi } from "vitest";
import { threadCount } from "./settings.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe("the number of threads", () => {
  test("is that of the option, else of the environment, else of the cores", () => {
    vi.stubEnv("POLYKERAS_THREADS", undefined);
    expect(threadCount()).toBe(Math.min(16, availableParallelism()));
    vi.stubEnv("POLYKERAS_THREADS", "");
    expect(threadCount()).toBe(threadCount("auto"));
    vi.stubEnv("POLYKERAS_THREADS", "3");
    expect(threadCount()).toBe(3);
    expect(threadCount(1)).toBe(1);
    vi.stubEnv("POLYKERAS_THREADS", "auto");
    expect(threadCount()).toBe(threadCount("auto"));
  });

  test("is one where memory cannot be shared", () => {
    vi.stubGlobal("crossOriginIsolated", false);
    expect(threadCount(4)).toBe(1);
    vi.unstubAllGlobals();
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(threadCount(4)).toBe(1);
  });

  test("is one outside of Node unless it is asked for", () => {
    vi.stubGlobal("Deno", {});
    expect([threadCount("auto"), threadCount(2)]).toEqual([1, 2]);
  });

  test("is refused with the allowed ones", () => {
    for (const wrong of [0, -1, 1.5, NaN, 65])
      expect(() => threadCount(wrong)).toThrow(
        `backend-cpu: threads is ${wrong}; use "auto" or a whole number from 1 to 64.`,
      );
    for (const wrong of ["many", "0", "2.5", "1e9"]) {
      vi.stubEnv("POLYKERAS_THREADS", wrong);
      expect(() => threadCount()).toThrow(`POLYKERAS_THREADS is ${wrong}; use "auto" or a whole number`);
    }
  });
});
