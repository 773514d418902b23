import { describe, expect, test } from "vitest";
import { Allocator } from "./allocator.ts";
import { heap } from "./heap.ts";

describe("the allocator", () => {
  test("gives aligned, disjoint ranges and merges what is freed", () => {
    const allocator = new Allocator(10, 64 * 100);
    const taken: [number, number][] = [];
    let seed = 1;
    for (let i = 0; i < 3000; i++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      if (seed % 3 === 0 && taken.length > 0) {
        for (const [address] of taken.splice(seed % taken.length, 1)) allocator.free(address);
        continue;
      }
      const size = 1 + ((seed >>> 8) % 700);
      const address = allocator.allocate(size);
      if (address === null) continue;
      expect(address % 64).toBe(0);
      expect(address).toBeGreaterThanOrEqual(64);
      expect(address + size).toBeLessThanOrEqual(6400);
      for (const [other, length] of taken)
        expect(address + size <= other || other + length <= address).toBe(true);
      taken.push([address, size]);
    }
    for (const [address] of taken) allocator.free(address);
    // One range again: the largest request fits.
    expect(allocator.allocate(64 * 99)).toBe(64);
  });

  test("a second free of the same address is an error", () => {
    const allocator = new Allocator(0, 640);
    const address = allocator.allocate(64)!;
    allocator.free(address);
    expect(() => allocator.free(address)).toThrow("freed before");
  });

  test("a memory that has grown is one range with what was free at its end", () => {
    const allocator = new Allocator(0, 640);
    expect(allocator.allocate(1000)).toBeNull();
    allocator.extend(1280);
    expect(allocator.allocate(1280)).toBe(0);
  });
});

describe("the heap", () => {
  test("grows, and its views follow", () => {
    const memory = heap();
    const before = memory.bytes;
    const address = memory.allocate(before.byteLength);
    expect(memory.buffer.byteLength).toBeGreaterThan(before.byteLength);
    memory.bytes[address + 5] = 42;
    expect(new Uint8Array(memory.buffer)[address + 5]).toBe(42);
    memory.free(address);
    expect(memory.allocate(64)).toBeLessThanOrEqual(address);
  });
});
