// Prints, as JSON, where the functions begin that each of three first trainings on backend-cpu calls, whatever their
// losses and optimizers. Runs on the bundled packages.
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

/** How many trainings call the function that begins there, by the file's URL. */
const calls = new Map<string, Map<number, number>>();
for (const { units, activation, loss, optimizer } of trainings) {
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
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
  const { result } = await session.post("Profiler.takePreciseCoverage");
  await session.post("Profiler.stopPreciseCoverage");
  for (const { url, functions } of result) {
    const counts = calls.get(url) ?? new Map<number, number>();
    calls.set(url, counts);
    for (const { ranges } of functions)
      if (ranges[0] && ranges[0].count > 0)
        counts.set(ranges[0].startOffset, (counts.get(ranges[0].startOffset) ?? 0) + 1);
  }
}

const always = [...calls].map(([url, counts]): [string, number[]] => [
  url,
  [...counts].flatMap(([offset, count]) => (count === trainings.length ? [offset] : [])),
]);
console.log(JSON.stringify(Object.fromEntries(always)));
