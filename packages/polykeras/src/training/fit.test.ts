import { beforeEach, describe, expect, test, vi } from "vitest";
import { hashed } from "../fixtures/hashed.ts";
import { quiet, startAnew, x, y } from "../fixtures/small.ts";
import {
  type NDArray,
  type Tensor,
  Dense,
  Input,
  K,
  Model,
  Sequential,
  callbacks,
  losses,
  metrics,
  optimizers,
} from "../index.ts";

beforeEach(startAnew);

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
    const found: number[] = [];
    for (const shuffle of [true, false]) {
      const model = Sequential([Dense(1, { inputDim: 100, kernelInitializer: "ones" })]);
      model.compile({ loss: "mse", optimizer: optimizers.SGD({ learningRate: 0 }) });
      const { history } = await model.fit(wide, y, { ...quiet, shuffle, batchSize: 7 });
      found.push(history["loss"]![0]!);
    }
    expect(found[0]).toBeCloseTo(found[1]!, 2);
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
    let isRunning = true;
    const turn = (): void => {
      turns++;
      if (isRunning) setImmediate(turn);
    };
    setImmediate(turn);
    // Every look at the clock finds it 20 ms further.
    let time = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (time += 20));
    await model.fit(x, y, { ...quiet, epochs: 2, batchSize: 2 });
    clock.mockRestore();
    isRunning = false;
    expect(turns).toBeGreaterThan(2);
  });
});
