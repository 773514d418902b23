import { choicesOf } from "../choices.ts";
import {
  type MicroKernel,
  emitMicroKernel,
  microKernelKey,
  microKernelParameters,
} from "../emit/micro-kernel.ts";
import { type Tile, arithmeticOf } from "../emit/tile.ts";
import type { Heap } from "../memory/heap.ts";
import { repeat } from "../routines/loops.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import type { Contender } from "./race.ts";

/** Steps along k in a call of a tile, as deep as usual layers have them. */
const depth = 128;
/** Multiplications of vectors in a run, about: some ten microseconds, so that reading the clock does not count. */
const workOfRun = 2 ** 16;

/** Runs `use` with tiles of float32 that are ready to race, over a few kilobytes of the heap. */
export function withContenders<T>(
  heap: Heap,
  fma: boolean,
  tiles: readonly Tile[],
  use: (contenders: readonly Contender[]) => T,
): T {
  const rows = Math.max(...tiles.map((tile) => tile.rows));
  const columns = 4 * Math.max(...tiles.map(({ vectors }) => vectors));
  const sizes = [rows * depth, depth * columns, rows * columns];
  const addresses = sizes.map((elements) => heap.allocate(4 * elements + 64));
  // Small numbers, and no subnormal ones, which would take longer.
  for (const [i, address] of addresses.entries())
    new Float32Array(heap.buffer, address, sizes[i]).fill(1 / 8);
  try {
    return use(tiles.map((tile) => contenderOf(heap, fma, tile, addresses)));
  } finally {
    for (const address of addresses) heap.free(address);
  }
}

function contenderOf(heap: Heap, fma: boolean, tile: Tile, addresses: readonly number[]): Contender {
  const { rows, vectors } = tile;
  const kernel: MicroKernel = {
    dtype: "float32",
    arithmetic: arithmeticOf("float32", fma),
    rows,
    columns: 4 * vectors,
    rowStrideA: 4 * depth,
    depthStrideA: 4,
    depthStrideB: 16 * vectors,
    rowStrideC: 16 * vectors,
    continues: false,
    last: true,
    epilogue: null,
  };
  const work = rows * vectors * depth;
  const calls = Math.ceil(workOfRun / work);
  const module = new ModuleBuilder({ isShared: heap.isShared });
  const choices = choicesOf(fma, { tile });
  const callee = module.shared(microKernelKey(kernel), microKernelParameters(kernel), (code) =>
    emitMicroKernel({ code, module, fma, choices }, kernel),
  );
  const run = module.function([], [], (code) =>
    repeat(code, calls, () => {
      for (const address of addresses) code.i32(address);
      code.i32(depth).call(callee);
    }),
  );
  module.export("run", run);
  const bytes = module.finish();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { m: heap.memory } });
  const start = exports["run"];
  if (typeof start !== "function") throw new TypeError("The compiled module exports no function 'run'.");
  return { tile, run: () => void start(), work: calls * work };
}
