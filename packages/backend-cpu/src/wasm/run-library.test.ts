import { describe, expect, test } from "vitest";
import { type Identity, RunLibrary } from "./run-library.ts";

const most = 128;
const kernels = ["flat:a", 0, "flat:b"];
const identity = (bytes: readonly number[], calls: readonly (string | number)[] = []): Identity => ({
  bytes: Uint8Array.from(bytes),
  calls,
});
const run = (): void => undefined;

describe("the library of runs", () => {
  test("knows a program by its bytes and what it calls", () => {
    const library = new RunLibrary();
    library.set(identity([1, 2, 3], kernels), run);
    expect(library.get(identity([1, 2, 3], kernels))).toBe(run);
    for (const other of [
      identity([1, 2], kernels),
      identity([1, 2, 4], kernels),
      identity([1, 2, 3]),
      identity([1, 2, 3], kernels.toReversed()),
    ])
      expect(library.get(other)).toBeUndefined();
  });

  test("lets those go that were not used for the longest time", () => {
    const library = new RunLibrary();
    for (let i = 0; i < most; i++) library.set(identity([i]), run);
    library.get(identity([0]));
    library.set(identity([most]), run);
    expect(library.get(identity([0]))).toBe(run);
    expect(library.get(identity([1]))).toBeUndefined();
    expect(library.get(identity([2]))).toBe(run);
    expect(library.get(identity([most]))).toBe(run);
  });
});
