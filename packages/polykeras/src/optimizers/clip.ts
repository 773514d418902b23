import { type Tensor, K } from "@polykeras/core";
import { type Slices, slicesOf } from "@polykeras/core/internal";

interface ClipOptions {
  readonly clipnorm?: number;
  readonly clipvalue?: number;
  readonly globalClipnorm?: number;
}

/** Of the values, in their dtype. */
function squaredNorm({ values }: Slices): Tensor {
  const squares = values.map((value) => K.sum(K.square(value)));
  return squares.reduce((sum, square) => sum.add(square));
}

function mapped(slices: Slices, f: (value: Tensor) => Tensor): Tensor {
  return slices.with(slices.values.map(f));
}

/** Scaled down so that the norm is at most `limit`: x limit / max(norm, limit), as TensorFlow computes it. */
function clippedByNorm(slices: Slices, limit: number): Tensor {
  const norm = K.maximum(K.sqrt(squaredNorm(slices)), limit);
  return mapped(slices, (value) => value.multiply(limit).divide(norm));
}

/** All scaled down alike, by min(limit / norm, 1), which is NaN where the norm is not finite. */
function clippedByGlobalNorm(gradients: readonly Tensor[], limit: number): Tensor[] {
  const [first] = gradients;
  if (!first) return [];
  const all = gradients.map(slicesOf);
  const squares = all.map((slices) => K.cast(squaredNorm(slices), first.dtype));
  const norm = K.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const scale = K.minimum(K.divide(limit, norm), 1).add(norm.subtract(norm));
  return all.map((slices) => mapped(slices, (value) => value.multiply(K.cast(scale, value.dtype))));
}

/**
 * The gradients under the first limit that is set: clipnorm (each its own), globalClipnorm, clipvalue. Where rows of
 * a variable were gathered, what is limited are these rows, before those of equal indices are summed.
 * Source: Keras 2.15 `Optimizer._clip_gradients`.
 */
export function clipGradients(gradients: readonly Tensor[], options: ClipOptions): readonly Tensor[] {
  const { clipnorm, globalClipnorm, clipvalue } = options;
  if (clipnorm !== undefined) return gradients.map((of) => clippedByNorm(slicesOf(of), clipnorm));
  if (globalClipnorm !== undefined) return clippedByGlobalNorm(gradients, globalClipnorm);
  if (clipvalue !== undefined)
    return gradients.map((of) => mapped(slicesOf(of), (value) => K.clip(value, -clipvalue, clipvalue)));
  return gradients;
}
