import { uniform } from "@polykeras/core";
import { Dense, Dropout, Sequential, callbacks, setRandomSeed } from "polykeras";

/** Data under their shape. */
interface Values {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** What the article's table shows of a run. */
export interface MlpResult {
  /** From building the model to evaluating it, compiling included. */
  readonly seconds: number;
  /** Of the test data. */
  readonly loss: number;
  readonly accuracy: number;
  /** The training loss of each epoch. */
  readonly losses: readonly number[];
}

export interface MlpOptions {
  readonly seed?: number;
  readonly epochs?: number;
  /** Called after each epoch, counted from 1, with its training loss. */
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

/**
 * The program of the article that compares the backends of Keras: the same lines for every backend, none of which
 * they name. Its labels are coin tosses, so an accuracy of about 0.5 on the test data is right.
 */
export async function mlp({ seed = 1, epochs = 20, onEpoch }: MlpOptions = {}): Promise<MlpResult> {
  const xTrain = noise(seed, 1000, 20);
  // The article gives y_train the shape (100, 1), which does not fit its 1,000 rows; here it is (1000, 1).
  const yTrain = coins(seed + 1, 1000);
  const xTest = noise(seed + 2, 100, 20);
  const yTest = coins(seed + 3, 100);
  setRandomSeed(seed);

  const start = performance.now();
  const model = Sequential([
    Dense(64, { inputDim: 20, activation: "relu" }),
    Dropout(0.5),
    Dense(64, { activation: "relu" }),
    Dropout(0.5),
    Dense(1, { activation: "sigmoid" }),
  ]);
  model.compile({ loss: "binary_crossentropy", optimizer: "rmsprop", metrics: ["accuracy"] });

  const watch = callbacks.LambdaCallback({
    onEpochEnd: (epoch, logs) => onEpoch?.(epoch + 1, logs["loss"] ?? Number.NaN),
  });
  const history = await model.fit(xTrain, yTrain, { epochs, batchSize: 128, verbose: 0, callbacks: [watch] });

  const scores = await model.evaluate(xTest, yTest, { batchSize: 128, verbose: 0 });
  const [loss = Number.NaN, accuracy = Number.NaN] = scores;
  const seconds = (performance.now() - start) / 1000;
  return { seconds, loss, accuracy, losses: history.history["loss"] ?? [] };
}

/** Uniform values in [0, 1). */
function noise(seed: number, rows: number, columns: number): Values {
  return {
    data: Float32Array.from(uniform([seed, 0, 0, 0], rows * columns, "float32")),
    shape: [rows, columns],
  };
}

/** A column of 0 and 1. */
function coins(seed: number, rows: number): Values {
  const { data, shape } = noise(seed, rows, 1);
  return { data: data.map(Math.round), shape };
}
