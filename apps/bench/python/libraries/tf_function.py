"""TensorFlow: one tf.function for each case, or eager ops where those are faster; data are tensors and variables."""

import time

import numpy as np
import tensorflow as tf

from libraries.data import data_of, evaluate, root_mean_square


def activate(x, activation):
    return tf.nn.relu(x) if activation else x


def dense(x, w, b, activation):
    return activate(tf.nn.bias_add(tf.tensordot(x, w, 1) if len(x.shape) > 2 else tf.matmul(x, w), b), activation)


def conv(x, kernel):
    return tf.nn.conv2d(x, kernel, 1, "SAME")


def layer_norm(x, gamma, beta):
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)


def lstm(x, kernel, recurrent, bias, time, units):
    """The loop that Keras runs, with the product of all inputs in front of it."""
    gates = dense(x, kernel, bias, None)

    def step(inputs, states):
        h, c = states
        i, f, g, o = tf.split(inputs + tf.matmul(h, recurrent), 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        return h, [h, c]

    zeros = tf.zeros([x.shape[0], units])
    last, _, _ = tf.keras.backend.rnn(step, gates, [zeros, zeros], return_all_outputs=False)
    return last


def crossentropy(logits, labels, classes):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


table = {
    "add": tf.add,
    "multiply": tf.multiply,
    "addNumber": lambda x, value: x + value,
    "multiplyNumber": lambda x, value: x * value,
    "relu": tf.nn.relu,
    "exp": tf.exp,
    "tanh": tf.tanh,
    "sigmoid": tf.sigmoid,
    "softmax": tf.nn.softmax,
    "sum": lambda x, axes: tf.reduce_sum(x, axes),
    "mean": lambda x, axes: tf.reduce_mean(x, axes),
    "matmul": lambda a, b, transposeB, rank: tf.matmul(a, b, transpose_b=transposeB),
    "dense": dense,
    "conv": conv,
    "convBias": lambda x, kernel, b, activation: activate(tf.nn.bias_add(conv(x, kernel), b), activation),
    "maxPool": lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"),
    "flatten": lambda x: tf.reshape(x, [x.shape[0], -1]),
    "reshape": lambda x, shape: tf.reshape(x, shape),
    "transpose": lambda x, axes: tf.transpose(x, axes),
    "layerNorm": layer_norm,
    "gather": tf.gather,
    "crossentropy": crossentropy,
    "lstm": lstm,
}


def fastest(ways):
    """For a few small ops the call of a tf.function costs more than the ops do."""

    def seconds(run):
        for _ in range(3):
            run()
        begin = time.perf_counter()
        for _ in range(10):
            run()
        return time.perf_counter() - begin

    return min(ways, key=seconds) if len(ways) > 1 else ways[0]


def library(threads):
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.set_visible_devices([], "GPU")

    def prepare(case):
        graph, task = case["graph"], case["task"]
        specs = graph["inputs"]
        inputs = [
            (tf.Variable if spec["weight"] else tf.constant)(data_of(spec, i)) for i, spec in enumerate(specs)
        ]
        if task["kind"] == "train":
            return train(graph, inputs, [i for i, spec in enumerate(specs) if spec["weight"]])

        # Captured constants would be folded, and a value without inputs computed once.
        given = [i for i, spec in enumerate(specs) if not spec["weight"]]

        @tf.function
        def compute(*values):
            values = dict(zip(given, values))
            all_inputs = [values.get(i, value) for i, value in enumerate(inputs)]
            if task["kind"] == "value":
                return [evaluate(graph, table, all_inputs)]
            of = [tf.convert_to_tensor(all_inputs[i]) for i in task["of"]]
            for i, value in zip(task["of"], of):
                all_inputs[i] = value
            return [tf.convert_to_tensor(g) for g in tf.gradients(evaluate(graph, table, all_inputs), of)]

        values = [inputs[i] for i in given]
        ways = [lambda: compute(*values)]
        if task["kind"] == "value":
            ways.append(lambda: [evaluate(graph, table, inputs)])
        run = fastest(ways)
        return run, lambda: root_mean_square(np.concatenate([y.numpy().ravel() for y in run()])[None])

    def train(graph, inputs, places):
        weights = [inputs[i] for i in places]
        adam = tf.keras.optimizers.Adam(0.001)
        adam.build(weights)

        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = evaluate(graph, table, inputs)
            adam.apply_gradients(zip(tape.gradient(loss, weights), weights))
            return loss

        def run():
            return step().numpy()

        return run, run

    return prepare
