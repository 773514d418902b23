/** Units that feed one output and that one input feeds, with the receptive field of kernels counted in. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Source: Keras `initializers.compute_fans`. */
export function computeFans(shape: readonly number[]): Fans {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0]!, fanOut: shape[0]! };
  const field = shape.slice(0, -2).reduce((product, dim) => product * dim, 1);
  return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
}
