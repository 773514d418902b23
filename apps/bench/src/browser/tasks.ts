/** An array that a task reads: values between -1 and 1, the same for every library. */
export interface Feed {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Names of the tasks on arrays. */
export type TaskName = "chain" | "functions" | "matmul256" | "matmul512" | "conv";

/** What libraries do again and again. The libraries' tables have their own words for it, under the same name. */
export interface Task {
  readonly name: TaskName;
  /** Runs between two readings of a result. */
  readonly runs: number;
  readonly feeds: readonly Feed[];
  /** Some elements of the result: their indices, and what they must be. */
  readonly known: readonly (readonly [index: number, value: number])[];
}

function feed(shape: readonly number[], frequency: number): Feed {
  const length = shape.reduce((product, dim) => product * dim, 1);
  return { shape, data: Float32Array.from({ length }, (_, i) => Math.sin(i * frequency)) };
}

const at = ({ data }: Feed, index: number): number => data[index] ?? Number.NaN;

function elementwise(name: TaskName, f: (x: number) => number): Task {
  const x = feed([1000, 1000], 1.1);
  const known = [0, 77, 123_456, 999_999].map((i) => [i, f(at(x, i))] as const);
  return { name, runs: 10, feeds: [x], known };
}

function matmul(name: TaskName, n: number, runs: number): Task {
  const [a, b] = [feed([n, n], 1.1), feed([n, n], 1.7)];
  const element = (row: number, column: number): number => {
    let sum = 0;
    for (let k = 0; k < n; k += 1) sum += at(a, row * n + k) * at(b, k * n + column);
    return sum;
  };
  const known = [
    [0, 0],
    [3, n - 1],
    [n - 1, 5],
  ].map(([row = 0, column = 0]) => [row * n + column, element(row, column)] as const);
  return { name, runs, feeds: [a, b], known };
}

function conv(): Task {
  const [x, w] = [feed([8, 28, 28, 32], 1.1), feed([3, 3, 32, 64], 1.7)];
  const element = (n: number, row: number, column: number, filter: number): number => {
    let sum = 0;
    for (let tap = 0; tap < 9; tap += 1) {
      const [y, z] = [row + Math.floor(tap / 3) - 1, column + (tap % 3) - 1];
      if (y < 0 || y > 27 || z < 0 || z > 27) continue;
      for (let c = 0; c < 32; c += 1)
        sum += at(x, ((n * 28 + y) * 28 + z) * 32 + c) * at(w, (tap * 32 + c) * 64 + filter);
    }
    return sum;
  };
  const known = [
    [0, 0, 0, 0],
    [3, 14, 27, 63],
    [7, 27, 1, 5],
  ].map(
    ([n = 0, row = 0, column = 0, filter = 0]) =>
      [((n * 28 + row) * 28 + column) * 64 + filter, element(n, row, column, filter)] as const,
  );
  return { name: "conv", runs: 3, feeds: [x, w], known };
}

/** The tasks, made when they are asked for: their data take memory. */
export const tasks: Readonly<Record<TaskName, () => Task>> = {
  chain: () => elementwise("chain", (x) => Math.max(0, 2 * x + 0.5) * x - 0.25),
  functions: () => elementwise("functions", (x) => Math.tanh(Math.exp(-Math.max(0, 2 * x + 0.5)) * x)),
  matmul256: () => matmul("matmul256", 256, 10),
  matmul512: () => matmul("matmul512", 512, 3),
  conv,
};
