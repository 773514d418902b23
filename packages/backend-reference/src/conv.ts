import {
  type Kernel,
  type Primitives,
  type TypedArray,
  isFloat,
  sizeOf,
  stridesOf,
  windowAxes,
} from "@polykeras/core";
import { tensor } from "./rounding.ts";
import { taps } from "./windows.ts";

/** One output element after the other: the products of all taps of its window, over the channels of its group. */
export const conv: Kernel<TypedArray, Primitives["conv"]> = ([x, kernel], attributes, output) => {
  const { groups, batchGroups } = attributes;
  const [input, filter] = [x!.spec.shape, kernel!.spec.shape];
  const [inputSteps, kernelSteps] = [stridesOf(input), stridesOf(filter)];
  const windows = taps(
    windowAxes(attributes, input, output.shape, filter).map((axis, i) => ({
      ...axis,
      inputStep: inputSteps[i + 1]!,
      kernelStep: kernelSteps[i]!,
    })),
  );
  const [depth, filters] = [filter.at(-2)!, filter.at(-1)!];
  const batch = output.shape[0]!;
  const image = sizeOf(input.slice(1));
  const float = isFloat(output.dtype);
  const [a, b] = [x!.handle, kernel!.handle];
  return tensor(output, (i) => {
    const o = i % filters;
    const place = Math.floor(i / filters) % windows.length;
    const sample = Math.floor(i / filters / windows.length);
    const group = Math.floor((o * groups) / filters);
    const batchGroup = Math.floor((o * batchGroups) / filters);
    const start = (batchGroup * batch + sample) * image + group * depth;
    const { input: from, kernel: at } = windows[place]!;
    let total = 0;
    for (let tap = 0; tap < from.length; tap++)
      for (let c = 0; c < depth; c++) {
        const value = a[start + from[tap]! + c]!;
        const weight = b[at[tap]! + c * filters + o]!;
        total = float ? total + value * weight : (total + Math.imul(value, weight)) | 0;
      }
    return total;
  });
};
