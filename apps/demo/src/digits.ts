import { Dense, Sequential, callbacks, optimizers, setRandomSeed } from "polykeras";
import type { Digits, Pictures } from "./digits-data.ts";
import type { Sample } from "./draw/digits.ts";

/** How well the digits were learned. */
export interface DigitsResult {
  /** From building the model to evaluating it, compiling included. */
  readonly seconds: number;
  /** Of the test pictures. */
  readonly loss: number;
  readonly accuracy: number;
  /** The training loss of each epoch. */
  readonly losses: readonly number[];
  /** The first test picture of each digit. */
  readonly samples: readonly Sample[];
}

export interface DigitsOptions {
  readonly seed?: number;
  readonly epochs?: number;
  /** Called after each epoch, counted from 1, with its training loss. */
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

/** Trains an MLP on the handwritten digits. */
export async function digits(
  { train, test }: Digits,
  { seed = 12, epochs = 20, onEpoch }: DigitsOptions = {},
): Promise<DigitsResult> {
  setRandomSeed(seed);

  const start = performance.now();
  const model = Sequential([
    Dense(64, { inputDim: 64, activation: "relu" }),
    Dense(10, { activation: "softmax" }),
  ]);
  model.compile({
    loss: "sparse_categorical_crossentropy",
    optimizer: optimizers.Adam({ learningRate: 0.003 }),
    metrics: ["accuracy"],
  });
  const watch = callbacks.LambdaCallback({
    onEpochEnd: (epoch, logs) => onEpoch?.(epoch + 1, logs["loss"] ?? Number.NaN),
  });
  const options = { epochs, batchSize: 64, verbose: 0, callbacks: [watch] } as const;
  const history = await model.fit(train.pixels, train.digits, options);
  const [loss = Number.NaN, accuracy = Number.NaN] = await model.evaluate(test.pixels, test.digits, {
    verbose: 0,
  });
  const seconds = (performance.now() - start) / 1000;

  const chosen = firstOfEach(test);
  const probabilities = await model.predict(
    chosen.map(({ pixels }) => pixels),
    { verbose: 0 },
  );
  return {
    seconds,
    loss,
    accuracy,
    losses: history.history["loss"] ?? [],
    samples: judge(chosen, probabilities.data),
  };
}

/** The first picture of each digit, 0 to 9. */
function firstOfEach({ pixels, digits: shown }: Pictures): Pick<Sample, "pixels" | "digit">[] {
  return Array.from({ length: 10 }, (_, digit) => ({ digit, pixels: pixels[shown.indexOf(digit)] ?? [] }));
}

/** The most probable class of each row is the answer. */
function judge(
  chosen: readonly Pick<Sample, "pixels" | "digit">[],
  probabilities: ArrayLike<number>,
): Sample[] {
  return chosen.map(({ pixels, digit }, row) => {
    const classes = Array.from({ length: 10 }, (_, index) => probabilities[row * 10 + index] ?? Number.NaN);
    const confidence = Math.max(...classes);
    return { pixels, digit, predicted: classes.indexOf(confidence), confidence };
  });
}
