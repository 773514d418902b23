import {
  type Kernel,
  type Primitives,
  type TensorSpec,
  type TypedArray,
  isFloat,
  sizeOf,
  stridesOf,
  windowAxes,
} from "@polykeras/core";
import { lowest } from "./reduction.ts";
import { tensor } from "./rounding.ts";
import { taps } from "./windows.ts";

type Pool = Primitives["maxPool"];

/** Where in the input the window of output element i has its elements: offsets from a first one. */
function reader(
  input: readonly number[],
  out: readonly number[],
  attributes: Pool,
): (i: number) => readonly [number, readonly number[]] {
  const steps = stridesOf(input);
  const axes = windowAxes(attributes, input, out);
  const windows = taps(axes.map((axis, i) => ({ ...axis, inputStep: steps[i + 1]!, kernelStep: 0 })));
  const channels = out.at(-1)!;
  const image = sizeOf(input.slice(1));
  return (i) => {
    const place = Math.floor(i / channels) % windows.length;
    const sample = Math.floor(i / channels / windows.length);
    return [sample * image + (i % channels), windows[place]!.input];
  };
}

/** The largest element of each window. NaN is passed over: no comparison with it holds. */
export const maxPool: Kernel<TypedArray, Pool> = ([x], attributes, output) => {
  const windowOf = reader(x!.spec.shape, output.shape, attributes);
  return tensor(output, (i) => {
    const [start, offsets] = windowOf(i);
    let best = lowest(output.dtype);
    for (const offset of offsets) {
      const value = x!.handle[start + offset]!;
      if (value > best) best = value;
    }
    return best;
  });
};

/** Each element of the cotangent goes to the first element of its window that equals the maximum. */
export const maxPoolGradient: Kernel<TypedArray, Pool> = ([x, y, cotangent], attributes, output) => {
  const windowOf = reader(x!.spec.shape, y!.spec.shape, attributes);
  const sums = new Float64Array(sizeOf(output.shape));
  for (let i = 0; i < y!.handle.length; i++) {
    const [start, offsets] = windowOf(i);
    const first = offsets.find((offset) => x!.handle[start + offset] === y!.handle[i]);
    if (first !== undefined) sums[start + first]! += cotangent!.handle[i]!;
  }
  return tensor(output, (i) => sums[i]!);
};

export const sumPool: Kernel<TypedArray, Primitives["sumPool"]> = ([x], attributes, output: TensorSpec) => {
  const windowOf = reader(x!.spec.shape, output.shape, attributes);
  const float = isFloat(output.dtype);
  return tensor(output, (i) => {
    const [start, offsets] = windowOf(i);
    let total = 0;
    for (const offset of offsets) {
      total += x!.handle[start + offset]!;
      if (!float) total |= 0;
    }
    return total;
  });
};
