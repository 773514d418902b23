"""Trains small models with Keras 2.15 (TensorFlow, CPU) and writes what the tests of polykeras compare with.

    pip install tensorflow-cpu==2.15.1 keras==2.15.0
    python oracle/train.py

Weights and data come from a formula that the tests repeat, so that only results are stored. The file goes to
src/fixtures/training.json.
"""

import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras  # noqa: E402
import numpy as np  # noqa: E402

from hashed import short, values  # noqa: E402

assert keras.__version__ == "2.15.0", keras.__version__


def set_weights(model):
    """Kernels uniform within 0.25 of 0 (a power of two: exact), biases 0."""
    model.set_weights(
        [
            ((values(w.size, 100 + i) - np.float32(0.5)) * np.float32(0.5)).reshape(w.shape)
            if w.ndim > 1
            else np.zeros(w.shape, np.float32)
            for i, w in enumerate(model.get_weights())
        ]
    )


def binary(activation="relu", **dense):
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Dense(64, input_dim=20, activation=activation, **dense),
            layers.Dense(64, activation=activation, **dense),
            layers.Dense(1, activation="sigmoid", **dense),
        ]
    )


def many(activation):
    layers = keras.layers
    return keras.Sequential(
        [layers.Dense(16, input_dim=20, activation="tanh"), layers.Dense(5, activation=activation)]
    )


N = 1000
X = values(N * 20, 1).reshape(N, 20)
Y = (values(N, 2) > 0.5).astype(np.float32).reshape(N, 1)
CLASSES = np.floor(values(N, 3) * 5).astype(np.int32)
TARGETS = values(N * 5, 4).reshape(N, 5)
WEIGHTS = values(N, 5)


def sample(model):
    """Every 37th element of all weights, one after the other."""
    return np.concatenate([w.ravel() for w in model.get_weights()])[::37]


def run(model, y, optimizer, loss, metrics, epochs=20, eager=False, **fit):
    set_weights(model)
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics, run_eagerly=eager)
    history = model.fit(X, y, epochs=epochs, batch_size=128, shuffle=False, verbose=0, **fit)
    score = model.evaluate(X[:100], y[:100], batch_size=32, verbose=0)
    return {
        "history": {name: [float(v) for v in numbers] for name, numbers in history.history.items()},
        "evaluate": [float(v) for v in np.atleast_1d(score)],
        "weights": [float(v) for v in sample(model)],
    }


O = keras.optimizers
BINARY = {
    "sgd": lambda: O.SGD(),
    "sgd_momentum": lambda: O.SGD(learning_rate=0.05, momentum=0.9),
    "sgd_nesterov": lambda: O.SGD(learning_rate=0.05, momentum=0.9, nesterov=True),
    "sgd_decay": lambda: O.SGD(learning_rate=0.05, weight_decay=0.01),
    "sgd_clipnorm": lambda: O.SGD(learning_rate=0.1, clipnorm=0.05),
    "sgd_clipvalue": lambda: O.SGD(learning_rate=0.1, clipvalue=0.002),
    "sgd_global_clipnorm": lambda: O.SGD(learning_rate=0.1, global_clipnorm=0.05),
    "rmsprop": lambda: O.RMSprop(),
    "rmsprop_momentum": lambda: O.RMSprop(momentum=0.5),
    "rmsprop_centered": lambda: O.RMSprop(centered=True),
    "rmsprop_centered_momentum": lambda: O.RMSprop(momentum=0.5, centered=True),
    "adam": lambda: O.Adam(),
    "adam_amsgrad": lambda: O.Adam(amsgrad=True),
    "adamw": lambda: O.AdamW(),
    "adagrad": lambda: O.Adagrad(learning_rate=0.01),
    "adadelta": lambda: O.Adadelta(learning_rate=1.0),
    "adamax": lambda: O.Adamax(),
    "nadam": lambda: O.Nadam(),
}

# A relu whose input is within rounding of 0 may switch, and momentum carries that on: the plain optimizers train the
# demo's model with relu, their variants one with tanh, where the last bits of an engine's sums stay the last bits.
RELU = ("sgd", "rmsprop", "adam")

# Traced into a graph, Nadam of 2.15 multiplies its product of momenta once per variable instead of once per step.
results = {
    name: run(
        binary("relu" if name in RELU else "tanh"),
        Y, make(), "binary_crossentropy", ["accuracy"], epochs=20 if name in RELU else 6, eager=name == "nadam",
    )
    for name, make in BINARY.items()
}

sgd = lambda rate=0.1: O.SGD(learning_rate=rate)  # noqa: E731
results["validation_split"] = run(
    binary("tanh"), Y, sgd(), "binary_crossentropy", ["accuracy"], epochs=3, validation_split=0.2
)
results["sample_weight"] = run(
    binary("tanh"), Y, sgd(), "binary_crossentropy", ["accuracy"], epochs=3, sample_weight=WEIGHTS
)
results["class_weight"] = run(
    binary("tanh"), Y, sgd(), "binary_crossentropy", ["accuracy"], epochs=3, class_weight={0: 0.25, 1: 2.0}
)
results["regularizers"] = run(
    binary("tanh", kernel_regularizer=keras.regularizers.l1_l2(1e-4, 1e-3), bias_regularizer="l2"),
    Y, sgd(), "binary_crossentropy", ["accuracy"], epochs=3,
)
results["max_norm"] = run(
    binary("tanh", kernel_constraint=keras.constraints.MaxNorm(0.5)), Y, sgd(), "binary_crossentropy", ["accuracy"], epochs=3
)
results["unit_norm"] = run(
    binary("tanh", kernel_constraint="unit_norm"), Y, sgd(), "binary_crossentropy", ["accuracy"], epochs=3
)
results["min_max_norm"] = run(
    binary("tanh", kernel_constraint=keras.constraints.MinMaxNorm(0.2, 0.8, rate=0.5)),
    Y, sgd(), "binary_crossentropy", ["accuracy"], epochs=3,
)
results["label_smoothing"] = run(
    binary("tanh"), Y, sgd(), keras.losses.BinaryCrossentropy(label_smoothing=0.1), ["acc"], epochs=3
)
results["softmax_sparse"] = run(
    many("softmax"), CLASSES, sgd(), "sparse_categorical_crossentropy", ["accuracy"], epochs=5
)
results["softmax_categorical"] = run(
    many("softmax"), np.eye(5, dtype=np.float32)[CLASSES], sgd(), "categorical_crossentropy", ["accuracy"], epochs=5
)
results["logits"] = run(
    many(None), CLASSES, sgd(), keras.losses.SparseCategoricalCrossentropy(from_logits=True), ["accuracy"], epochs=5
)
results["mse"] = run(many(None), TARGETS, sgd(), "mse", ["mae"], epochs=5)
results["mae"] = run(many(None), TARGETS, sgd(), "mae", ["mse"], epochs=5)
for activation in ["elu", "selu", "hard_sigmoid", "softplus", "softsign", "swish", "exponential", "relu"]:
    results[f"activation_{activation}"] = run(many(activation), TARGETS, sgd(0.05), "mse", ["mae"], epochs=2)


def functional():
    layers = keras.layers
    a = keras.Input(shape=(12,), name="a")
    b = keras.Input(shape=(8,), name="b")
    shared = layers.Dense(8, activation="relu", name="shared")
    left = shared(layers.Dense(8, name="widen")(a))
    right = shared(b)
    both = layers.Concatenate(name="both")([left, right])
    one = layers.Dense(1, activation="sigmoid", name="one")(both)
    two = layers.Dense(5, name="two")(layers.Add(name="sum")([left, right]))
    return keras.Model([a, b], [one, two])


model = functional()
set_weights(model)
model.compile(
    optimizer=sgd(),
    loss={"one": "binary_crossentropy", "two": "mse"},
    loss_weights={"one": 1.0, "two": 0.5},
    metrics={"one": "accuracy", "two": "mae"},
)
history = model.fit(
    {"a": X[:, :12], "b": X[:, 12:]}, {"one": Y, "two": TARGETS}, epochs=3, batch_size=128, shuffle=False, verbose=0
)
results["functional"] = {
    "history": {name: [float(v) for v in numbers] for name, numbers in history.history.items()},
    "evaluate": [
        float(v) for v in model.evaluate([X[:100, :12], X[:100, 12:]], [Y[:100], TARGETS[:100]], verbose=0)
    ],
    "weights": [float(v) for v in sample(model)],
}


def table(of):
    lines = []
    of.summary(print_fn=lines.append)
    return "\n".join(lines).split("\n")


keras.backend.clear_session()
demo = keras.Sequential(
    [
        keras.layers.Dense(64, input_dim=20, activation="relu"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
demo.layers[0].trainable = False
summaries = {"sequential": table(demo), "functional": table(functional())}
names = {"sequential": [w.name for w in demo.weights], "functional": [w.name for w in functional().weights]}

out = pathlib.Path(__file__).parent.parent / "src" / "fixtures" / "training.json"
out.write_text(json.dumps({"keras": keras.__version__, "results": short(results), "summaries": summaries, "names": names}) + "\n")
print(out, out.stat().st_size, "bytes")
