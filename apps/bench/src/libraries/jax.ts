import { defaultDevice, grad, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import type { Case } from "../workloads/case.ts";
import { channelsFirst, dataOf } from "../workloads/data.ts";
import { type Graph, type Input, type Table, evaluate, take } from "../workloads/graph.ts";
import { type Library, type Prepared, learningRate, rootMeanSquare } from "./library.ts";

type Value = np.Array;

/** Every use of a value takes a reference of its own: jax-js counts them. Images and kernels have channels first. */
const table: Table<Value> = {
  add: (at) => np.add(use(at, 0), use(at, 1)),
  multiply: (at) => np.multiply(use(at, 0), use(at, 1)),
  addNumber: (at, { value }) => np.add(use(at, 0), value),
  multiplyNumber: (at, { value }) => np.multiply(use(at, 0), value),
  relu: (at) => nn.relu(use(at, 0)),
  exp: (at) => np.exp(use(at, 0)),
  tanh: (at) => np.tanh(use(at, 0)),
  sigmoid: (at) => nn.sigmoid(use(at, 0)),
  softmax: (at) => nn.softmax(use(at, 0), -1),
  sum: (at, { axes }) => np.sum(use(at, 0), [...axes]),
  mean: (at, { axes }) => np.mean(use(at, 0), [...axes]),
  matmul: (at, { transposeB }) =>
    np.matmul(use(at, 0), transposeB ? np.matrixTranspose(use(at, 1)) : use(at, 1)),
  dense: (at, { activation }) => activate(np.add(np.matmul(use(at, 0), use(at, 1)), use(at, 2)), activation),
  conv: (at) => lax.conv(use(at, 0), use(at, 1), [1, 1], "SAME"),
  convBias: (at, { activation }) => {
    const bias = np.reshape(use(at, 2), [1, -1, 1, 1]);
    return activate(np.add(lax.conv(use(at, 0), use(at, 1), [1, 1], "SAME"), bias), activation);
  },
  maxPool: (at) => lax.reduceWindow(use(at, 0), (x) => np.max(x), [2, 2], [2, 2]),
  flatten: (at) => np.reshape(use(at, 0), [take(at, 0).shape[0] ?? 1, -1]),
  reshape: (at, { shape }) => np.reshape(use(at, 0), [...shape]),
  transpose: (at, { axes }) => np.transpose(use(at, 0), [...axes]),
  layerNorm: (at) =>
    np.add(np.multiply(nn.standardize(use(at, 0), -1, { epsilon: 1e-3 }), use(at, 1)), use(at, 2)),
  gather: (at) => np.take(use(at, 0), use(at, 1), 0),
  crossentropy: (at, { classes }) => {
    const chosen = np.multiply(nn.logSoftmax(use(at, 0), -1), nn.oneHot(use(at, 1), classes));
    return np.negative(np.mean(np.sum(chosen, -1)));
  },
  lstm: (at, { time, units }) => {
    const steps = np.split(
      table.dense([take(at, 0), take(at, 1), take(at, 3)], { activation: null }),
      time,
      1,
    );
    let h = np.zeros([take(at, 0).shape[0] ?? 1, units]);
    let c = h.ref;
    for (const step of steps) {
      const gates = np.add(np.squeeze(step, 1), np.matmul(h, use(at, 2)));
      const [i, f, g, o] = np.split(gates, 4, 1);
      if (!i || !f || !g || !o) throw new RangeError("an LSTM has four gates");
      c = np.add(np.multiply(nn.sigmoid(f), c), np.multiply(nn.sigmoid(i), np.tanh(g)));
      h = np.multiply(nn.sigmoid(o), np.tanh(c.ref));
    }
    c.dispose();
    return h;
  },
};

function use(values: readonly Value[], index: number): Value {
  return take(values, index).ref;
}

function activate(x: Value, activation: "relu" | null): Value {
  return activation === null ? x : nn.relu(x);
}

function arrayOf(input: Input, place: number): Value {
  const { data, shape } = channelsFirst(dataOf(input, place), input);
  return np.array(data, { shape: [...shape] });
}

/** One jitted function; inputs are arrays of the device, and results are waited for. */
function prepare({ graph, task }: Case): Prepared {
  const inputs = graph.inputs.map(arrayOf);
  const dispose = (): void => tree.dispose(inputs);
  if (task.kind === "train") return { ...training(graph, inputs), dispose };
  const of = (...values: Value[]): Value => evaluate(graph, table, values);
  const compute =
    task.kind === "value"
      ? jit((...values: Value[]) => [of(...values)])
      : jit((...values: Value[]) =>
          grad((...given: Value[]) => np.sum(of(...given)), { argnums: [...task.of] })(...values),
        );
  const start = async (): Promise<Value[]> => {
    const outputs = compute(...inputs.map((input) => input.ref));
    for (const output of outputs) await output.blockUntilReady();
    return outputs;
  };
  return {
    dispose,
    run: async () => tree.dispose(await start()),
    check: async () => {
      const outputs = await start();
      return rootMeanSquare(await Promise.all(outputs.map((output) => output.data())));
    },
  };
}

/** Adam by hand, in the same jitted function as loss and gradients. */
function training(graph: Graph, inputs: readonly Value[]): Omit<Prepared, "dispose"> {
  const places = graph.inputs.flatMap(({ weight }, place) => (weight ? [place] : []));
  const loss = (weights: Value[], others: Value[]): Value => {
    const all = others.map((value, place) => weights[places.indexOf(place)] ?? value);
    return evaluate(graph, table, all);
  };
  const step = jit((weights: Value[], means: Value[], squares: Value[], rate: Value, others: Value[]) => {
    const [cost, gradients] = valueAndGrad(loss)(tree.ref(weights), others);
    const toward = (from: Value, to: Value, share: number): Value =>
      np.add(from.ref, np.multiply(np.subtract(to, from), share));
    const m = means.map((mean, i) => toward(mean, use(gradients, i), 0.1));
    const v = squares.map((square, i) => toward(square, np.square(take(gradients, i)), 0.001));
    const next = weights.map((weight, i) => {
      const change = np.divide(use(m, i), np.add(np.sqrt(use(v, i)), 1e-7));
      return np.subtract(weight, np.multiply(rate.ref, change));
    });
    return [[cost], next, m, v];
  });
  const zeros = (): Value[] => places.map((place) => np.zeros([...take(inputs, place).shape]));
  let state: [Value[], Value[], Value[]] = [places.map((place) => use(inputs, place)), zeros(), zeros()];
  let steps = 0;
  const run = async (): Promise<number> => {
    steps += 1;
    const rate = (learningRate * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps);
    const others = inputs.map((input) => input.ref);
    const [costs = [], weights = [], m = [], v = []] = step(...state, np.array(rate), others);
    state = [weights, m, v];
    for (const array of [...weights, ...m, ...v]) await array.blockUntilReady();
    return (await take(costs, 0).data())[0] ?? Number.NaN;
  };
  return {
    async run() {
      await run();
    },
    check: run,
  };
}

/** jax-js on its WebAssembly device. */
export async function load(): Promise<Library> {
  await init("wasm");
  defaultDevice("wasm");
  return { prepare };
}
