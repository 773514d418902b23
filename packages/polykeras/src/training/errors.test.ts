import { beforeEach, expect, test } from "vitest";
import { engine } from "../fixtures/engines.ts";
import { loosely } from "../fixtures/loosely.ts";
import { Activation, Dense, Dropout, Input, K, Model, Sequential, losses } from "../index.ts";
import type { SequentialModel } from "../models/sequential.ts";

const x = { data: new Float32Array(40).fill(0.5), shape: [10, 4] };
const y = new Float32Array(10).fill(1);
const quiet = { verbose: 0 } as const;
let model: SequentialModel;

beforeEach(async () => {
  K.clearSession();
  model = Sequential([Dense(3, { inputDim: 4, activation: "relu" }), Dense(1)]);
  model.compile({ loss: "mse", backend: await engine("reference") });
});

/** The message of the error, and a check that the engine goes on after it. */
async function failure(run: () => unknown): Promise<{ name: string; message: string }> {
  let caught: unknown = null;
  try {
    await run();
  } catch (error) {
    caught = error;
  }
  await model.fit(x, y, quiet);
  if (!(caught instanceof Error)) throw new Error("expected an error", { cause: caught });
  return { name: caught.name, message: caught.message };
}

test("a wrong shape of x", async () => {
  const wide = { data: new Float32Array(50), shape: [10, 5] };
  expect(await failure(() => model.fit(wide, y, quiet))).toEqual({
    name: "ShapeError",
    message:
      "fit: x has shape (10, 5); 'dense_input' takes (null, 4), null being the number of samples. " +
      "Reshape the data, or change the layer's shape.",
  });
});

test("a wrong shape of y", async () => {
  const { name, message } = await failure(() =>
    model.fit(x, { data: new Float32Array(30), shape: [10, 3] }, quiet),
  );
  expect(name).toBe("ShapeError");
  expect(message).toContain("fit: y has shape (10, 3); output 'dense_1' of shape (null, 1)");
});

test("different numbers of samples", async () => {
  const { message } = await failure(() => model.fit(x, y.slice(0, 9), quiet));
  expect(message).toContain("Data cardinality is ambiguous. x sizes: 10; y sizes: 9.");
});

test("data of no dtype", async () => {
  const { name, message } = await failure(() => loosely(model, "fit", ["a", "b"], y, quiet));
  expect(name).toBe("ValueError");
  expect(message).toBe("fit: x: expected numbers in the nested arrays; got string.");
  const big: unknown = { data: new BigInt64Array(40), shape: [10, 4] };
  expect((await failure(() => loosely(model, "fit", big, y, quiet))).name).toBe("ValueError");
});

test("fractions for an input of integers", async () => {
  const input = Input({ shape: [4], dtype: "int32" });
  const whole = Model(input, K.cast(input, "float32"));
  const { name, message } = await failure(() => whole.predict(x));
  expect(name).toBe("DTypeError");
  expect(message).toContain("predict: x must hold whole numbers ((10, 4) int32); element [0, 0] is 0.5.");
});

test("labels that are NaN", async () => {
  const labels = y.slice();
  labels[7] = Number.NaN;
  const { name, message } = await failure(() => model.fit(x, labels, quiet));
  expect(name).toBe("ValueError");
  expect(message).toContain("fit: y is NaN at [7]");
  const weights = await model.getWeights();
  expect(weights.every(({ data }) => data.every(Number.isFinite))).toBe(true);
});

test("class indices out of range", async () => {
  const many = Sequential([Dense(3, { inputDim: 4, activation: "softmax" })]);
  many.compile({ loss: "sparseCategoricalCrossentropy", backend: await engine("reference") });
  const { message } = await failure(() => many.fit(x, [0, 1, 2, 0, 1, 2, 0, 1, 3, 0], quiet));
  expect(message).toContain("fit: y is 3 at [8], which is outside the valid range [0, 3)");
});

test("an empty array", async () => {
  const none = { data: new Float32Array(0), shape: [0, 4] };
  const { name, message } = await failure(() => model.fit(none, new Float32Array(0), quiet));
  expect(name).toBe("ArgumentError");
  expect(message).toContain("is empty: its shape is");
  expect((await failure(() => model.predict(none))).message).toContain("predict: x is empty");
  expect((await failure(() => model.fit([], [], quiet))).message).toContain("is empty");
});

test("no targets", async () => {
  const { message } = await failure(() => loosely(model, "fit", x));
  expect(message).toBe(
    "fit: the targets y are missing. Pass them after x: model.fit(x, y), one for dense_1.",
  );
});

test("a model without a loss, or not compiled", async () => {
  const bare = Sequential([Dense(1, { inputDim: 4 })]);
  expect((await failure(() => bare.fit(x, y, quiet))).message).toContain(
    "Model 'sequential_1' is not compiled.",
  );
  bare.compile({ backend: await engine("reference") });
  expect((await failure(() => bare.fit(x, y, quiet))).message).toContain("was compiled without a loss");
});

test("a disposed model", async () => {
  const other = Sequential([Dense(1, { inputDim: 4 })]);
  other.compile({ loss: "mse", backend: await engine("reference") });
  await other.fit(x, y, quiet);
  other.dispose();
  for (const call of [() => other.fit(x, y, quiet), () => other.predict(x), () => other.getWeights()])
    expect((await failure(call)).name).toBe("DisposedError");
});

test("a layer that is called with a wrong rank or on data", async () => {
  expect((await failure(() => Dense(3)(K.placeholder({ shape: [null] })))).message).toContain(
    "Dense 'dense_2' takes (batch, ..., features) with a known number of features; got (null,).",
  );
  const layer = Dense(3);
  layer(Input({ shape: [4] }));
  expect((await failure(() => layer(Input({ shape: [5] })))).message).toContain(
    "was built for inputs of 4 features; it was called on (null, 5)",
  );
  expect((await failure(() => Reflect.apply(Dense(3), null, [[1, 2]]))).message).toContain(
    "is called on symbolic tensors",
  );
});

test("unknown names list the allowed ones", async () => {
  const compile =
    (options: object): (() => unknown) =>
    () =>
      loosely(model, "compile", options);
  const make =
    (options: object): (() => unknown) =>
    () =>
      Reflect.apply(Dense, null, [3, { inputDim: 4, ...options }]);
  const cases: readonly (readonly [() => unknown, string])[] = [
    [compile({ loss: "mes" }), "Unknown loss: 'mes'. Use one of meanSquaredError, mse,"],
    [compile({ optimizer: "agam" }), "Unknown optimizer: 'agam'. Use one of sgd, rmsprop, adam,"],
    [make({ activation: "rleu" }), "Unknown activation: 'rleu'. Use one of linear, relu,"],
    [compile({ los: "mse" }), "unknown option los; it takes optimizer, loss,"],
    [
      () => loosely(model, "fit", x, y, { epoch: 3 }),
      "fit: unknown option epoch; it takes batchSize, epochs,",
    ],
    [() => Dense(0), "units must be a whole number >= 1; got 0."],
    [() => Dropout(1.5), "Invalid value 1.5 received for Dropout"],
    [() => model.fit(x, y, { batchSize: 0 }), "fit: batchSize must be a whole number >= 1; got 0."],
    [() => model.getLayer("none"), "No such layer: none. Existing layers are: dense, dense_1."],
  ];
  for (const [run, message] of cases) expect((await failure(run)).message).toContain(message);
  const sequence = Sequential([Dense(3, { inputDim: 4, kernelInitializer: "zeros" })]);
  expect(sequence.built).toBe(true);
  const wrong = (): unknown => Reflect.apply(Sequential, null, [[make({ kernelInitializer: "glorot" })()]]);
  expect((await failure(wrong)).message).toContain("Unknown initializer: 'glorot'. Use one of zeros,");
  model.compile({ loss: "mse", backend: await engine("reference") });
});

test("an unknown metric shows when the targets are known", async () => {
  const other = Sequential([Dense(1, { inputDim: 4 })]);
  const backend = await engine("reference");
  loosely(other, "compile", { loss: "mse", metrics: ["acuracy"], backend });
  expect((await failure(() => other.fit(x, y, quiet))).message).toContain(
    "Unknown metric: 'acuracy'. Use one of accuracy, binaryAccuracy,",
  );
});

test("graphs that do not hang together", async () => {
  const [a, b] = [Input({ shape: [4], name: "a" }), Input({ shape: [4], name: "b" })];
  const sum = Dense(2)(a.add(b));
  expect((await failure(() => Model(a, sum))).message).toContain(
    "Graph disconnected: the outputs depend on 'b', which is none of the model's inputs.",
  );
  expect((await failure(() => Model(Dense(2)(a), sum))).message).toContain("inputs must come from Input");
  expect((await failure(() => model.add(model.layers[0]!))).message).toContain("'dense' is there already");
  const loose = Sequential([Activation("relu")]);
  expect((await failure(() => loose.summary())).message).toContain(
    "does not know the shape of its inputs yet",
  );
});

test("a loss that depends on no weight", async () => {
  const other = Sequential([Dense(1, { inputDim: 4 })]);
  const loss = (yTrue: import("../index.ts").Tensor): import("../index.ts").Tensor => K.square(yTrue);
  other.compile({ loss, backend: await engine("reference") });
  expect((await failure(() => other.fit(x, y, quiet))).message).toContain(
    "No gradients provided for any variable",
  );
});

test("a validation split that leaves nothing", async () => {
  expect((await failure(() => model.fit(x, y, { ...quiet, validationSplit: 0.99 }))).message).toContain(
    "is not sufficient to split it",
  );
  expect((await failure(() => model.fit(x, y, { ...quiet, validationSplit: 1 }))).message).toContain(
    "validationSplit must be a number",
  );
});

test("custom losses may take targets of another shape", async () => {
  const loose = Sequential([Dense(2, { inputDim: 4 })]);
  const { meanSquaredError } = losses;
  loose.compile({ loss: (t, p) => meanSquaredError(t, p), backend: await engine("reference") });
  const { history } = await loose.fit(x, y, quiet);
  expect(history["loss"]).toHaveLength(1);
});
