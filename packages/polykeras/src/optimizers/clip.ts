import { type Tensor, K } from "@polykeras/core";

interface ClipOptions {
  readonly clipnorm?: number;
  readonly clipvalue?: number;
  readonly globalClipnorm?: number;
}

function squaredNorm(x: Tensor): Tensor {
  return K.sum(K.square(x));
}

/** x scaled down so that `norm` is at most `limit`: x limit / max(norm, limit), as TensorFlow computes it. */
function scaleDown(x: Tensor, norm: Tensor, limit: number): Tensor {
  return x.multiply(limit).divide(K.maximum(norm, limit));
}

/** The gradients under the first limit that is set: clipnorm (each its own), globalClipnorm, clipvalue. */
export function clipGradients(gradients: readonly Tensor[], options: ClipOptions): readonly Tensor[] {
  const { clipnorm, globalClipnorm, clipvalue } = options;
  if (clipnorm !== undefined)
    return gradients.map((gradient) => scaleDown(gradient, K.sqrt(squaredNorm(gradient)), clipnorm));
  const [first, ...rest] = gradients;
  if (globalClipnorm !== undefined && first) {
    const squares = rest.reduce(
      (sum, of) => sum.add(K.cast(squaredNorm(of), first.dtype)),
      squaredNorm(first),
    );
    const norm = K.sqrt(squares);
    return gradients.map((gradient) => scaleDown(gradient, K.cast(norm, gradient.dtype), globalClipnorm));
  }
  if (clipvalue !== undefined) return gradients.map((gradient) => K.clip(gradient, -clipvalue, clipvalue));
  return gradients;
}
