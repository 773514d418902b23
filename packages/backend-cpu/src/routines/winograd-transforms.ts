import type { Target } from "../emit/expression.ts";
import type { Code, FunctionReference, Local } from "../wasm/code.ts";
import { move, repeat } from "./loops.ts";
import { type Side, inputs } from "./winograd-plan.ts";

/*
 * The transforms of F(2x2, 3x3), Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), each of
 * them first along one axis, then along the other. Every lane is a channel. The last product has the other sign, so
 * that no transform negates.
 */

/** The kernel's: 9 taps, `taps` bytes apart, to 16 products. Parameters: source, target, vectors. */
export function kernelTransform({ module }: Target, taps: number, stride: number): FunctionReference {
  return module.shared(`winograd.kernel:${taps},${stride}`, ["i32", "i32", "i32"], (code) => {
    const [source, target, count] = [0, 1, 2];
    const locals = (length: number): Local[] => Array.from({ length }, () => code.local("v128"));
    const [edge, sum, difference, last] = [locals(3), locals(3), locals(3), locals(3)];
    const half = code.constantLocal("f32x4", 0.5);
    /** g0, (g0 + g1 + g2) / 2, (g0 - g1 + g2) / 2, g2: the first and the last are there already. */
    const middle = (g0: Local, g1: Local, g2: Local, plus: Local, minus: Local): void => {
      code.assign(minus, "f32x4.add", g0, g2);
      code.assign(plus, "f32x4.add", minus, g1);
      code.assign(minus, "f32x4.sub", minus, g1);
      code.assign(plus, "f32x4.mul", plus, half);
      code.assign(minus, "f32x4.mul", minus, half);
    };
    const [plus, minus] = [code.local("v128"), code.local("v128")];
    repeat(code, { local: count }, () => {
      for (let column = 0; column < 3; column++) {
        const tap = (row: number): number => (3 * row + column) * taps;
        code.loadTo(edge[column]!, "v128.load", source, tap(0));
        code.loadTo(plus, "v128.load", source, tap(1));
        code.loadTo(last[column]!, "v128.load", source, tap(2));
        middle(edge[column]!, plus, last[column]!, sum[column]!, difference[column]!);
      }
      for (const [row, [g0, g1, g2]] of [edge, sum, difference, last].entries()) {
        middle(g0!, g1!, g2!, plus, minus);
        for (const [column, value] of [g0!, plus, minus, g2!].entries())
          storePart(code, target, value, row, column, stride);
      }
      move(code, source, 16);
      move(code, target, 16);
    });
  });
}

/** One of the 16 parts of a transformed tile. */
function storePart(
  code: Code,
  target: Local,
  value: Local,
  row: number,
  column: number,
  stride: number,
): void {
  code
    .get(target)
    .get(value)
    .mem("v128.store", (inputs * row + column) * stride);
}

/** The input's: 4 x 4 places to 16 products. Parameters: source, target. Steps are in bytes, of rows and of columns. */
export function inputTransform(
  { module }: Target,
  [rowStep, columnStep]: readonly [number, number],
  { vectors, stride }: Side,
): FunctionReference {
  const key = `winograd.input:${rowStep},${columnStep},${vectors},${stride}`;
  return module.shared(key, ["i32", "i32"], (code) => {
    const [source, target] = [0, 1];
    const locals = (): Local[] => Array.from({ length: inputs }, () => code.local("v128"));
    const [d1, d2, t] = [locals(), locals(), locals()];
    const value = code.local("v128");
    const load = (into: Local, row: number, column: number): void =>
      void code.loadTo(into, "v128.load", source, row * rowStep + column * columnStep);
    const put = (row: number): void => {
      for (const [column, [op, a, b]] of rows.entries()) {
        code.assign(value, `f32x4.${op}`, t[a]!, t[b]);
        storePart(code, target, value, row, column, stride);
      }
    };
    repeat(code, vectors, () => {
      for (let column = 0; column < inputs; column++) {
        load(d1[column]!, 1, column);
        load(d2[column]!, 2, column);
      }
      const each = (body: (column: number) => void): void => {
        for (let column = 0; column < inputs; column++) body(column);
      };
      each((column) => {
        load(value, 0, column);
        code.assign(t[column]!, "f32x4.sub", value, d2[column]);
      });
      put(0);
      each((column) => code.assign(t[column]!, "f32x4.add", d1[column]!, d2[column]));
      put(1);
      each((column) => code.assign(t[column]!, "f32x4.sub", d2[column]!, d1[column]));
      put(2);
      each((column) => {
        load(value, 3, column);
        code.assign(t[column]!, "f32x4.sub", value, d1[column]);
      });
      put(3);
      move(code, source, 16);
      move(code, target, 16);
    });
  });
}

/** d0 - d2, d1 + d2, d2 - d1, d3 - d1. */
const rows = [
  ["sub", 0, 2],
  ["add", 1, 2],
  ["sub", 2, 1],
  ["sub", 3, 1],
] as const;

/** Which of a tile's outputs exist, how far they are apart in bytes, and how many channels they have. */
export interface OutputTile {
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
  readonly channels: number;
}

/**
 * The output's: 16 products to 2 x 2 places. Parameters: source, target, and zeros or NaN from tiles before; gives these,
 * with NaN added if an element of this tile is not finite.
 */
export function outputTransform({ module }: Target, tile: OutputTile, { stride }: Side): FunctionReference {
  const key = `winograd.output:${Object.values(tile).join()},${stride}`;
  return module.shared(key, ["i32", "i32", "v128"], (code) => emitOutput(code, tile, stride), ["v128"]);
}

function emitOutput(code: Code, tile: OutputTile, stride: number): void {
  const [source, target, found] = [0, 1, 2];
  const vectors = Math.floor(tile.channels / 4);
  const product = Array.from({ length: inputs }, () => code.local("v128"));
  const sums = Array.from({ length: 2 }, () => Array.from({ length: inputs }, () => code.local("v128")));
  const zero = code.constantLocal("f32x4", 0);
  const total = code.local("v128");
  /** m0 + m1 + m2, or m1 - m2 + m3. */
  const combine = (into: Local, [m0, m1, m2, m3]: readonly Local[], second: boolean): void => {
    if (second) code.assign(into, "f32x4.sub", m1!, m2);
    else code.assign(into, "f32x4.add", m0!, m1);
    code.assign(into, "f32x4.add", into, second ? m3 : m2);
  };
  const vector = (left: number): void => {
    for (let column = 0; column < inputs; column++) {
      for (let row = 0; row < inputs; row++)
        code.loadTo(product[row]!, "v128.load", source, (inputs * row + column) * stride);
      for (let i = 0; i < tile.rows; i++) combine(sums[i]![column]!, product, i === 1);
    }
    const written: Local[] = [];
    for (let i = 0; i < tile.rows; i++)
      for (let j = 0; j < tile.columns; j++) {
        const place = product[written.length]!;
        combine(place, sums[i]!, j === 1);
        written.push(place);
        const at = i * tile.rowStep + j * tile.columnStep;
        store(code, target, place, at, left);
      }
    let all = written[0]!;
    for (const place of written.slice(1)) {
      code.assign(total, "f32x4.add", all, place);
      all = total;
    }
    code.assign(total, "f32x4.mul", all, zero);
    code.assign(found, "f32x4.add", found, total);
  };
  repeat(code, vectors, () => {
    vector(4);
    move(code, source, 16);
    move(code, target, 16);
  });
  if (tile.channels % 4 > 0) vector(tile.channels % 4);
  code.get(found);
}

/**
 * The transform of an output's cotangent, the transpose of the output's: 2 x 2 places, or those of them that exist, to 16
 * products. Parameters: source, target.
 */
export function cotangentTransform(
  { module }: Target,
  { rows: height, columns: width, rowStep, columnStep }: Omit<OutputTile, "channels">,
  { vectors, stride }: Side,
): FunctionReference {
  const key = `winograd.cotangent:${height},${width},${rowStep},${columnStep},${vectors},${stride}`;
  return module.shared(key, ["i32", "i32"], (code) => {
    const [source, target] = [0, 1];
    const zero = code.constantLocal("f32x4", 0);
    const locals = (count: number): Local[] => Array.from({ length: count }, () => code.local("v128"));
    const [y0, y1] = [locals(2), locals(2)];
    const [plus, minus] = [locals(2), locals(2)];
    const [sum, difference] = [code.local("v128"), code.local("v128")];
    /** a, a + b, a - b, b. */
    const spread = (a: Local, b: Local, into: Local, other: Local): readonly Local[] => {
      code.assign(into, "f32x4.add", a, b);
      code.assign(other, "f32x4.sub", a, b);
      return [a, into, other, b];
    };
    repeat(code, vectors, () => {
      const columns = [0, 1].map((j) => {
        for (const [i, into] of [y0[j]!, y1[j]!].entries())
          if (i < height && j < width) code.loadTo(into, "v128.load", source, i * rowStep + j * columnStep);
          else code.get(zero).set(into);
        return spread(y0[j]!, y1[j]!, plus[j]!, minus[j]!);
      });
      for (let row = 0; row < inputs; row++)
        for (const [column, value] of spread(columns[0]![row]!, columns[1]![row]!, sum, difference).entries())
          storePart(code, target, value, row, column, stride);
      move(code, source, 16);
      move(code, target, 16);
    });
  });
}

/** A kernel's cotangent: channels of the input, and of the output: those that are computed, and all. */
export interface KernelTile {
  readonly depth: number;
  readonly filters: number;
  readonly allFilters: number;
  /** Bytes from one channel of the input to the next in the 16 sums. */
  readonly step: number;
}

/** The transpose of the kernel's transform: 16 sums to the cotangents of 9 taps. Parameters: source, target. */
export function kernelCotangentTransform(
  { module }: Target,
  of: KernelTile,
  stride: number,
): FunctionReference {
  const { depth, filters, allFilters, step } = of;
  const key = `winograd.kernelCotangent:${depth},${filters},${allFilters},${step},${stride}`;
  return module.shared(key, ["i32", "i32"], (code) => {
    const [source, target] = [0, 1];
    const tapBytes = depth * allFilters * 4;
    const half = code.constantLocal("f32x4", 0.5);
    const locals = (): Local[] => Array.from({ length: inputs }, () => code.local("v128"));
    const [m, sums] = [locals(), Array.from({ length: 3 }, locals)];
    const result = Array.from({ length: 3 }, () => code.local("v128"));
    /** m0 + (m1 + m2) / 2, (m1 - m2) / 2, (m1 + m2) / 2 + m3. */
    const gather = ([m0, m1, m2, m3]: readonly Local[], into: readonly Local[]): void => {
      const [first, second, third] = into;
      code.assign(first!, "f32x4.add", m1!, m2);
      code.assign(first!, "f32x4.mul", first!, half);
      code.assign(third!, "f32x4.add", first!, m3);
      code.assign(first!, "f32x4.add", first!, m0);
      code.assign(second!, "f32x4.sub", m1!, m2);
      code.assign(second!, "f32x4.mul", second!, half);
    };
    const vector = (left: number): void => {
      for (let column = 0; column < inputs; column++) {
        for (let row = 0; row < inputs; row++)
          code.loadTo(m[row]!, "v128.load", source, (inputs * row + column) * stride);
        gather(
          m,
          sums.map((row) => row[column]!),
        );
      }
      for (const [row, values] of sums.entries()) {
        gather(values, result);
        for (const [column, value] of result.entries())
          store(code, target, value, (3 * row + column) * tapBytes, left);
      }
      move(code, source, 16);
      move(code, target, 4 * left);
    };
    const vectors = Math.floor(filters / 4);
    repeat(code, depth, () => {
      repeat(code, vectors, () => vector(4));
      if (filters % 4 > 0) vector(filters % 4);
      move(code, source, step - Math.ceil(filters / 4) * 16);
      move(code, target, (allFilters - filters) * 4);
    });
  });
}

/** Writes the first lanes. */
function store(code: Code, pointer: Local, value: Local, at: number, left: number): void {
  if (left === 4) return void code.get(pointer).get(value).mem("v128.store", at);
  for (let lane = 0; lane < left; lane++)
    code
      .get(pointer)
      .get(value)
      .memLane("v128.store32_lane", at + 4 * lane, lane);
}
