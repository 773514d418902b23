import { describe, expect, test } from "vitest";
import { type Identity, RunLibrary } from "./run-library.ts";

const most = 64;
const kernels = [WebAssembly.Memory, WebAssembly.Table];
const identity = (bytes: readonly number[], imported: readonly WebAssembly.ImportValue[] = []): Identity => ({
  bytes: Uint8Array.from(bytes),
  imported,
});
const run = (): void => undefined;

describe("the library of runs", () => {
  test("knows a module by its bytes and its imports alone", () => {
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
