import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";

export { start } from "./tfjs-engine.ts";

/** The MLP demo's model, compiled, as tfjs-layers writes it. */
export function buildModel(): layers.Sequential {
  const model = layers.sequential();
  model.add(layers.layers.dense({ units: 64, inputDim: 20, activation: "relu" }));
  model.add(layers.layers.dropout({ rate: 0.5 }));
  model.add(layers.layers.dense({ units: 64, activation: "relu" }));
  model.add(layers.layers.dropout({ rate: 0.5 }));
  model.add(layers.layers.dense({ units: 1, activation: "sigmoid" }));
  model.compile({ loss: "binaryCrossentropy", optimizer: "rmsprop", metrics: ["accuracy"] });
  return model;
}

/** Samples of 20 uniform values, and coin tosses as labels. */
export function data(rows: number): { readonly x: tf.Tensor2D; readonly y: tf.Tensor2D } {
  return { x: tf.randomUniform([rows, 20]), y: tf.round(tf.randomUniform<tf.Rank.R2>([rows, 1])) };
}
