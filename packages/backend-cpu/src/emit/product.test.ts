import type { DType } from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { ProgramBuilder, sample } from "../fixtures/program.ts";
import { heap } from "../memory/heap.ts";
import { plan, storageBytes } from "../plan/plan.ts";
import { probe } from "../wasm/probe.ts";
import { choicesOf } from "../choices.ts";
import { emitModule } from "./module.ts";
import { type Tile, candidates } from "./tile.ts";

const tiles: readonly Tile[] = [
  ...candidates,
  { rows: 1, vectors: 1 },
  { rows: 8, vectors: 1 },
  { rows: 3, vectors: 3 },
];
const shapes = [
  [1, 1, 1],
  [7, 13, 9],
  [5, 3, 2],
  [33, 1, 64],
  [64, 1, 65],
  [1, 70, 33],
  [1, 5, 40],
  [128, 64, 1],
  [20, 64, 104],
  [13, 8, 300],
  [130, 70, 259],
  [1, 203, 301],
  [1, 1024, 37],
  [23, 11, 40],
  [8, 6, 5],
  [20, 10, 500],
  [3, 4, 0],
  [0, 4, 3],
] as const;

interface Case {
  readonly dtype: DType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly batch: number;
}

/** Runs one product with a tile of choice, with words behind the result that must stay as they are. */
function multiply(
  of: Case,
  tile: Tile,
  fma: boolean,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): Float64Array {
  const { dtype, m, n, k, transposeA, transposeB, batch } = of;
  const builder = new ProgramBuilder();
  const lead = batch === 1 ? [] : [batch];
  const left = builder.input([...lead, ...(transposeA ? [k, m] : [m, k])], dtype);
  const right = builder.input([...lead, ...(transposeB ? [n, k] : [k, n])], dtype);
  const program = builder.program([builder.op("matmul", [left, right], { transposeA, transposeB })]);
  const choices = choicesOf(fma, { tile });
  const planned = plan(program, choices);
  const { finish, arenaBytes, numbers } = emitModule(planned, { fma, choices });
  const memory = heap();
  const sizes = [arenaBytes, ...program.values.map(({ spec }) => storageBytes(spec))];
  const addresses = sizes.map((size) => memory.allocate(size + 64));
  const table = memory.allocate(4 * numbers.slots);
  memory.words.set(addresses, table >> 2);
  numbers.write(memory.words, table >> 2, addresses[0]!);
  const view = (address: number, count: number): Float32Array | Float64Array | Int32Array => {
    if (dtype === "int32") return new Int32Array(memory.buffer, address, count);
    return dtype === "float64"
      ? new Float64Array(memory.buffer, address, count)
      : new Float32Array(memory.buffer, address, count);
  };
  view(addresses[1]!, a.length).set(a);
  view(addresses[2]!, b.length).set(b);
  view(addresses[3]!, batch * m * n + 4).fill(77);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(finish()), { e: { m: memory.memory } });
  const { run } = instance.exports;
  if (typeof run !== "function") throw new TypeError("no run");
  run(table);
  const result = Float64Array.from(view(addresses[3]!, batch * m * n + 4));
  for (const address of [...addresses, table]) memory.free(address);
  // A k of 0 is a plain loop, which may write up to the end of its padded storage.
  if (k > 0 && result.subarray(batch * m * n).some((word) => word !== 77))
    throw new Error("wrote behind the result");
  return result.subarray(0, batch * m * n);
}

function expected(
  { m, n, k, transposeA, transposeB, batch }: Case,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number[] {
  const result: number[] = [];
  for (let z = 0; z < batch; z++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++)
          sum +=
            a[z * m * k + (transposeA ? p * m + i : i * k + p)]! *
            b[z * k * n + (transposeB ? j * k + p : p * n + j)]!;
        result.push(sum);
      }
  return result;
}

const fmas = probe().fma ? [false, true] : [false];

describe.each(fmas)("products, fused multiply-add %s", (fma) => {
  test.each(["float32", "float64", "int32", "float16"] as const)(
    "%s: odd shapes, transposed, in all tiles to the same bits",
    (dtype) => {
      for (const [m, n, k] of shapes)
        for (const transposeA of [false, true])
          for (const transposeB of [false, true]) {
            const of: Case = { dtype, m, n, k, transposeA, transposeB, batch: 1 };
            const [a, b] = [sample(dtype, m * k, 1), sample(dtype, k * n, 2)];
            const wanted = expected(of, a, b);
            const first = multiply(of, tiles[0]!, fma, a, b);
            const tolerance = dtype === "float64" ? 1e-14 : dtype === "float16" ? 1e-3 : 1e-6;
            for (const [i, value] of wanted.entries())
              if (!(Math.abs(first[i]! - value) <= tolerance * (4 + k)))
                throw new Error(`${JSON.stringify(of)}: element ${i} is ${first[i]}, expected ${value}`);
            for (const tile of tiles.slice(1)) expect(multiply(of, tile, fma, a, b)).toEqual(first);
          }
    },
  );

  test("small products of whole tiles have the bits of larger ones", () => {
    for (const [m, n, k] of [
      [8, 64, 20],
      [1, 32, 33],
      [20, 16, 1],
    ] as const)
      for (const transposeA of [false, true])
        for (const transposeB of [false, true])
          for (const dtype of ["float32", "float64"] as const) {
            // One row more, and the tiles no longer divide the result.
            const [rows, b] = [sample(dtype, (m + 1) * k, 5), sample(dtype, k * n, 6)];
            const a = (count: number): number[] =>
              Array.from({ length: count * k }, (_, i) =>
                transposeA ? rows[(i % count) * k + Math.floor(i / count)]! : rows[i]!,
              );
            const of: Case = { dtype, m, n, k, transposeA, transposeB, batch: 1 };
            // A row by columns is a dot product, which adds in another order.
            if (m === 1 && transposeB) continue;
            const small = multiply(of, tiles[2]!, fma, a(m), b);
            const larger = multiply({ ...of, m: m + 1 }, tiles[2]!, fma, a(m + 1), b);
            expect(small).toEqual(larger.subarray(0, m * n));
          }
  });

  test("batches", () => {
    for (const [m, n, k] of [
      [5, 7, 3],
      [4, 1, 9],
      [1, 6, 5],
    ] as const)
      for (const transposeB of [false, true]) {
        const of: Case = { dtype: "float32", m, n, k, transposeA: false, transposeB, batch: 3 };
        const [a, b] = [sample("float32", 3 * m * k, 3), sample("float32", 3 * k * n, 4)];
        const wanted = expected(of, a, b);
        const result = multiply(of, tiles[2]!, fma, a, b);
        for (const [i, value] of wanted.entries()) expect(result[i]).toBeCloseTo(value, 4);
      }
  });
});
