import type { AttributeValue, Attributes } from "../program/program.ts";

/**
 * What the windows of conv or of a pooling do along one spatial axis. Place p of a window covers, for k = 0, 1, ...
 * up to `window`, the positions p * stride + k * kernelDilation - low of the axis, whose elements lie inputDilation
 * apart.
 */
export interface WindowAxis {
  /** The places the windows take. */
  readonly out: number;
  /** Elements of the input. */
  readonly length: number;
  /** Elements of a window. */
  readonly window: number;
  readonly stride: number;
  /** Padding before the first element. */
  readonly low: number;
  readonly inputDilation: number;
  readonly kernelDilation: number;
}

/**
 * The spatial axes of a step with windows, from its attributes and the shapes of its input and output [n, ...spatial,
 * c]. A window is as large as `kernel`, [...spatial, ...], says, or without it the attribute `window`; an op without
 * dilations has dilations of 1.
 */
export function windowAxes(
  attributes: Attributes,
  input: readonly number[],
  output: readonly number[],
  kernel?: readonly number[],
): WindowAxis[] {
  const { padding, inputDilation, kernelDilation } = attributes;
  const window = kernel ?? attributes["window"];
  return list(attributes["strides"]).map((stride, axis) => ({
    out: output[axis + 1]!,
    length: input[axis + 1]!,
    window: Number(list(window)[axis]),
    stride: Number(stride),
    low: Number(list(list(padding)[axis])[0]),
    inputDilation: Number(list(inputDilation)[axis] ?? 1),
    kernelDilation: Number(list(kernelDilation)[axis] ?? 1),
  }));
}

function list(value: AttributeValue | undefined): readonly AttributeValue[] {
  return Array.isArray(value) ? value : [];
}
