import { expect, test } from "vitest";
import { Dense, Dropout, K, Sequential } from "./index.ts";

/** Calls that must not compile: each line's error is expected, and its absence fails the type check. */
export function wrong(): void {
  // @ts-expect-error units are required
  Dense();
  // @ts-expect-error no such activation
  Dense(3, { activation: "rleu" });
  // @ts-expect-error Python's spelling of an option
  Dense(3, { input_dim: 4 });
  // @ts-expect-error a rate is a number
  Dropout("0.5");
  const model = Sequential([Dense(1)], { name: "m" });
  // @ts-expect-error no such loss
  model.compile({ loss: "mes" });
  // @ts-expect-error no such optimizer
  model.compile({ optimizer: "agam" });
  // @ts-expect-error no such metric
  model.compile({ metrics: ["acuracy"] });
  // @ts-expect-error targets are required
  void model.fit([[1]]);
  // @ts-expect-error options come in an object
  void model.fit([[1]], [1], 3);
  // @ts-expect-error no such option
  void model.fit([[1]], [1], { epoch: 3 });
  // @ts-expect-error layers are called on tensors
  Dense(3)([[1, 2]]);
}

test("names are accepted as Python and as JavaScript write them", () => {
  K.clearSession();
  const model = Sequential([
    Dense(2, { inputDim: 3, kernelInitializer: "he_normal", activation: "hard_sigmoid" }),
    Dense(1, { kernelInitializer: "heNormal", activation: "hardSigmoid", kernelConstraint: "max_norm" }),
  ]);
  model.compile({
    loss: "sparse_categorical_crossentropy",
    optimizer: "RMSprop",
    metrics: ["categorical_accuracy"],
  });
  expect(model.name).toBe("sequential");
});
