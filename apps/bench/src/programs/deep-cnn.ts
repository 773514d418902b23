import { K } from "@polykeras/core";
import type { NDArray, Tensor, Variable } from "@polykeras/core";
import { optimizers } from "polykeras";

/** What `Optimizer.updates` takes. */
type Weight = Parameters<optimizers.Optimizer["updates"]>[0][number];

/** So many convolutions; in each quarter they have equally many filters, or each one has some more than the last. */
export interface DeepCnn {
  readonly layers: number;
  readonly widths: "alike" | "different";
  readonly task: "train" | "infer";
}

const images = 8;
const size = 32;
const quarters = 4;
const normalizedEvery = 5;

/** Made before any clock starts, the same for all weights. */
const imageData = Float32Array.from({ length: images * size * size * 3 }, (_, i) => Math.sin(i));
const weightData = Float32Array.from({ length: 2 ** 20 }, (_, i) => 0.1 * Math.sin(1 + i * 7.3));

/**
 * A network over 32 x 32 x 3: convolutions of 3 x 3 with bias and relu, every fifth normalised by its batch (SGD would
 * diverge at such a depth without), pooling after each quarter of them, then a dense layer for ten classes. Gives a
 * function that takes one step, or computes the probabilities.
 */
export function deepCnn({ layers, widths, task }: DeepCnn, seed = 0): () => Promise<NDArray> {
  const weights: Weight[] = [];
  const weight = (...shape: number[]): Variable => {
    const data = weightData.subarray(
      0,
      shape.reduce((product, dimension) => product * dimension, 1),
    );
    const made = Object.assign(K.variable({ data, shape }), { trainable: true, regularizer: null });
    weights.push(made);
    return made;
  };
  const filtersOf = (layer: number): number =>
    widths === "different" ? 8 + seed + layer : 16 * (1 + Math.floor((quarters * layer) / layers)) + 4 * seed;
  let x: Tensor = K.variable({
    data: imageData,
    shape: [images, size, size, 3],
  });
  let channels = 3;
  for (let layer = 0; layer < layers; layer += 1) {
    const filters = filtersOf(layer);
    x = K.conv2d(x, weight(3, 3, channels, filters), { padding: "same" });
    x = K.biasAdd(x, weight(filters));
    if ((layer + 1) % normalizedEvery === 0)
      [x] = K.normalizeBatchInTraining(x, weight(filters), weight(filters), [0, 1, 2]);
    x = K.relu(x);
    const isEnd = Math.floor((quarters * (layer + 1)) / layers) > Math.floor((quarters * layer) / layers);
    if (isEnd) x = K.pool2d(x, [2, 2], { strides: [2, 2] });
    channels = filters;
  }
  const features = K.batchFlatten(x);
  const inputs = channels * (size / 2 ** quarters) ** 2;
  const logits = K.biasAdd(K.dot(features, weight(inputs, 10)), weight(10));
  if (task === "infer") {
    const infer = K.function([], K.softmax(logits));
    return () => infer([]);
  }
  const labels = K.constant([0, 1, 2, 3, 4, 5, 6, 7], { dtype: "int32" });
  const loss = K.mean(K.sparseCategoricalCrossentropy(labels, logits, { fromLogits: true }));
  const gradients = K.gradients(loss, weights).map((gradient) => {
    if (!gradient) throw new RangeError("a weight has no gradient");
    return gradient;
  });
  const step = K.function([], loss, {
    updates: optimizers.Adam({ learningRate: 1e-3 }).updates(weights, gradients),
  });
  return () => step([]);
}
