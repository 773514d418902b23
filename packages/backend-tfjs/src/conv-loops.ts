import { type Composites, type Primitives, sizeOf, windowAxes } from "@polykeras/core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { made, room } from "./loops.ts";
import type { Body, Scope } from "./scope.ts";
import { taps } from "./window-loops.ts";

/**
 * Loops over engine memory for convolutions that the engines' kernels do not compute exactly: of int32, and where
 * the zeros of a padding would meet a factor that is not finite.
 */

type Conv = Primitives["conv"];
type Geometry = Omit<Conv, "padding">;

/** True if zeros would be multiplied with NaN or infinities, on engines whose memory the host sees. */
export function meetsZeros(scope: Scope, factor: TensorInfo, { padding, inputDilation }: Conv): boolean {
  const { synchronous, integers } = scope.session.traits;
  if (!synchronous || !integers) return false;
  const zeros = padding.some(([low, high]) => low! + high! > 0) || inputDilation.some((step) => step > 1);
  return zeros && !scope.session.read(factor).every(Number.isFinite);
}

interface Shapes {
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly output: readonly number[];
}

/** For each output element, in order: where its taps begin in x, and [input, kernel] positions. */
function eachPlace(
  { x, kernel, output }: Shapes,
  attributes: Geometry & { readonly padding: Conv["padding"] },
  visit: (i: number, start: number, o: number, pairs: Int32Array) => void,
): void {
  const { groups, batchGroups } = attributes;
  const windows = taps(windowAxes(attributes, x, output, kernel));
  const [depth, filters] = [kernel.at(-2)!, kernel.at(-1)!];
  const image = sizeOf(x.slice(1));
  let i = 0;
  for (let sample = 0; sample < output[0]!; sample++)
    for (const pairs of windows)
      for (let o = 0; o < filters; o++) {
        const batchGroup = Math.floor((o * batchGroups) / filters);
        const start = (batchGroup * output[0]! + sample) * image + Math.floor((o * groups) / filters) * depth;
        visit(i++, start, o, pairs);
      }
}

/** Convolution one product after the other; int32 wraps. */
export const convLoop: Body<Conv> = (scope, [x, kernel], attributes, output) => {
  const [from, weights] = [scope.session.read(x!), scope.session.read(kernel!)];
  const [channels, depth, filters] = [x!.shape.at(-1)!, kernel!.shape.at(-2)!, kernel!.shape.at(-1)!];
  const integer = output.dtype === "int32";
  const values = room(output);
  eachPlace(
    { x: x!.shape, kernel: kernel!.shape, output: output.shape },
    attributes,
    (i, start, o, pairs) => {
      let total = 0;
      for (let at = 0; at < pairs.length; at += 2)
        for (let c = 0; c < depth; c++) {
          const a = from[start + pairs[at]! * channels + c]!;
          const b = weights[(pairs[at + 1]! * depth + c) * filters + o]!;
          total = integer ? (total + Math.imul(a, b)) | 0 : total + a * b;
        }
      values[i] = total;
    },
  );
  return made(scope, values, output);
};

/** The kernel's cotangent one product after the other. */
export const kernelGradientLoop: Body<Composites["convKernelGradient"] & Conv> = (
  scope,
  [x, g],
  attributes,
  output,
) => {
  const [from, flows] = [scope.session.read(x!), scope.session.read(g!)];
  const [channels, depth, filters] = [x!.shape.at(-1)!, output.shape.at(-2)!, output.shape.at(-1)!];
  const totals = new Float64Array(sizeOf(output.shape));
  eachPlace({ x: x!.shape, kernel: output.shape, output: g!.shape }, attributes, (i, start, o, pairs) => {
    for (let at = 0; at < pairs.length; at += 2)
      for (let c = 0; c < depth; c++)
        totals[(pairs[at + 1]! * depth + c) * filters + o]! +=
          from[start + pairs[at]! * channels + c]! * flows[i]!;
  });
  const values = room(output);
  values.set(totals);
  return made(scope, values, output);
};
