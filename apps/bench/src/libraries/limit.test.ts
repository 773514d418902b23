import { expect, test } from "vitest";
import { flopsPerTurn, limitModule } from "./limit-module.ts";
import { LimitTeam } from "./limit-team.ts";
import { waysOf } from "./limit.ts";

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

test("several threads take chunks of the turns, and stretches of the arrays", () => {
  const mebibyte = 2 ** 20;
  const job = (of: "copy" | "read" | "flops", amount: number, threads: number): unknown =>
    waysOf({ of, amount }, threads)[0]?.job;
  const all = { loop: "copy", numbers: [mebibyte, 0, mebibyte], steps: [mebibyte, mebibyte, 0], chunks: 1 };
  expect(job("copy", 2 * mebibyte, 1)).toEqual(all);
  const stretch = mebibyte / 16;
  const numbers = [mebibyte, 0, stretch];
  const shared = { loop: "copy", numbers, steps: [stretch, stretch, 0], chunks: 16 };
  expect(job("copy", 2 * mebibyte, 2)).toEqual(shared);
  expect(job("read", 300_000, 2)).toMatchObject({ numbers: [0, 150_016], steps: [150_016, 0], chunks: 2 });
  expect(job("flops", 24e6, 2)).toMatchObject({ numbers: [Math.round(1e6 / flopsPerTurn)], chunks: 24 });
});

test("a team does every chunk each time that it runs", async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const bytes = new Uint8Array(memory.buffer);
  const job = { loop: "copy", numbers: [1024, 0, 128], steps: [128, 128, 0], chunks: 8 };
  const team = await LimitTeam.start(2, false, memory, job);
  for (let value = 1; value < 200; value += 1) {
    bytes.fill(value, 0, 1024);
    team.run();
    expect(new Set(bytes.subarray(1024, 2048))).toEqual(new Set([value]));
    expect(bytes[2048]).toBe(0);
  }
  await team.end();
});
