// Prints, as JSON, where the functions begin that first trainings on backend-cpu call, with the losses and optimizers
// that most models have. Runs on the bundled packages.
import { Session } from "node:inspector/promises";
import { useBackend } from "@polykeras/core";
import { Dense, Dropout, Sequential } from "polykeras";

await useBackend("cpu");
const session = new Session();
session.connect();
await session.post("Profiler.enable");

/** A table of small numbers that repeat. */
const table = (rows: number, columns: number, kinds: number): { data: Float32Array; shape: number[] } => ({
  data: Float32Array.from({ length: rows * columns }, (_, i) => (i * 7) % kinds),
  shape: [rows, columns],
});

const trainings = [
  { units: 1, activation: "sigmoid", loss: "binary_crossentropy", optimizer: "rmsprop" },
  { units: 10, activation: "softmax", loss: "sparse_categorical_crossentropy", optimizer: "adam" },
  { units: 1, activation: "linear", loss: "mse", optimizer: "sgd" },
] as const;

await session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: false });
for (const { units, activation, loss, optimizer } of trainings) {
  const model = Sequential([
    Dense(64, { inputDim: 20, activation: "relu" }),
    Dropout(0.5),
    Dense(units, { activation }),
  ]);
  model.compile({ loss, optimizer, metrics: ["accuracy"] });
  const x = table(100, 20, 5);
  const y = table(100, 1, 2);
  await model.fit(x, y, { epochs: 2, batchSize: 32, verbose: 0 });
  await model.evaluate(x, y, { verbose: 0 });
  await model.predict(x, { verbose: 0 });
}
const { result } = await session.post("Profiler.takePreciseCoverage");

const called = result.map(({ url, functions }): [string, number[]] => [
  url,
  functions.flatMap(({ ranges }) => (ranges[0] && ranges[0].count > 0 ? [ranges[0].startOffset] : [])),
]);
console.log(JSON.stringify(Object.fromEntries(called)));
