import { K } from "@polykeras/core";
import type { Tensor, Variable } from "@polykeras/core";
import { optimizers } from "polykeras";
import { startEngine } from "../programs/engine.ts";
import type { Case } from "../workloads/case.ts";
import { dataOf } from "../workloads/data.ts";
import { type Table, evaluate, take } from "../workloads/graph.ts";
import { type Library, type Prepared, learningRate, rootMeanSquare } from "./library.ts";

const table: Table<Tensor> = {
  add: (at) => take(at, 0).add(take(at, 1)),
  multiply: (at) => take(at, 0).multiply(take(at, 1)),
  addNumber: (at, { value }) => take(at, 0).add(value),
  multiplyNumber: (at, { value }) => take(at, 0).multiply(value),
  relu: (at) => K.relu(take(at, 0)),
  exp: (at) => K.exp(take(at, 0)),
  tanh: (at) => K.tanh(take(at, 0)),
  sigmoid: (at) => K.sigmoid(take(at, 0)),
  softmax: (at) => K.softmax(take(at, 0)),
  sum: (at, { axes }) => K.sum(take(at, 0), { axis: axes }),
  mean: (at, { axes }) => K.mean(take(at, 0), { axis: axes }),
  matmul: (at, { transposeB, rank }) => {
    const batch = Array.from({ length: rank - 2 }, (_, axis) => axis);
    const b = take(at, 1);
    const turned = transposeB ? K.permuteDimensions(b, [...batch, rank - 1, rank - 2]) : b;
    return K.matmul(take(at, 0), turned);
  },
  dense: (at, { activation }) =>
    activate(K.biasAdd(K.dot(take(at, 0), take(at, 1)), take(at, 2)), activation),
  conv: (at) => K.conv2d(take(at, 0), take(at, 1), { padding: "same" }),
  convBias: (at, { activation }) =>
    activate(K.biasAdd(K.conv2d(take(at, 0), take(at, 1), { padding: "same" }), take(at, 2)), activation),
  maxPool: (at) => K.pool2d(take(at, 0), [2, 2], { strides: [2, 2] }),
  flatten: (at) => K.batchFlatten(take(at, 0)),
  reshape: (at, { shape }) => K.reshape(take(at, 0), shape),
  transpose: (at, { axes }) => K.permuteDimensions(take(at, 0), axes),
  layerNorm: ([x, gamma, beta]) => {
    if (!x || !gamma || !beta) throw new RangeError("layerNorm takes three values");
    const last = { axis: -1, keepdims: true };
    const scale = K.sqrt(K.var(x, last).add(1e-3));
    return x.subtract(K.mean(x, last)).divide(scale).multiply(gamma).add(beta);
  },
  gather: (at) => K.gather(take(at, 0), take(at, 1)),
  crossentropy: (at) =>
    K.mean(K.sparseCategoricalCrossentropy(take(at, 1), take(at, 0), { fromLogits: true })),
  lstm: ([x, kernel, recurrent, bias], { units }) => {
    if (!x || !kernel || !recurrent || !bias) throw new RangeError("lstm takes four values");
    const first = K.zerosLike(K.slice(x, [0, 0, 0], [-1, 1, units]));
    const zeros = K.squeeze(first, 1);
    const [last] = K.rnn(
      (input: Tensor, [h, c]) => {
        if (!h || !c) throw new RangeError("an LSTM has two states");
        const gates = input.add(K.dot(h, recurrent));
        const gate = (index: number): Tensor => K.slice(gates, [0, index * units], [-1, units]);
        const kept = K.sigmoid(gate(1)).multiply(c);
        const next = kept.add(K.sigmoid(gate(0)).multiply(K.tanh(gate(2))));
        const output = K.sigmoid(gate(3)).multiply(K.tanh(next));
        return [output, [output, next]];
      },
      K.biasAdd(K.dot(x, kernel), bias),
      [zeros, zeros],
      { returnAllOutputs: false },
    );
    return last;
  },
};

function activate(x: Tensor, activation: "relu" | null): Tensor {
  return activation === null ? x : K.relu(x);
}

/** What `Optimizer.updates` takes. */
type Weight = Parameters<optimizers.Optimizer["updates"]>[0][number];

/** Inputs are variables, which stay on the engine, and so do outputs, which are freed at once. */
function prepare({ graph, task }: Case): Prepared {
  const variables = graph.inputs.map((input, place) => {
    const { shape, dtype } = input;
    // What optimizers ask of a layer's weights.
    const weight = { trainable: true, regularizer: null };
    return Object.assign(K.variable({ data: dataOf(input, place), shape }, { dtype }), weight);
  });
  const dispose = (): void => {
    for (const variable of variables) variable.dispose();
  };
  const output = evaluate<Tensor>(graph, table, variables);
  if (task.kind === "train")
    return {
      ...training(
        output,
        variables.filter((_, i) => graph.inputs[i]?.weight),
      ),
      dispose,
    };
  const outputs =
    task.kind === "value"
      ? [output]
      : gradientsOf(
          output,
          task.of.map((i) => take(variables, i)),
        );
  const compute = K.function([], outputs);
  return {
    dispose,
    async run() {
      for (const result of await compute([], { resident: true })) result.dispose();
    },
    async check() {
      return rootMeanSquare((await compute([])).map(({ data }) => numbers(data)));
    },
  };
}

function training(loss: Tensor, weights: readonly Weight[]): Omit<Prepared, "dispose"> {
  const adam = optimizers.Adam({ learningRate });
  const step = K.function([], loss, { updates: adam.updates(weights, gradientsOf(loss, weights)) });
  const run = async (): Promise<number> => rootMeanSquare([numbers((await step([])).data)]);
  return {
    async run() {
      await run();
    },
    check: run,
  };
}

function gradientsOf(of: Tensor, variables: readonly Variable[]): Tensor[] {
  return K.gradients(of, variables).map((gradient) => {
    if (!gradient) throw new RangeError("an input has no gradient");
    return gradient;
  });
}

function numbers(data: ArrayLike<number> | BigInt64Array): ArrayLike<number> {
  if (data instanceof BigInt64Array) throw new TypeError("no workload computes int64");
  return data;
}

/** polykeras on the engine that `KERAS_BACKEND` names. */
export async function load(): Promise<Library> {
  await startEngine();
  return { prepare };
}
