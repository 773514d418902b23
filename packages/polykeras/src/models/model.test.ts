import { beforeEach, describe, expect, test, vi } from "vitest";
import { engine } from "../fixtures/engines.ts";
import { hashed } from "../fixtures/hashed.ts";
import {
  type CallContext,
  type LayerOptions,
  type NDArray,
  Activation,
  Add,
  Concatenate,
  Dense,
  Dropout,
  Flatten,
  Input,
  K,
  Lambda,
  Layer,
  Model,
  Reshape,
  Sequential,
  Tensor,
  callbacks,
  losses,
  metrics,
  optimizers,
  setRandomSeed,
  useBackend,
} from "../index.ts";

const x = { data: hashed(80, 1), shape: [20, 4] };
const y = hashed(20, 2);
const quiet = { verbose: 0 } as const;

beforeEach(async () => {
  K.clearSession();
  setRandomSeed(1);
  await useBackend(await engine("reference"));
});

/** A layer as users write them: one weight, and a dropout inside that follows training. */
class ScaleLayer extends Layer {
  readonly dropout = Dropout(0.5, { seed: 1 });
  factor: Tensor | null = null;

  constructor(options: LayerOptions = {}) {
    super(options);
  }
  override build(inputShape: readonly (number | null)[]): void {
    this.factor = this.addWeight("factor", [Number(inputShape.at(-1))], { initializer: "ones" });
  }
  override call(input: Tensor): Tensor {
    return this.dropout(input.multiply(this.factor!));
  }
}

describe("layers", () => {
  test("custom layers are callable, named, and pass training on to layers inside", async () => {
    const scale = new ScaleLayer();
    expect(scale.name).toBe("scale_layer");
    const input = Input({ shape: [4] });
    const model = Model(input, scale(input));
    expect(model.weights.map(({ name }) => name)).toEqual(["scale_layer/factor:0"]);
    expect((await model.predict(x)).data).toEqual(x.data);
    model.compile({ loss: "mse", optimizer: optimizers.SGD({ learningRate: 0 }) });
    const [trained] = (await model.trainOnBatch<number>(x, x), [await model.trainOnBatch<number>(x, x)]);
    expect(trained).toBeGreaterThan(0);
    expect(await model.testOnBatch<number>(x, x)).toBe(0);
  });

  test("Flatten, Reshape, Lambda, Add and Concatenate give Keras's shapes", () => {
    const input = Input({ shape: [2, 3] });
    expect(Flatten()(input).shape).toEqual([null, 6]);
    expect(Flatten()(Input({ shape: [] })).shape).toEqual([null, 1]);
    expect(Reshape([3, -1])(input).shape).toEqual([null, 3, 2]);
    expect(() => Reshape([4, 2])(input)).toThrow("total size of new array must be unchanged");
    expect(Lambda((of: Tensor) => K.sum(of, { axis: -1 }))(input).shape).toEqual([null, 2]);
    expect(Concatenate({ axis: 1 })([input, input]).shape).toEqual([null, 4, 3]);
    expect(() => Add()(input)).toThrow("should be called on a list of at least 2 inputs");
    expect(Dense(5)(input).shape).toEqual([null, 2, 5]);
  });

  test("a layer shared by two calls has one set of weights", () => {
    const [a, b] = [Input({ shape: [4] }), Input({ shape: [4] })];
    const shared = Dense(2);
    const model = Model([a, b], Add()([shared(a), shared(b)]));
    expect(model.weights).toHaveLength(2);
    expect(model.countParams()).toBe(10);
  });

  test("rates of 0 and 1 drop nothing and everything", async () => {
    const input = Input({ shape: [4] });
    for (const [rate, expected] of [
      [0, [...x.data]],
      [1, Array.from({ length: 80 }, () => 0)],
    ] as const) {
      const run = K.function([input], [Dropout(rate)(input, { training: true })]);
      expect([...(await run([x]))[0].data]).toEqual(expected);
    }
  });

  test("a layer's output is an ordinary tensor for K.function and K.gradients", async () => {
    const model = Sequential([Dense(3, { inputDim: 4, activation: "tanh" }), Dense(1)]);
    const middle = model.layers[0]!;
    const run = K.function(
      [model.input],
      [model.output, ...K.gradients(model.output, middle.weights).map((of) => of!)],
    );
    const [out, kernel, bias] = await run([x]);
    expect([out.shape, kernel!.shape, bias!.shape]).toEqual([[20, 1], [4, 3], [3]]);
    expect([...out.data]).toEqual([...(await model.predict(x)).data]);
  });
});

describe("models", () => {
  test("K functions between layers become part of the model", async () => {
    const input = Input({ shape: [4] });
    const hidden = Dense(3, { activation: "tanh" })(input);
    const model = Model(input, Dense(1)(K.abs(hidden).add(K.square(hidden))));
    model.compile({ loss: "mse", optimizer: "sgd" });
    const { history } = await model.fit(x, y, { ...quiet, epochs: 30 });
    expect(history["loss"]!.at(-1)).toBeLessThan(history["loss"]![0]!);
    expect(model.weights).toHaveLength(4);
  });

  test("K functions on a tensor that two layers gave alike ask for Lambda", () => {
    const input = Input({ shape: [4] });
    const [one] = [Dropout(0.5)(input), Dropout(0.3)(input)];
    expect(() => Model(input, K.abs(one))).toThrow("put it into Lambda");
  });

  test("a model is a layer of another model", async () => {
    const inner = Sequential([Dense(3, { inputDim: 4 }), Dropout(0.2)], { name: "inner" });
    const input = Input({ shape: [4] });
    const outer = Model(input, Dense(1)(inner(input)));
    expect(outer.layers.map(({ name }) => name)).toEqual(["input_1", "inner", "dense_1"]);
    expect(outer.weights).toHaveLength(4);
    outer.compile({ loss: "mse" });
    const before = (await inner.getWeights())[0]!.data;
    await outer.fit(x, y, quiet);
    expect((await inner.getWeights())[0]!.data).not.toEqual(before);
  });

  test("a Sequential without a shape is built from the first data", async () => {
    const model = Sequential([Dense(3, { activation: "relu" }), Dense(1)]);
    expect(model.built).toBe(false);
    model.compile({ loss: "mse" });
    await model.fit(x, y, quiet);
    expect(model.weights.map(({ shape }) => shape)).toEqual([[4, 3], [3], [3, 1], [1]]);
    const empty = Sequential();
    empty.add(Input({ shape: [4] }));
    empty.add(Dense(2));
    empty.add(Activation("relu"));
    empty.pop();
    expect(empty.output.shape).toEqual([null, 2]);
  });

  test("a subclass of Model with its own call trains", async () => {
    class Residual extends Model {
      readonly first = Dense(4, { activation: "tanh" });
      readonly last = Dense(1);
      override call(input: Tensor, _context: CallContext): Tensor {
        return this.last(this.first(input).add(input));
      }
    }
    const model = new Residual();
    model.compile({ loss: "mse", optimizer: "sgd" });
    const { history } = await model.fit(x, y, { ...quiet, epochs: 20 });
    expect(history["loss"]!.at(-1)).toBeLessThan(history["loss"]![0]!);
    expect(model.weights).toHaveLength(4);
    expect((await model.predict(x)).shape).toEqual([20, 1]);
  });

  test("nothing that is frozen moves", async () => {
    const frozen = Dense(3, { inputDim: 4, trainable: false });
    const model = Sequential([frozen, Dense(1)]);
    expect([model.trainableWeights.length, model.nonTrainableWeights.length]).toEqual([2, 2]);
    model.compile({ loss: "mse" });
    const before = (await frozen.getWeights())[0]!.data;
    await model.fit(x, y, quiet);
    expect((await frozen.getWeights())[0]!.data).toEqual(before);
  });

  test("weights travel through getWeights and setWeights", async () => {
    const make = (): ReturnType<typeof Sequential> => Sequential([Dense(3, { inputDim: 4 }), Dense(1)]);
    const [from, to] = [make(), make()];
    await to.setWeights(await from.getWeights());
    expect((await to.predict(x)).data).toEqual((await from.predict(x)).data);
    await expect(to.setWeights([])).rejects.toThrow("has 4 weights; setWeights got 0");
    await expect(to.setWeights([[1], [1], [1], [1]])).rejects.toThrow("has shape (4, 3)");
  });
});

describe("fit and evaluate", () => {
  test("evaluate gives a number, a list or an object", async () => {
    const model = Sequential([Dense(1, { inputDim: 4 })]);
    model.compile({ loss: "mse" });
    expect(await model.evaluate<number>(x, y, quiet)).toBeTypeOf("number");
    model.compile({
      loss: "mse",
      metrics: ["mae", metrics.MeanSquaredError(), (t, p) => K.abs(t.subtract(p))],
    });
    expect(await model.evaluate(x, y, quiet)).toHaveLength(4);
    const logs = await model.evaluate(x, y, { ...quiet, returnDict: true });
    expect(Object.keys(logs)).toEqual(["loss", "mae", "mean_squared_error", "metric"]);
    expect(logs["loss"]).toBeCloseTo(logs["mean_squared_error"]!, 6);
    expect(logs["mae"]).toBeCloseTo(logs["metric"]!, 6);
  });

  test("accuracy follows the shapes of targets and outputs", async () => {
    const accuracy = async (
      outputs: number,
      loss: "mse" | "sparse_categorical_crossentropy",
      target: number[][],
    ) => {
      const model = Sequential([Dense(outputs, { inputDim: 4, kernelInitializer: "zeros" })]);
      await model.setWeights([
        [0, 0, 0, 0].map(() => Array.from({ length: outputs }, () => 0)),
        outputs === 1 ? [0.6] : [0.1, 0.7, 0.2],
      ]);
      model.compile({ loss, metrics: ["accuracy"] });
      const logs = await model.evaluate(
        [
          [0, 0, 0, 0],
          [0, 0, 0, 0],
        ],
        target,
        { ...quiet, returnDict: true },
      );
      return logs["accuracy"];
    };
    expect(await accuracy(1, "mse", [[1], [0]])).toBe(0.5);
    expect(await accuracy(3, "sparse_categorical_crossentropy", [[1], [1]])).toBe(1);
    expect(
      await accuracy(3, "mse", [
        [0, 1, 0],
        [1, 0, 0],
      ]),
    ).toBe(0.5);
  });

  test("validation, initial epochs and callbacks", async () => {
    const model = Sequential([Dense(1, { inputDim: 4 })]);
    model.compile({ loss: "mse", metrics: ["mae"] });
    const seen: string[] = [];
    const watch = callbacks.LambdaCallback({
      onTrainBegin: () => void seen.push("begin"),
      onEpochEnd: (epoch, logs) => void seen.push(`${epoch} ${Object.keys(logs).join()}`),
      onTrainBatchEnd: (batch) => void seen.push(`batch ${batch}`),
      onTestEnd: () => void seen.push("test"),
    });
    const { history, epoch } = await model.fit(x, y, {
      ...quiet,
      epochs: 4,
      initialEpoch: 2,
      batchSize: 16,
      validationData: [x, y],
      validationFreq: 2,
      callbacks: [watch],
    });
    expect(epoch).toEqual([2, 3]);
    expect(Object.keys(history)).toEqual(["loss", "mae", "val_loss", "val_mae"]);
    expect(history["val_loss"]).toHaveLength(1);
    expect(seen).toEqual([
      "begin",
      "batch 0",
      "batch 1",
      "2 loss,mae",
      "batch 0",
      "batch 1",
      "test",
      "3 loss,mae,val_loss,val_mae",
    ]);
  });

  test("EarlyStopping ends training and brings the best weights back", async () => {
    const model = Sequential([Dense(1, { inputDim: 4 })]);
    model.compile({ loss: "mse", optimizer: optimizers.SGD({ learningRate: 50 }) });
    const first = await model.getWeights();
    const stop = callbacks.EarlyStopping({ monitor: "loss", patience: 2, restoreBestWeights: true });
    const { epoch } = await model.fit(x, y, { ...quiet, epochs: 50, batchSize: 20, callbacks: [stop] });
    expect(epoch).toHaveLength(3);
    expect([stop.stoppedEpoch, stop.bestEpoch]).toEqual([2, 0]);
    // The best epoch is the first; its weights are those after its one step.
    expect((await model.getWeights())[0]!.data).not.toEqual(first[0]!.data);
    expect((await model.getWeights())[0]!.data.every(Number.isFinite)).toBe(true);
  });

  test("a metric with a result of its own is computed by a program", async () => {
    class RootMean extends metrics.Metric {
      readonly sum = this.addVariable("sum");
      readonly count = this.addVariable("count");
      override updateState(yTrue: Tensor, yPred: Tensor): [Tensor, Tensor][] {
        const squares = K.square(yTrue.subtract(yPred));
        return [
          [this.sum, this.sum.add(K.sum(squares))],
          [this.count, this.count.add(K.sum(K.onesLike(squares)))],
        ];
      }
      override result(): Tensor {
        return K.sqrt(this.sum.divide(this.count));
      }
    }
    const model = Sequential([Dense(1, { inputDim: 4 })]);
    model.compile({ loss: "mse", metrics: [new RootMean({ name: "rmse" })] });
    const logs = await model.evaluate(x, y, { ...quiet, batchSize: 8, returnDict: true });
    expect(logs["rmse"]! ** 2).toBeCloseTo(logs["loss"]!, 6);
  });

  test("the learning rate can be changed while the program stays", async () => {
    const model = Sequential([Dense(1, { inputDim: 4 })]);
    model.compile({ loss: "mse", optimizer: "sgd" });
    await model.fit(x, y, quiet);
    const { learningRate } = model.optimizer;
    if (!K.isVariable(learningRate)) throw new Error("expected a variable");
    await K.setValue(learningRate, 0);
    const before = await model.getWeights();
    await model.fit(x, y, quiet);
    expect((await model.getWeights())[0]!.data).toEqual(before[0]!.data);
    expect((await K.getValue(model.optimizer.iterations)).item()).toBe(2);
  });

  test("a schedule sees the steps before this one", async () => {
    const steps = optimizers.schedules.ExponentialDecay(0.5, 1, 0.5);
    const model = Sequential([Dense(1, { inputDim: 1, useBias: false, kernelInitializer: "ones" })]);
    const loss = (_t: Tensor, p: Tensor): Tensor => p;
    model.compile({ loss, optimizer: optimizers.SGD({ learningRate: steps }) });
    await model.fit([[1], [1], [1]], [[0], [0], [0]], { ...quiet, batchSize: 1 });
    expect((await model.getWeights())[0]!.item()).toBeCloseTo(1 - 0.5 - 0.25 - 0.125, 6);
  });

  test("predict puts batches together, for several outputs too", async () => {
    const input = Input({ shape: [4] });
    const model = Model(input, { a: Dense(2)(input), b: Dense(3)(input) });
    expect(model.outputNames).toEqual(["a", "b"]);
    const [a, b] = await model.predict<NDArray[]>(x, { batchSize: 7 });
    expect([a!.shape, b!.shape]).toEqual([
      [20, 2],
      [20, 3],
    ]);
    const [whole] = await model.predictOnBatch<NDArray[]>(x);
    expect(whole!.data).toEqual(a!.data);
  });

  test("layers added later are trained too", async () => {
    const model = Sequential([Dense(3, { inputDim: 4 })]);
    model.compile({ loss: "mse" });
    await model.fit(x, { data: hashed(60, 4), shape: [20, 3] }, quiet);
    model.add(Dense(1));
    const before = await model.getWeights();
    await model.fit(x, y, quiet);
    const after = await model.getWeights();
    expect(after.map(({ data }, i) => data.some((value, k) => value !== before[i]!.data[k]))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test("long rows are gathered like short ones", async () => {
    const wide = { data: hashed(20 * 100, 3), shape: [20, 100] };
    const losses: number[] = [];
    for (const shuffle of [true, false]) {
      const model = Sequential([Dense(1, { inputDim: 100, kernelInitializer: "ones" })]);
      model.compile({ loss: "mse", optimizer: optimizers.SGD({ learningRate: 0 }) });
      const { history } = await model.fit(wide, y, { ...quiet, shuffle, batchSize: 7 });
      losses.push(history["loss"]![0]!);
    }
    expect(losses[0]).toBeCloseTo(losses[1]!, 2);
  });

  test("shuffling uses every sample once an epoch", async () => {
    const seen: number[] = [];
    const model = Sequential([Dense(1, { inputDim: 1, kernelInitializer: "ones" })]);
    const spy = callbacks.LambdaCallback({ onTrainBatchEnd: (_, logs) => void seen.push(logs["loss"]!) });
    model.compile({ loss: losses.meanAbsoluteError, optimizer: optimizers.SGD({ learningRate: 0 }) });
    const ramp = Float32Array.from({ length: 20 }, (_, i) => i);
    await model.fit(ramp, new Float32Array(20), { ...quiet, batchSize: 1, callbacks: [spy] });
    // The logs are running means: their differences give back the samples.
    const samples = seen.map((mean, i) => Math.round(mean * (i + 1) - (i === 0 ? 0 : seen[i - 1]! * i)));
    expect(samples).not.toEqual([...ramp]);
    expect(samples.toSorted((p, q) => p - q)).toEqual([...ramp]);
  });

  test("fit writes Keras's lines", async () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const model = Sequential([Dense(1, { inputDim: 4 })]);
    model.compile({ loss: "mse" });
    await model.fit(x, y, { epochs: 2, verbose: 2, validationSplit: 0.5 });
    const text = write.mock.calls.map(([line]) => String(line)).join("");
    write.mockRestore();
    expect(text).toMatch(
      /^Epoch 1\/2\n1\/1 - 0s - loss: [\d.e+-]+ - val_loss: [\d.e+-]+ - \d+(us|ms)\/epoch - \d+(us|ms)\/step\nEpoch 2\/2\n/,
    );
  });

  test("a long run lets the event loop take its turns", async () => {
    const model = Sequential([Dense(32, { inputDim: 4 }), Dense(1)]);
    model.compile({ loss: "mse" });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await model.fit(x, y, { ...quiet, epochs: 200, batchSize: 2 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});
