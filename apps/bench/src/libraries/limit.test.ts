import { expect, test } from "vitest";
import { flopsPerTurn, limitModule } from "./limit-module.ts";

const kinds = [true, false].filter((fused) => WebAssembly.validate(limitModule(fused, 1)));

test.each(kinds)("the loops do what they are timed for (fused: %s)", (fused) => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(limitModule(fused, 1)));
  const { memory, peak, copy, move, read } = exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new TypeError("no memory");
  if (![peak, copy, move, read].every((of) => typeof of === "function")) throw new TypeError("no loops");
  const bytes = new Uint8Array(memory.buffer);
  const call = (of: unknown, ...numbers: number[]): unknown =>
    typeof of === "function" ? of(...numbers) : null;
  bytes.fill(7, 0, 256);
  call(copy, 1024, 0, 128);
  call(move, 2048, 0, 256);
  expect(bytes.indexOf(7, 1024)).toBe(1024);
  expect(bytes.lastIndexOf(7, 2047)).toBe(1024 + 127);
  expect(bytes.lastIndexOf(7)).toBe(2048 + 255);
  // Every chain ends at 2 after some turns, and the result is the bits of the sum of 12 of them.
  const bits = new Float32Array(new Int32Array([Number(call(peak, 100))]).buffer);
  expect(bits[0]).toBe(24);
  expect(flopsPerTurn).toBe(12 * 4 * 4 * 2);
  const floats = new Float32Array(memory.buffer, 4096, 32).fill(1.5);
  const sum = new Float32Array(new Int32Array([Number(call(read, 4096, 128))]).buffer);
  expect(sum[0]).toBe((floats.length * 1.5) / 4);
});
