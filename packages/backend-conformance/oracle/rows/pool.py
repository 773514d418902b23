"""Pooling. Keras itself moves channels_first to the end on a CPU."""

import numpy as np
import tensorflow as tf
from keras.src import backend as K

from inputs import Distinct, Magnitudes, Uniform, Values
from suites import INF, NAN, Case, in_float64
from tolerance import GRADIENT_SUM, SUM

from .conv_parts import FIRST, GAPS, conv3d_by_hand, first, in_tuples
from .row import Row

AVG = {"pool_mode": "avg"}
SAME = {"padding": "same"}
LARGE = "TensorFlow's gradient of a mean is wrong for windows larger than the image"
LOWEST = "TensorFlow starts a maximum from its lowest finite number, which then stands for -inf"

pool2d = in_tuples(K.pool2d)


def pool3d(x, size, **options):
    """Keras's, and in float64, which TensorFlow lacks on a CPU, rows and columns before the depth."""
    if x.dtype != tf.float64:
        return in_tuples(K.pool3d)(x, size, **options)
    turned = options.get("data_format") == "channels_first"
    before, after = ((0, 2, 3, 4, 1), (0, 4, 1, 2, 3)) if turned else (range(5), range(5))
    strides = options.get("strides", [1, 1, 1])
    how = {name: options[name] for name in ("padding", "pool_mode") if name in options}
    x = tf.transpose(x, before)
    n, d, h, w, c = x.shape
    flat = pool2d(tf.reshape(x, (n * d, h, w, c)), size[1:], strides=strides[1:], **how)
    _, h, w, _ = flat.shape
    deep = tf.reshape(flat, (n, d, h * w, c))
    deep = pool2d(deep, [size[0], 1], strides=[strides[0], 1], **how)
    return tf.transpose(tf.reshape(deep, (n, -1, h, w, c)), after)


def exact(call, convolve):
    """A mean as two convolutions with ones, whose gradients are right for windows larger than the image."""

    def pool(x, size, strides=None, padding="valid", data_format="channels_last", pool_mode="max"):
        strides = tuple(strides or [1 for _ in size])
        if pool_mode == "max":
            return call(x, size, strides=list(strides), padding=padding, data_format=data_format)
        axes = range(len(x.shape))
        before = axes if data_format == "channels_first" else (0, axes[-1], *axes[1:-1])
        after = axes if data_format == "channels_first" else (0, *axes[2:], 1)
        x = tf.transpose(x, before)
        n, c, *space = x.shape
        ones = tf.ones((*size, 1, 1), x.dtype)

        def total(images):
            return convolve(images, ones, strides=strides, padding=padding, data_format="channels_last")

        y = total(tf.reshape(x, (n * c, *space, 1))) / total(tf.ones((1, *space, 1), x.dtype))
        return tf.transpose(tf.reshape(y, (n, c, *y.shape[1:-1])), after)

    return pool


def terms(arguments, options, output):
    """A maximum is exact; what meets in one element of its gradient is a sum."""
    del options, output
    return int(np.prod(arguments[1]))


def scale_by(call):
    """Of a mean the magnitudes; a maximum has rounding errors of its own nowhere."""

    def scale(x, size, **options):
        if options.get("pool_mode") != "avg":
            return 0.0
        return np.asarray(call(tf.constant(np.abs(x)), size, **options))

    return scale


def pools(shape, size, few, small, uneven, strides, more, close=None, nan=None, large=None):
    """
    The cases of a pooling: an input and a window that are ordinary, smaller ones, an uneven one with strides.
    `close`, `nan` and `large` say why TensorFlow is off for numbers that are close together, for NaN, and for
    windows larger than the image.
    """
    ones = [1] * len(size)
    cases = [
        Case("max", (Distinct(shape), size)),
        Case("max-channels-first", (Distinct(first(shape)), size), FIRST),
        Case("avg-channels-first", (Uniform(first(shape)), size), FIRST | AVG),
        Case("max-stride-is-size", (Distinct(shape), size), {"strides": size}),
        Case("avg-stride-is-size", (Uniform(shape), size), AVG | {"strides": size}),
        Case("max-same", (Distinct(few), size), SAME),
        Case("avg-same", (Uniform(few), size), SAME | AVG),
        Case("max-uneven", (Distinct(shape), uneven), {"strides": strides}),
        Case("avg-uneven", (Uniform(shape), uneven), AVG | {"strides": strides}),
        Case("max-same-strides", (Distinct(shape), uneven), SAME | {"strides": strides}),
        Case("avg-same-strides", (Uniform(shape), uneven), SAME | AVG | {"strides": strides}),
        Case("max-negative-same", (Uniform(few, low=-9, high=-1), [3 for _ in size]), SAME),
        Case("max-of-one", (Distinct(few), ones)),
        Case("max-stride-above-size", (Distinct(shape), ones), {"strides": [2 for _ in size]}),
        Case("avg-of-one", (Uniform(few), ones), AVG),
        Case("max-of-all", (Distinct(few), list(few[1:-1]))),
        Case("avg-of-all", (Uniform(few), list(few[1:-1])), AVG),
        Case("max-larger-same", (Distinct(few), [5 for _ in size]), SAME),
        Case("avg-larger-same", (Uniform(few), [5 for _ in size]), SAME | AVG, off=large),
        Case(
            "max-channels-first-same",
            (Distinct(first(shape)), uneven),
            FIRST | SAME | {"strides": strides},
        ),
        Case(
            "avg-channels-first-same",
            (Uniform(first(shape)), uneven),
            FIRST | SAME | AVG | {"strides": strides},
        ),
        Case("max-float64", (Distinct(few, "float64"), small)),
        Case("avg-float64", (Uniform(few, "float64"), small), AVG),
        Case("max-empty-batch", (Uniform((0, *few[1:])), small)),
        Case("avg-empty-batch", (Uniform((0, *few[1:])), small), AVG),
        Case("max-magnitudes", (Magnitudes(few, low=-60, high=10), small), off=close),
        Case("avg-magnitudes", (Magnitudes(few, low=-20, high=20), small), AVG),
        Case("max-huge", (Values(special(few, [3e38, -3e38, 3.4e38, 1e38])), small), off=close),
        Case("avg-huge", (Magnitudes(few, low=100, high=120), small), AVG),
        Case("avg-tiny", (Magnitudes(few, low=-110, high=-90), small), AVG),
        Case(
            "max-special",
            (Values(special(few, [NAN, INF, 1.0, 2.0, -INF, -3.0, 0.5])), small),
            gradient=False,
            off=nan,
        ),
        Case("avg-special", (Values(special(few, [1.0] * 7 + [NAN, 2.0, INF])), small), AVG, gradient=False),
    ]
    return cases + more + in_float64(cases, "max-same-strides", "avg-same-strides", "avg-channels-first-same")


def special(shape, values):
    return np.resize(np.array(values), shape).tolist()


def row(name, call, cases, accurate=None):
    return Row(name, call, cases, SUM, GRADIENT_SUM, scale_by(call), "cotangent", terms, accurate=accurate)


ROWS = [
    row(
        "pool2d",
        pool2d,
        pools(
            (2, 5, 6, 3),
            [2, 2],
            (1, 3, 4, 2),
            [2, 1],
            [3, 2],
            [2, 3],
            [
                Case("avg-float16", (Uniform((1, 3, 4, 2), "float16"), [2, 2]), AVG),
                Case("max-float16", (Distinct((1, 3, 4, 2), "float16"), [2, 2])),
                Case("max-ties", (Values(special((1, 4, 4, 2), [1.0, 1.0, 0.0, 1.0, 2.0])), [2, 2])),
                Case("max-of-equals", (Values(special((1, 3, 3, 1), [7.0])), [2, 2])),
                Case("max-signed-zeros", (Values(special((1, 2, 3, 1), [0.0, -0.0])), [2, 1])),
                Case(
                    "max-of-minus-infinity",
                    (Values([[[[-INF], [-INF], [1.0]]]]), [1, 2]),
                    want=[[[[-INF], [1.0]]]],
                    off=LOWEST,
                    gradient=False,
                ),
                Case("max-int32", (Uniform((1, 3, 4, 2), "int32", -90, 90), [2, 2]), {"strides": [1, 2]}),
                Case("max-uint8", (Uniform((1, 3, 4, 2), "uint8", 0, 256), [2, 2]), SAME),
            ],
            large=LARGE,
        ),
        exact(pool2d, K.conv2d),
    ),
    row(
        "pool3d",
        pool3d,
        pools(
            (1, 3, 5, 4, 2),
            [2, 2, 2],
            (1, 2, 3, 4, 2),
            [2, 1, 2],
            [2, 3, 2],
            [1, 2, 3],
            [
                Case("max-same-gaps", (Distinct((1, 3, 4, 5, 2)), [1, 2, 1]), SAME | {"strides": [3, 4, 3]}, off=GAPS),
                Case("avg-same-gaps", (Uniform((1, 3, 4, 5, 2)), [1, 2, 1]), SAME | AVG | {"strides": [3, 4, 3]}, off=GAPS),
            ],
            close="TensorFlow looks for the maximum by differences that are not exact",
            nan="TensorFlow keeps a NaN in some places of a window",
            large=LARGE,
        ),
        exact(pool3d, conv3d_by_hand),
    ),
]
