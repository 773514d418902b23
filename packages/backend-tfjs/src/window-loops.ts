import {
  type Primitives,
  type TensorSpec,
  type WindowAxis,
  sizeOf,
  stridesOf,
  windowAxes,
} from "@polykeras/core";
import { made, room } from "./loops.ts";
import type { Body } from "./scope.ts";

/**
 * Loops over engine memory for what the engines' kernels of windows do not compute exactly: poolings of int32, and
 * the way back to the first maximum.
 */

/** Per place of the windows, in row-major order: the positions they cover, as [input, kernel] pairs, one after the other. */
export function taps(axes: readonly WindowAxis[]): Int32Array[] {
  let places: number[][] = [[0, 0]];
  for (const axis of axes)
    places = places.flatMap((lead) =>
      Array.from({ length: axis.out }, (_, place) => {
        const pairs: number[] = [];
        for (let at = 0; at < lead.length; at += 2)
          for (let k = 0; k < axis.window; k++) {
            const index = (place * axis.stride + k * axis.kernelDilation - axis.low) / axis.inputDilation;
            if (Number.isInteger(index) && index >= 0 && index < axis.length)
              pairs.push(lead[at]! * axis.length + index, lead[at + 1]! * axis.window + k);
          }
        return pairs;
      }),
    );
  return places.map((pairs) => Int32Array.from(pairs));
}

type Pool = Primitives["maxPool"];

/** Folds the elements of every window of int32. */
function poolInteger(start: number, fold: (a: number, b: number) => number): Body<Pool> {
  return (scope, [x], attributes, output) => {
    const from = scope.session.read(x!);
    const values = room(output);
    eachWindow(x!.shape, output.shape, attributes, (i, first, step, pairs) => {
      let total = start;
      for (let at = 0; at < pairs.length; at += 2) total = fold(total, from[first + pairs[at]! * step]!);
      values[i] = total;
    });
    return made(scope, values, output);
  };
}

export const maxPoolInteger: Body<Pool> = poolInteger(-(2 ** 31), Math.max);
export const sumPoolInteger: Body<Pool> = poolInteger(0, (a, b) => (a + b) | 0);

/** `MaxPoolGrad` knows neither the first of equals on every engine, nor a window of -inf alone. */
export const maxPoolGradient: Body<Pool> = (scope, [x, y, cotangent], attributes, output: TensorSpec) => {
  const [from, maxima, flows] = [x!, y!, cotangent!].map((info) => scope.session.read(info));
  const totals = new Float64Array(sizeOf(output.shape));
  eachWindow(x!.shape, y!.shape, attributes, (i, first, step, pairs) => {
    for (let at = 0; at < pairs.length; at += 2) {
      const place = first + pairs[at]! * step;
      if (from![place] !== maxima![i]) continue;
      totals[place]! += flows![i]!;
      return;
    }
  });
  const values = room(output);
  values.set(totals);
  return made(scope, values, output);
};

/** Visits the windows: `pairs` holds positions at even indices, `step` elements apart, from element `first` of the input. */
function eachWindow(
  input: readonly number[],
  out: readonly number[],
  attributes: Pool,
  visit: (i: number, first: number, step: number, pairs: Int32Array) => void,
): void {
  const windows = taps(windowAxes(attributes, input, out));
  const channels = out.at(-1)!;
  const image = stridesOf(input)[0]!;
  let i = 0;
  for (let sample = 0; sample < out[0]!; sample++)
    for (const pairs of windows)
      for (let c = 0; c < channels; c++) visit(i++, sample * image + c, channels, pairs);
}
