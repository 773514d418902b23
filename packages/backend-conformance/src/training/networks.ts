import { K, type Tensor, type Variable } from "@polykeras/core";
import { type Optimizer, adagrad, adam, rmsprop, sgd } from "./optimizers.ts";

/** What a step of training computes: the loss, and new values of parameters that are not trained. */
export interface Built {
  readonly loss: Tensor;
  readonly moved?: readonly (readonly [Variable, Tensor])[];
}

/** A network as oracle/training.py has it, in K functions. */
export interface Network {
  readonly optimizer: Optimizer;
  /** How many of the first parameters are trained; all where it is absent. */
  readonly trained?: number;
  build(parameters: readonly Variable[], inputs: readonly Tensor[]): Built;
}

const error = (got: Tensor, want: Tensor): Tensor => K.mean(K.square(got.subtract(want)));

/** A table that is read twice. */
const shared: Network["build"] = ([table, w], [many, one, y]) => {
  const several = K.tanh(K.sum(K.gather(table!, many!), { axis: 1 }));
  return { loss: error(K.dot(several.multiply(K.gather(table!, one!)), w!), y!) };
};

export const networks: Readonly<Record<string, Network>> = {
  "dense-sgd": {
    optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }),
    build: ([w1, b1, w2], [x, y]) => {
      const hidden = K.tanh(K.biasAdd(K.dot(x!, w1!), b1!));
      return { loss: error(K.dot(hidden, w2!), y!) };
    },
  },
  "dense-adam": {
    optimizer: adam({ learningRate: 0.02 }),
    build: ([w1, b1, w2, b2], [x, y]) => {
      const hidden = K.elu(K.biasAdd(K.dot(x!, w1!), b1!));
      const scores = K.biasAdd(K.dot(hidden, w2!), b2!);
      return { loss: K.mean(K.categoricalCrossentropy(y!, scores, { fromLogits: true })) };
    },
  },
  "convolution-rmsprop": {
    optimizer: rmsprop({ learningRate: 0.002 }),
    build: ([w1, b1, w2, w3], [x, y]) => {
      const hidden = K.tanh(K.biasAdd(K.conv2d(x!, w1!, { padding: "same" }), b1!));
      const pooled = K.pool2d(hidden, [2, 2], { strides: [2, 2], padding: "same", poolMode: "avg" });
      const strided = K.softplus(K.conv2d(pooled, w2!, { strides: [2, 2], padding: "valid" }));
      return { loss: error(K.dot(K.batchFlatten(strided), w3!), y!) };
    },
  },
  "recurrence-sgd": {
    optimizer: sgd({ learningRate: 0.1 }),
    build: ([w, recurrent, out], [x, mask, y]) => {
      const step = (inputs: Tensor, states: Tensor[]): [Tensor, Tensor[]] => {
        const output = K.tanh(K.dot(inputs, w!).add(K.dot(states[0]!, recurrent!)));
        return [output, [output]];
      };
      const start = K.zeros([x!.shape[0]!, recurrent!.shape[0]!]);
      const [last, outputs] = K.rnn(step, x!, [start], { mask: mask! });
      return { loss: error(K.dot(last, out!), y!).add(K.mean(K.square(outputs)).multiply(0.1)) };
    },
  },
  "embedding-adagrad": {
    optimizer: adagrad({ learningRate: 0.1 }),
    build: ([table, w, b], [indices, y]) => {
      const rows = K.mean(K.gather(table!, indices!), { axis: 1 });
      const chance = K.sigmoid(K.biasAdd(K.dot(rows, w!), b!));
      return { loss: K.mean(K.binaryCrossentropy(y!, chance)) };
    },
  },
  "embedding-sgd": { optimizer: sgd({ learningRate: 0.2 }), build: shared },
  "embedding-momentum": { optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }), build: shared },
  "embedding-adam": { optimizer: adam({ learningRate: 0.02 }), build: shared },
  "embedding-rmsprop": { optimizer: rmsprop({ learningRate: 0.005 }), build: shared },
  "normalization-sgd": {
    optimizer: sgd({ learningRate: 0.05 }),
    trained: 4,
    build: ([w1, gamma, beta, w2, mean, variance], [x, y]) => {
      const [normed, batchMean, batchVariance] = K.normalizeBatchInTraining(
        K.dot(x!, w1!),
        gamma!,
        beta!,
        [0],
      );
      const toward = (from: Variable, to: Tensor): readonly [Variable, Tensor] => [
        from,
        from.subtract(from.subtract(to).multiply(0.1)),
      ];
      return {
        loss: error(K.dot(K.softsign(normed), w2!), y!),
        moved: [toward(mean!, batchMean), toward(variance!, batchVariance)],
      };
    },
  },
};
