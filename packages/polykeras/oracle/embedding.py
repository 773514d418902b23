"""Trains embeddings with Keras 2.15 (TensorFlow, CPU), step by step, for the tests of polykeras.

    pip install tensorflow-cpu==2.15.1 keras==2.15.0
    python oracle/embedding.py

The gradient of a table is a tf.IndexedSlices there: one row for each index that was looked up, repeated ones apart.
What optimizers clip are these rows. Losses and the table after every step go to src/fixtures/embedding.json.
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

ROWS, WIDTH, BATCH, LENGTH, STEPS = 9, 2, 3, 2, 4
SALTS = {"distinct": 20, "repeated": 40}


def indices(kind, step):
    """Of a batch: all different, or drawn from half of the rows, so that some repeat."""
    drawn = values(ROWS, SALTS[kind] + step)
    if kind == "distinct":
        return np.argsort(drawn)[: BATCH * LENGTH].astype(np.int32).reshape(BATCH, LENGTH)
    return np.floor(drawn[: BATCH * LENGTH] * 4).astype(np.int32).reshape(BATCH, LENGTH)


def model(form):
    layers = keras.layers
    table = layers.Embedding(ROWS, WIDTH, embeddings_regularizer="l2" if form == "regularized" else None)
    at = keras.Input(shape=(LENGTH,), dtype="int32")
    looked = layers.Flatten()(table(at))
    if form == "twice":
        looked = layers.Add()([looked, layers.Flatten()(table(layers.Lambda(lambda i: (i + 1) % ROWS)(at)))])
    return keras.Model(at, layers.Dense(1)(looked))


def run(form, kind, optimizer):
    of = model(form)
    of.set_weights(
        [
            ((values(w.size, 100 + i) - np.float32(0.5)) * np.float32(4 if i == 0 else 1)).reshape(w.shape)
            for i, w in enumerate(of.get_weights())
        ]
    )
    of.compile(optimizer=optimizer, loss="mse")
    steps = []
    for step in range(STEPS):
        target = values(BATCH, 60 + step).reshape(BATCH, 1)
        loss = float(of.train_on_batch(indices(kind, step), target))
        steps.append({"loss": loss, "table": [float(v) for v in of.get_weights()[0].ravel()]})
    return steps


O = keras.optimizers
OPTIMIZERS = {
    "sgd": lambda **clip: O.SGD(learning_rate=0.2, **clip),
    "sgd_momentum": lambda **clip: O.SGD(learning_rate=0.2, momentum=0.9, **clip),
    "adam": lambda **clip: O.Adam(learning_rate=0.05, **clip),
    "rmsprop": lambda **clip: O.RMSprop(learning_rate=0.05, **clip),
}
CLIPS = {
    "": {},
    "_clipnorm": {"clipnorm": 0.7},
    "_clipvalue": {"clipvalue": 0.1},
    "_global_clipnorm": {"global_clipnorm": 0.7},
}

results = {}
for name, make in OPTIMIZERS.items():
    for suffix, clip in CLIPS.items():
        for kind in SALTS:
            results[f"{name}{suffix}_{kind}"] = run("once", kind, make(**clip))
for form in ("twice", "regularized"):
    for suffix, clip in CLIPS.items():
        results[f"{form}{suffix}"] = run(form, "repeated", O.SGD(learning_rate=0.2, **clip))

out = pathlib.Path(__file__).parent.parent / "src" / "fixtures" / "embedding.json"
out.write_text(json.dumps({"keras": keras.__version__, "results": short(results)}) + "\n")
print(out, out.stat().st_size, "bytes")
