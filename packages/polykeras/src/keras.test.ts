import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type Case,
  activationCases,
  binary,
  optimizerCases,
  otherCases,
  setWeights,
} from "./fixtures/cases.ts";
import { engine, engineNames } from "./fixtures/engines.ts";
import { columns, head, targets, x, y } from "./fixtures/hashed.ts";
import { Add, Concatenate, Dense, Dropout, Input, K, Model, Sequential, optimizers } from "./index.ts";
import type { ModelLayer } from "./models/model.ts";

interface Run {
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly evaluate: readonly number[];
  readonly weights: readonly number[];
}
interface Fixture {
  readonly results: Readonly<Record<string, Run>>;
  readonly summaries: Readonly<Record<string, readonly string[]>>;
  readonly names: Readonly<Record<string, readonly string[]>>;
}
const file = new URL("fixtures/training.json", import.meta.url);
const keras: Fixture = JSON.parse(readFileSync(file, "utf8"));

/**
 * Accuracy jumps by a whole sample where a prediction is within rounding of the threshold: 3 of 1000 may differ.
 * Losses and weights are compared as they are.
 */
function leeway(key: string, tolerance: number): number {
  return /acc$|accuracy$/.test(key) ? Math.max(tolerance, 3e-3 / 0.4) : tolerance;
}

/** Largest relative distance of two lists; below 0.01 the absolute one, in hundredths. */
function distance(got: readonly number[], want: readonly number[]): number {
  expect(got.length).toBe(want.length);
  return Math.max(...got.map((value, i) => Math.abs(value - want[i]!) / Math.max(1e-2, Math.abs(want[i]!))));
}

/**
 * The relative distance of two vectors. Methods that divide by a gradient's size move weights whose gradient is
 * rounding noise anywhere, so that single elements say nothing.
 */
function rootMeanSquare(got: readonly number[], want: readonly number[]): number {
  expect(got.length).toBe(want.length);
  const squares = (of: readonly number[]): number => of.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(got.map((value, i) => value - want[i]!)) / squares(want));
}

const within =
  (tolerance: number) =>
  (of: { distance: number }): boolean =>
    of.distance < tolerance;

async function sample(model: ModelLayer): Promise<number[]> {
  const all = (await model.getWeights()).flatMap(({ data }) => [...data]);
  return all.filter((_, i) => i % 37 === 0);
}

async function compare(name: string, of: Case, backend: object, tolerance: number): Promise<void> {
  const want = keras.results[name]!;
  const model = of.model();
  await setWeights(model);
  model.compile({ ...of.compile(), backend });
  const { history } = await model.fit(x, of.y, { batchSize: 128, shuffle: false, verbose: 0, ...of.fit });
  expect(Object.keys(history)).toEqual(Object.keys(want.history));
  for (const [key, numbers] of Object.entries(want.history))
    expect({ key, distance: distance(history[key]!, numbers) }).toSatisfy(within(leeway(key, tolerance)));
  const weights = rootMeanSquare(await sample(model), want.weights);
  expect({ key: "weights", distance: weights }).toSatisfy(within(tolerance * 10));
  model.dispose();
}

describe.each(engineNames)("Keras 2.15's numbers on %s", (name) => {
  test.each(Object.entries(optimizerCases))("%s", async (of, run) => {
    await compare(of, run, await engine(name), of.startsWith("sgd") ? 1e-5 : 1e-4);
  });

  test.each(Object.entries({ ...otherCases, ...activationCases }))("%s", async (of, run) => {
    await compare(of, run, await engine(name), 1e-5);
  });
});

function functional(): ModelLayer {
  const a = Input({ shape: [12], name: "a" });
  const b = Input({ shape: [8], name: "b" });
  const shared = Dense(8, { activation: "relu", name: "shared" });
  const left = shared(Dense(8, { name: "widen" })(a));
  const right = shared(b);
  const both = Concatenate({ name: "both" })([left, right]);
  const one = Dense(1, { activation: "sigmoid", name: "one" })(both);
  const two = Dense(5, { name: "two" })(Add({ name: "sum" })([left, right]));
  return Model([a, b], [one, two]);
}

test("a functional model with shared layers, two inputs and two outputs trains as in Keras", async () => {
  const model = functional();
  await setWeights(model);
  model.compile({
    optimizer: optimizers.SGD({ learningRate: 0.1 }),
    loss: { one: "binary_crossentropy", two: "mse" },
    lossWeights: { one: 1, two: 0.5 },
    metrics: { one: "accuracy", two: "mae" },
    backend: await engine("reference"),
  });
  const feed = { a: columns(0, 12), b: columns(12, 20) };
  const options = { epochs: 3, batchSize: 128, shuffle: false, verbose: 0 } as const;
  const { history } = await model.fit(feed, { one: y, two: targets }, options);
  const want = keras.results["functional"]!;
  expect(Object.keys(history)).toEqual(Object.keys(want.history));
  for (const [key, numbers] of Object.entries(want.history))
    expect({ key, distance: distance(history[key]!, numbers) }).toSatisfy(within(1e-5));
  const inputs = [head(feed.a, 100), head(feed.b, 100)];
  const score = await model.evaluate(inputs, [head(y, 100), head(targets, 100)], { verbose: 0 });
  expect(distance(score, want.evaluate)).toBeLessThan(1e-5);
  expect(distance(await sample(model), want.weights)).toBeLessThan(1e-4);
});

test("names of layers and weights, and the summaries, are Keras's", () => {
  K.clearSession();
  const demo = Sequential([
    Dense(64, { inputDim: 20, activation: "relu" }),
    Dropout(0.5),
    Dense(64, { activation: "relu" }),
    Dropout(0.5),
    Dense(1, { activation: "sigmoid" }),
  ]);
  demo.layers[0]!.trainable = false;
  const silent = { printFn: () => {} };
  expect(demo.summary(silent).split("\n")).toEqual(keras.summaries["sequential"]);
  expect(demo.weights.map((weight) => weight.name)).toEqual(keras.names["sequential"]);
  const model = functional();
  expect(model.summary(silent).split("\n")).toEqual(keras.summaries["functional"]);
  expect(model.weights.map((weight) => weight.name)).toEqual(keras.names["functional"]);
});

test("evaluate weighs the short last batch by its size", async () => {
  const model = binary("relu");
  await setWeights(model);
  const backend = await engine("reference");
  model.compile({ ...optimizerCases.sgd.compile(), backend });
  const options = { epochs: 20, batchSize: 128, shuffle: false, verbose: 0 } as const;
  await model.fit(x, y, options);
  const score = await model.evaluate(head(x, 100), head(y, 100), { batchSize: 32, verbose: 0 });
  expect(distance(score, keras.results["sgd"]!.evaluate)).toBeLessThan(1e-5);
});
