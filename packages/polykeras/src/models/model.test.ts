import { beforeEach, describe, expect, test } from "vitest";
import { quiet, startAnew, x, y } from "../fixtures/small.ts";
import {
  type CallContext,
  type LayerOptions,
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
  optimizers,
} from "../index.ts";

beforeEach(startAnew);

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
    const [one] = [Activation("relu")(input), Activation("relu")(input)];
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
