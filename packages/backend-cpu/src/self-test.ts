import type { Program, TypedArray } from "@polykeras/core";

const [rows, depth, columns] = [24, 40, 52];

/** relu(a b + c), its sums over rows, and its exponential after a division: products, reductions, element-wise loops. */
const program: Program = {
  values: [
    { spec: { shape: [rows, depth], dtype: "float32" } },
    { spec: { shape: [depth, columns], dtype: "float32" } },
    { spec: { shape: [columns], dtype: "float32" } },
    { spec: { shape: [], dtype: "float32" } },
    { spec: { shape: [rows, columns], dtype: "float32" } },
    { spec: { shape: [rows, columns], dtype: "float32" } },
    { spec: { shape: [rows, columns], dtype: "float32" } },
    { spec: { shape: [rows], dtype: "float32" } },
    { spec: { shape: [rows, columns], dtype: "float32" } },
    { spec: { shape: [rows, columns], dtype: "float32" } },
  ],
  inputs: [
    { value: 0, kind: "placeholder", name: "a" },
    { value: 1, kind: "placeholder", name: "b" },
    { value: 2, kind: "placeholder", name: "c" },
  ],
  constants: [{ value: 3, data: Float32Array.of(2 ** -10) }],
  steps: [
    {
      op: "matmul",
      inputs: [0, 1],
      outputs: [4],
      attributes: { transposeA: false, transposeB: false },
      frees: [],
    },
    { op: "add", inputs: [4, 2], outputs: [5], attributes: {}, frees: [4] },
    { op: "relu", inputs: [5], outputs: [6], attributes: {}, frees: [5] },
    { op: "sum", inputs: [6], outputs: [7], attributes: { axes: [1] }, frees: [] },
    { op: "multiply", inputs: [6, 3], outputs: [8], attributes: {}, frees: [] },
    { op: "exp", inputs: [8], outputs: [9], attributes: {}, frees: [8] },
  ],
  outputs: [6, 7, 9],
  updates: [],
};

/** Whole numbers from -6 to 6: their products and sums are exact. */
const whole = (count: number, factor: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => ((i * factor) % 13) - 6);

/** Relative error of the exponential that is none of a wrong instruction. */
const tolerance = 1e-6;

/** Runs a program of which the results are known; says what is wrong with them, or that they are right. */
export function selfTest(
  run: (program: Program, data: readonly TypedArray[]) => readonly TypedArray[],
): true | string {
  const data = [whole(rows * depth, 5), whole(depth * columns, 7), whole(columns, 11)];
  return compare(run(program, data), expected(data));
}

function expected([a, b, c]: readonly Float32Array[]): readonly number[][] {
  const activated: number[] = [];
  const sums: number[] = [];
  for (let row = 0; row < rows; row++) {
    let total = 0;
    for (let column = 0; column < columns; column++) {
      let sum = c![column]!;
      for (let k = 0; k < depth; k++) sum += a![row * depth + k]! * b![k * columns + column]!;
      activated.push(Math.max(sum, 0));
      total += Math.max(sum, 0);
    }
    sums.push(total);
  }
  return [activated, sums, activated.map((value) => Math.exp(value * 2 ** -10))];
}

function compare(made: readonly TypedArray[], wanted: readonly number[][]): true | string {
  for (const [i, values] of wanted.entries())
    for (const [j, value] of values.entries()) {
      const got = made[i]![j]!;
      const error = Math.abs(got - value);
      if (i < 2 ? error !== 0 : !(error <= tolerance * value))
        return `its self-test gives ${got} where ${value} is right (output ${i}, element ${j})`;
    }
  return true;
}
