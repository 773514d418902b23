import * as tf from "@tensorflow/tfjs-core";
// It registers the gradients of all ops.
import "@tensorflow/tfjs-layers";
import { start } from "../programs/tfjs-engine.ts";
import type { Case } from "../workloads/case.ts";
import { dataOf } from "../workloads/data.ts";
import { type Graph, type Table, evaluate, take } from "../workloads/graph.ts";
import { type Library, type Prepared, learningRate, rootMeanSquare } from "./library.ts";

const table: Table<tf.Tensor> = {
  add: (at) => tf.add(take(at, 0), take(at, 1)),
  multiply: (at) => tf.mul(take(at, 0), take(at, 1)),
  addNumber: (at, { value }) => tf.add(take(at, 0), value),
  multiplyNumber: (at, { value }) => tf.mul(take(at, 0), value),
  relu: (at) => tf.relu(take(at, 0)),
  exp: (at) => tf.exp(take(at, 0)),
  tanh: (at) => tf.tanh(take(at, 0)),
  sigmoid: (at) => tf.sigmoid(take(at, 0)),
  softmax: (at) => tf.softmax(take(at, 0)),
  sum: (at, { axes }) => tf.sum(take(at, 0), [...axes]),
  mean: (at, { axes }) => tf.mean(take(at, 0), [...axes]),
  matmul: (at, { transposeB }) => tf.matMul(take(at, 0), take(at, 1), false, transposeB),
  dense: (at, { activation }) => {
    const [x, b] = [take(at, 0), take(at, 1)];
    const flat = tf.reshape(x, [-1, x.shape.at(-1) ?? 1]);
    const y = tf.fused.matMul({ a: flat, b, bias: take(at, 2), activation: activation ?? "linear" });
    return tf.reshape(y, [...x.shape.slice(0, -1), b.shape.at(-1) ?? 1]);
  },
  conv: (at) => tf.conv2d(image(take(at, 0)), image(take(at, 1)), 1, "same"),
  convBias: (at, { activation }) =>
    tf.fused.conv2d({
      x: image(take(at, 0)),
      filter: image(take(at, 1)),
      strides: 1,
      pad: "same",
      bias: take(at, 2),
      activation: activation ?? "linear",
    }),
  maxPool: (at) => tf.maxPool(image(take(at, 0)), 2, 2, "valid"),
  flatten: (at) => tf.reshape(take(at, 0), [take(at, 0).shape[0] ?? 1, -1]),
  reshape: (at, { shape }) => tf.reshape(take(at, 0), [...shape]),
  transpose: (at, { axes }) => tf.transpose(take(at, 0), [...axes]),
  layerNorm: (at) => {
    const x = take(at, 0);
    const { mean, variance } = tf.moments(x, -1, true);
    const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3)));
    return tf.add(tf.mul(normal, take(at, 1)), take(at, 2));
  },
  gather: (at) => tf.gather(take(at, 0), take(at, 1)),
  crossentropy: (at, { classes }) =>
    tf.losses.softmaxCrossEntropy(tf.oneHot(take(at, 1), classes), take(at, 0)),
  lstm: (at, { units }) => {
    const [x, recurrent] = [take(at, 0), take(at, 2)];
    const steps = tf.unstack(table.dense([x, take(at, 1), take(at, 3)], { activation: null }), 1);
    let h: tf.Tensor = tf.zeros([x.shape[0] ?? 1, units]);
    let c = h;
    for (const step of steps) {
      const gates = tf.split(tf.add(step, tf.matMul(h, recurrent)), 4, 1);
      const added = tf.mul(tf.sigmoid(take(gates, 0)), tf.tanh(take(gates, 2)));
      c = tf.add(tf.mul(tf.sigmoid(take(gates, 1)), c), added);
      h = tf.mul(tf.sigmoid(take(gates, 3)), tf.tanh(c));
    }
    return h;
  },
};

function image(x: tf.Tensor): tf.Tensor4D {
  if (!isImage(x)) throw new RangeError(`an image has four axes, this has ${x.rank}`);
  return x;
}

function isImage(x: tf.Tensor): x is tf.Tensor4D {
  return x.rank === 4;
}

/** Inputs are tensors on the engine; an engine that is not asked for its values computes them all the same. */
function prepare({ graph, task }: Case): Prepared {
  const inputs = graph.inputs.map((input, place) => {
    const tensor = tf.tensor(dataOf(input, place), [...input.shape], input.dtype);
    return task.kind === "train" && input.weight ? tf.variable(tensor) : tensor;
  });
  const dispose = (): void => tf.dispose(inputs);
  if (task.kind === "train") return { ...training(graph, inputs), dispose };
  const compute = (): tf.Tensor[] => {
    if (task.kind === "value") return [evaluate(graph, table, inputs)];
    const gradients = tf.grads((...varied: tf.Tensor[]) => {
      const values = inputs.map((input, i) => varied[task.of.indexOf(i)] ?? input);
      return evaluate(graph, table, values);
    });
    return gradients(task.of.map((i) => take(inputs, i)));
  };
  return {
    dispose,
    run: () => tf.dispose(tf.tidy(compute)),
    async check() {
      const outputs = tf.tidy(compute);
      const values = await Promise.all(outputs.map((output) => output.data()));
      tf.dispose(outputs);
      return rootMeanSquare(values);
    },
  };
}

function training(graph: Graph, inputs: tf.Tensor[]): Omit<Prepared, "dispose"> {
  const weights = inputs.filter((input) => input instanceof tf.Variable);
  const adam = tf.train.adam(learningRate);
  const step = (): number => {
    const cost = adam.minimize(() => tf.sum(evaluate(graph, table, inputs)), true, weights);
    const loss = cost?.dataSync()[0] ?? Number.NaN;
    cost?.dispose();
    return loss;
  };
  return { run: () => void step(), check: () => Promise.resolve(step()) };
}

/** TensorFlow.js on one of its engines. */
export async function load(engine: string): Promise<Library> {
  await start(engine);
  return { prepare };
}
