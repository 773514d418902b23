import "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { buildModel, data } from "../programs/tfjs-layers.ts";
import type { Library, Work } from "./library.ts";
import type { Task, TaskName } from "./tasks.ts";

const table: Readonly<Record<TaskName, (...inputs: readonly tf.Tensor[]) => tf.Tensor>> = {
  chain: (x) => tf.sub(tf.mul(tf.relu(tf.add(tf.mul(some(x), 2), 0.5)), some(x)), 0.25),
  functions: (x) => tf.tanh(tf.mul(tf.exp(tf.neg(tf.relu(tf.add(tf.mul(some(x), 2), 0.5)))), some(x))),
  matmul256: (a, b) => tf.matMul(some(a), some(b)),
  matmul512: (a, b) => tf.matMul(some(a), some(b)),
  conv: (x, kernel) => tf.conv2d(image(some(x)), image(some(kernel)), 1, "same"),
};

function some(tensor: tf.Tensor | undefined): tf.Tensor {
  if (!tensor) throw new TypeError("a task lacks an input");
  return tensor;
}

function image(tensor: tf.Tensor): tf.Tensor4D {
  const [n = 1, height = 1, width = 1, channels = 1] = tensor.shape;
  return tf.reshape(tensor, [n, height, width, channels]);
}

/** TensorFlow.js on one of its engines. */
export async function load(engine: string): Promise<Library> {
  if (!(await tf.setBackend(engine))) throw new Error(`TensorFlow.js has no engine '${engine}' here`);
  await tf.ready();
  return { prepare, trainer };
}

async function prepare({ name, feeds }: Task): Promise<Work> {
  const inputs = feeds.map(({ data: values, shape }) => tf.tensor(values, [...shape]));
  let last: tf.Tensor | undefined;
  return {
    run() {
      last?.dispose();
      last = tf.tidy(() => table[name](...inputs));
    },
    async result() {
      if (!last) throw new TypeError("nothing has run");
      return last.data();
    },
  };
}

function trainer(): (steps: number) => Promise<void> {
  const { x, y } = data(128);
  const model = buildModel();
  return async (steps) => {
    for (let i = 0; i < steps; i += 1) await model.trainOnBatch(x, y);
  };
}
