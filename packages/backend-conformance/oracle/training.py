"""
Writes ../vectors/training/*.json: small networks trained by Keras. Usage: training.py [--check] [name ...]

The truth is a training in float64. The same training in float32 must stay within half of the tolerance, so that
what an engine is asked for is what float32 can give. src/training/ builds the same networks.
"""

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
from keras import backend as K

import encode
from inputs import Classes, Uniform

FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "training"
FORMAT = 1
# Of the scale, after all steps; float32 on TensorFlow stays within a twentieth of it.
LIMIT = 1e-5
BATCHES = 4


@dataclass(frozen=True)
class Training:
    """`loss(parameters, inputs)` gives the loss and the new values of parameters that are not trained."""

    name: str
    doc: str
    loss: Callable
    optimizer: Callable
    parameters: tuple
    inputs: tuple
    steps: int = 30
    untrained: tuple = field(default=())


def regression(p, x):
    hidden = K.tanh(K.bias_add(K.dot(x[0], p[0]), p[1]))
    return K.mean(K.square(K.dot(hidden, p[2]) - x[1])), []


def classification(p, x):
    hidden = K.elu(K.bias_add(K.dot(x[0], p[0]), p[1]))
    scores = K.bias_add(K.dot(hidden, p[2]), p[3])
    return K.mean(K.categorical_crossentropy(x[1], scores, from_logits=True)), []


def convolution(p, x):
    hidden = K.tanh(K.bias_add(K.conv2d(x[0], p[0], padding="same"), p[1]))
    pooled = K.pool2d(hidden, (2, 2), strides=(2, 2), padding="same", pool_mode="avg")
    strided = K.softplus(K.conv2d(pooled, p[2], strides=(2, 2), padding="valid"))
    return K.mean(K.square(K.dot(K.batch_flatten(strided), p[3]) - x[1])), []


def recurrence(p, x):
    def step(inputs, states):
        output = K.tanh(K.dot(inputs, p[0]) + K.dot(states[0], p[1]))
        return output, [output]

    start = K.zeros((x[0].shape[0], p[1].shape[0]), p[1].dtype)
    last, outputs, _ = K.rnn(step, x[0], [start], mask=x[1])
    return K.mean(K.square(K.dot(last, p[2]) - x[2])) + 0.1 * K.mean(K.square(outputs)), []


def embedding(p, x):
    rows = K.mean(K.gather(p[0], x[0]), axis=1)
    chance = K.sigmoid(K.bias_add(K.dot(rows, p[1]), p[2]))
    return K.mean(K.binary_crossentropy(x[1], chance)), []


def shared_embedding(p, x):
    several = K.tanh(K.sum(K.gather(p[0], x[0]), axis=1))
    return K.mean(K.square(K.dot(several * K.gather(p[0], x[1]), p[1]) - x[2])), []


def normalization(p, x):
    hidden = K.dot(x[0], p[0])
    normed, mean, variance = K.normalize_batch_in_training(hidden, p[1], p[2], [0])
    loss = K.mean(K.square(K.dot(K.softsign(normed), p[3]) - x[1]))
    return loss, [p[4] - (p[4] - mean) * 0.1, p[5] - (p[5] - variance) * 0.1]


O = keras.optimizers
TRAININGS = [
    Training(
        "dense-sgd",
        "a dense network with tanh, mean squared error, SGD with momentum",
        regression,
        lambda: O.SGD(learning_rate=0.05, momentum=0.9),
        (Uniform((6, 8), low=-0.5, high=0.5), Uniform((8,), low=-0.1, high=0.1), Uniform((8, 2), low=-0.5, high=0.5)),
        (Uniform((4, 6), low=-1, high=1), Uniform((4, 2), low=-1, high=1)),
    ),
    Training(
        "dense-adam",
        "a dense network with elu, crossentropy of logits, Adam",
        classification,
        lambda: O.Adam(learning_rate=0.02),
        (
            Uniform((5, 9), low=-0.5, high=0.5),
            Uniform((9,), low=-0.1, high=0.1),
            Uniform((9, 3), low=-0.5, high=0.5),
            Uniform((3,), low=-0.1, high=0.1),
        ),
        (Uniform((6, 5), low=-1, high=1), Classes((6, 3))),
    ),
    Training(
        "convolution-rmsprop",
        "two convolutions, average pooling and a dense layer, mean squared error, RMSprop",
        convolution,
        lambda: O.RMSprop(learning_rate=0.002),
        (
            Uniform((3, 3, 2, 3), low=-0.4, high=0.4),
            Uniform((3,), low=-0.1, high=0.1),
            Uniform((2, 2, 3, 4), low=-0.4, high=0.4),
            Uniform((8, 1), low=-0.5, high=0.5),
        ),
        (Uniform((3, 7, 5, 2), low=-1, high=1), Uniform((3, 1), low=-1, high=1)),
        steps=20,
    ),
    Training(
        "recurrence-sgd",
        "a recurrent layer over masked sequences, its last output and all of them, SGD",
        recurrence,
        lambda: O.SGD(learning_rate=0.1),
        (
            Uniform((3, 4), low=-0.5, high=0.5),
            Uniform((4, 4), low=-0.5, high=0.5),
            Uniform((4, 2), low=-0.5, high=0.5),
        ),
        (Uniform((5, 6, 3), low=-1, high=1), Uniform((5, 6), "bool"), Uniform((5, 2), low=-1, high=1)),
        steps=20,
    ),
    Training(
        "embedding-adagrad",
        "the mean of gathered rows, some of them twice, binary crossentropy of probabilities, Adagrad",
        embedding,
        lambda: O.Adagrad(learning_rate=0.1),
        (Uniform((7, 4), low=-0.5, high=0.5), Uniform((4, 1), low=-0.5, high=0.5), Uniform((1,), low=-0.1, high=0.1)),
        (Uniform((6, 5), "int32", 0, 7), Uniform((6, 1), low=0.1, high=0.9)),
    ),
    *[
        Training(
            f"embedding-{name}",
            f"rows of a table that is read twice, some of them often and some never, mean squared error, {doc}",
            shared_embedding,
            optimizer,
            (Uniform((9, 5), low=-0.5, high=0.5), Uniform((5, 2), low=-0.5, high=0.5)),
            (Uniform((4, 3), "int32", 0, 4), Uniform((4,), "int32", 2, 8), Uniform((4, 2), low=-1, high=1)),
        )
        for name, doc, optimizer in (
            ("sgd", "SGD", lambda: O.SGD(learning_rate=0.2)),
            ("momentum", "SGD with momentum", lambda: O.SGD(learning_rate=0.05, momentum=0.9)),
            ("adam", "Adam", lambda: O.Adam(learning_rate=0.02)),
            ("rmsprop", "RMSprop", lambda: O.RMSprop(learning_rate=0.005)),
        )
    ],
    Training(
        "normalization-sgd",
        "batch normalization with moving averages, mean squared error, SGD",
        normalization,
        lambda: O.SGD(learning_rate=0.05),
        (
            Uniform((5, 6), low=-0.5, high=0.5),
            Uniform((6,), low=0.8, high=1.2),
            Uniform((6,), low=-0.1, high=0.1),
            Uniform((6, 1), low=-0.5, high=0.5),
            Uniform((6,), low=0, high=0),
            Uniform((6,), low=1, high=1),
        ),
        (Uniform((8, 5), low=-1, high=1), Uniform((8, 1), low=-1, high=1)),
        untrained=(4, 5),
    ),
]


def wide(array: np.ndarray, dtype: str) -> np.ndarray:
    return array.astype(dtype) if array.dtype.kind == "f" else array


def train(of: Training, starts, batches, dtype: str):
    """Losses of all steps, each before its update, and the parameters after the last one."""
    K.set_floatx(dtype)
    parameters = [tf.Variable(wide(start, dtype)) for start in starts]
    trained = [p for i, p in enumerate(parameters) if i not in of.untrained]
    optimizer = of.optimizer()
    losses = []
    for step in range(of.steps):
        inputs = [tf.constant(wide(array, dtype)) for array in batches[step % BATCHES]]
        with tf.GradientTape() as tape:
            loss, moved = of.loss(parameters, inputs)
        # Those of gathered tables are IndexedSlices, which Keras's optimizers take apart from others.
        optimizer.apply_gradients(zip(tape.gradient(loss, trained), trained))
        for i, value in zip(of.untrained, moved):
            parameters[i].assign(value)
        losses.append(float(loss))
    return np.array(losses), [p.numpy().astype(np.float64) for p in parameters]


def scale_of(array: np.ndarray) -> float:
    """What an error is a part of: the largest magnitude, since small values come from sums of large ones."""
    return float(f"{np.max(np.abs(array)) * 1.001:.3g}")


def worst(got: np.ndarray, want: np.ndarray) -> float:
    return float(np.max(np.abs(got - want)) / scale_of(want))


def make(of: Training) -> dict:
    key = f"training/{of.name}"
    starts = [one.make(f"{key}/parameter-{i}") for i, one in enumerate(of.parameters)]
    batches = [
        [one.make(f"{key}/batch-{b}/input-{i}") for i, one in enumerate(of.inputs)] for b in range(BATCHES)
    ]
    losses, ends = train(of, starts, batches, "float64")
    narrow, narrow_ends = train(of, starts, batches, "float32")
    error = max(worst(narrow, losses), *[worst(a, b) for a, b in zip(narrow_ends, ends)])
    if error > LIMIT / 2 or not np.isfinite(error):
        raise SystemExit(f"{key}: float32 strays by {error:.1e} of the scale; the limit is {LIMIT / 2:.1e}")
    print(f"{key}: losses {losses[0]:.4f} to {losses[-1]:.4f}, float32 within {error:.1e}")
    rounded = lambda array: {"dtype": "float32", "shape": list(array.shape), "data": numbers(array)}
    return {
        "format": FORMAT,
        "training": of.name,
        "doc": of.doc,
        "oracle": f"Keras {keras.__version__} on TensorFlow {tf.__version__}",
        "tolerance": {"rule": "relative", "float16": LIMIT, "float32": LIMIT, "float64": LIMIT},
        "steps": of.steps,
        "parameters": [encode.tensor(start) for start in starts],
        "batches": [[encode.tensor(array) for array in batch] for batch in batches],
        "losses": rounded(losses) | {"scale": scale_of(losses)},
        "final": [rounded(end) | {"scale": scale_of(end)} for end in ends],
    }


def numbers(array: np.ndarray) -> list:
    return [encode.number(value) for value in array.astype(np.float32).reshape(-1)]


def text_of(document: dict) -> str:
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in document.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def differs(old: dict, new: dict) -> bool:
    results = ("losses", "final")
    if any(old.get(key) != new[key] for key in new if key not in results):
        return True
    pairs = zip([old["losses"], *old["final"]], [new["losses"], *new["final"]])
    return any(worst(np.array(b["data"]), np.array(a["data"])) > LIMIT / 2 for a, b in pairs)


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    names = [argument for argument in arguments if not argument.startswith("-")]
    FOLDER.mkdir(exist_ok=True)
    failures = 0
    for of in TRAININGS:
        if names and of.name not in names:
            continue
        document = make(of)
        path = FOLDER / f"{of.name}.json"
        if not check:
            path.write_text(text_of(document))
        elif differs(json.loads(path.read_text()), document):
            print(f"training/{of.name}: differs from the file", file=sys.stderr)
            failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
