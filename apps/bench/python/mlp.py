"""The MLP demo on Keras 2.15 with TensorFlow: milliseconds of a first and a second model, as JSON."""

import json
import time

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Dense, Dropout
from tensorflow.keras.models import Sequential

x_train = np.random.random((1000, 20)).astype("float32")
y_train = np.random.randint(2, size=(1000, 1))
x_test = np.random.random((100, 20)).astype("float32")
y_test = np.random.randint(2, size=(100, 1))
tf.constant(0) + 1  # starts the runtime, as the peers start theirs


def run():
    begin = time.perf_counter()
    model = Sequential()
    model.add(Dense(64, input_dim=20, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(64, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=20, batch_size=128, verbose=0)
    model.evaluate(x_test, y_test, batch_size=128, verbose=0)
    return (time.perf_counter() - begin) * 1000


print(json.dumps({"first": run(), "second": run()}))
