import { uniform } from "@polykeras/core";
import { Dense, Dropout, Sequential } from "polykeras";

/** The MLP demo's model, compiled. */
function buildModel(): ReturnType<typeof Sequential> {
  const model = Sequential([
    Dense(64, { inputDim: 20, activation: "relu" }),
    Dropout(0.5),
    Dense(64, { activation: "relu" }),
    Dropout(0.5),
    Dense(1, { activation: "sigmoid" }),
  ]);
  model.compile({ loss: "binary_crossentropy", optimizer: "rmsprop", metrics: ["accuracy"] });
  return model;
}

/** A function that takes `count` training steps on one batch of 128 samples. */
export function trainer(): (count: number) => Promise<void> {
  const model = buildModel();
  const x = { data: uniform([1, 0, 0, 0], 128 * 20, "float32"), shape: [128, 20] };
  const y = { data: uniform([2, 0, 0, 0], 128, "float32").map(Math.round), shape: [128, 1] };
  return async (count) => {
    for (let i = 0; i < count; i += 1) await model.trainOnBatch(x, y);
  };
}
