import { Dense, Dropout, Sequential } from "polykeras";

/** What most models end with. */
export const heads = [
  { units: 1, activation: "sigmoid", loss: "binary_crossentropy" },
  { units: 10, activation: "softmax", loss: "sparse_categorical_crossentropy" },
  { units: 10, activation: "softmax", loss: "categorical_crossentropy" },
  { units: 1, activation: "linear", loss: "mse" },
] as const;

/** A small network: two layers of so many units with relu, then its head. */
interface Training {
  readonly hidden: number;
  readonly dropout: boolean;
  readonly head: (typeof heads)[number];
  readonly optimizer: "adam" | "rmsprop" | "sgd";
}

/** A table of small numbers that repeat. */
const table = (rows: number, columns: number, kinds: number): { data: Float32Array; shape: number[] } => ({
  data: Float32Array.from({ length: rows * columns }, (_, i) => (i * 7) % kinds),
  shape: [rows, columns],
});

/** Trains a model, evaluates it and has it predict, which it returns; the last batch is smaller than the others. */
export async function train({ hidden, dropout, head, optimizer }: Training): Promise<readonly number[]> {
  const { units, activation, loss } = head;
  const between = (): readonly ReturnType<typeof Dropout>[] => (dropout ? [Dropout(0.5)] : []);
  const model = Sequential([
    Dense(hidden, { inputDim: 20, activation: "relu" }),
    ...between(),
    Dense(hidden, { activation: "relu" }),
    ...between(),
    Dense(units, { activation }),
  ]);
  model.compile({ loss, optimizer, metrics: ["accuracy"] });
  const x = table(100, 20, 5);
  const y = table(100, loss === "categorical_crossentropy" ? units : 1, 2);
  await model.fit(x, y, { epochs: 2, batchSize: 32, verbose: 0 });
  await model.evaluate(x, y, { verbose: 0 });
  const { data } = await model.predict(x, { verbose: 0 });
  return Array.from(data);
}
