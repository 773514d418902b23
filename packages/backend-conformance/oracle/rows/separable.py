"""Convolutions of each channel by itself, and separable ones, which mix the channels afterwards."""

import tensorflow as tf
from keras.src import backend as K

from suites import Case, in_float64

from .conv_parts import FIRST, in_tuples, own, plain, suite, terms, uniforms
from .row import sums


def separable_conv1d(x, depthwise, pointwise, strides=1, padding="valid", data_format=None, dilation_rate=1):
    """Keras 2.3.1's, word for word but for the data format: that of 2.15 passes TensorFlow a wrong name."""
    first = data_format == "channels_first"
    x = tf.transpose(x, (0, 2, 1)) if first else x
    y = tf.nn.separable_conv2d(
        tf.expand_dims(x, 1),
        tf.expand_dims(depthwise, 0),
        tf.expand_dims(pointwise, 0),
        strides=(1, strides, strides, 1),
        padding=padding.upper(),
        dilations=(1, dilation_rate),
    )
    y = tf.squeeze(y, [1])
    return tf.transpose(y, (0, 2, 1)) if first else y


def separated(*cases):
    """(name, input, depthwise kernel, pointwise kernel, options) as cases."""
    return [Case(name, uniforms(*shapes), options) for name, *shapes, options in cases]


def three(x, depthwise, pointwise):
    return (x, depthwise, pointwise)


DEPTHWISE = suite(
    plain,
    [(2, 5, 4, 3), (3, 2, 3, 2)],
    [(1, 3, 4, 2), (2, 2, 2, 2)],
    own(
        ("multiplier-1", (2, 4, 5, 3), (2, 3, 3, 1), {}),
        ("multiplier-3", (1, 4, 4, 2), (2, 2, 2, 3), {}),
        ("one-channel", (1, 4, 5, 1), (2, 2, 1, 2), {}),
        ("same", (1, 4, 5, 2), (3, 3, 2, 2), {"padding": "same"}),
        ("same-even-kernel", (1, 5, 4, 2), (2, 4, 2, 1), {"padding": "same"}),
        ("stride-2", (1, 7, 6, 2), (3, 2, 2, 2), {"strides": [2, 2]}),
        ("same-stride-2-odd", (1, 7, 5, 2), (3, 3, 2, 1), {"padding": "same", "strides": [2, 2]}),
        ("same-stride-3", (1, 7, 8, 1), (2, 2, 1, 2), {"padding": "same", "strides": [3, 3]}),
        ("dilated", (1, 6, 7, 2), (3, 2, 2, 2), {"dilation_rate": [2, 2]}),
        ("dilated-unevenly-same", (1, 6, 5, 2), (2, 3, 2, 1), {"dilation_rate": [3, 1], "padding": "same"}),
        ("dilated-and-strided", (1, 9, 8, 2), (2, 2, 2, 1), {"dilation_rate": [2, 2], "strides": [2, 2]}),
        (
            "dilated-and-strided-same",
            (1, 9, 8, 1),
            (3, 2, 1, 2),
            {"dilation_rate": [2, 3], "strides": [2, 2], "padding": "same"},
        ),
        (
            "dilated-along-one-axis-and-strided-same",
            (1, 7, 6, 1),
            (3, 3, 1, 1),
            {"dilation_rate": [2, 1], "strides": [2, 2], "padding": "same"},
        ),
        (
            "channels-first-same-stride",
            (2, 3, 5, 6),
            (3, 2, 3, 2),
            {"padding": "same", "strides": [2, 2]} | FIRST,
        ),
        ("channels-first-dilated", (1, 2, 6, 5), (2, 2, 2, 2), {"dilation_rate": [2, 2]} | FIRST),
        ("pointwise", (1, 3, 4, 3), (1, 1, 3, 2), {}),
        ("kernel-as-large", (2, 3, 4, 2), (3, 4, 2, 2), {}),
        ("many-channels", (1, 2, 3, 17), (2, 2, 17, 1), {}),
    ),
    empty_gradient=False,
)

SEPARABLE1D = suite(
    three,
    [(2, 6, 3), (3, 3, 2), (1, 6, 4)],
    [(1, 5, 2), (2, 2, 2), (1, 4, 2)],
    separated(
        ("same", (2, 7, 2), (3, 2, 2), (1, 4, 3), {"padding": "same"}),
        ("same-even-kernel", (1, 6, 2), (4, 2, 1), (1, 2, 3), {"padding": "same"}),
        ("stride", (1, 9, 2), (3, 2, 1), (1, 2, 2), {"strides": 2}),
        ("same-stride-odd", (1, 7, 2), (3, 2, 1), (1, 2, 2), {"padding": "same", "strides": 2}),
        ("dilated", (1, 8, 2), (3, 2, 2), (1, 4, 1), {"dilation_rate": 2}),
        ("dilated-same", (1, 7, 2), (2, 2, 1), (1, 2, 2), {"dilation_rate": 3, "padding": "same"}),
        ("dilated-and-strided", (1, 11, 2), (2, 2, 1), (1, 2, 2), {"dilation_rate": 2, "strides": 2}),
        (
            "channels-first-same-stride",
            (2, 2, 7),
            (3, 2, 2),
            (1, 4, 3),
            {"padding": "same", "strides": 2} | FIRST,
        ),
        ("kernel-of-1", (2, 4, 3), (1, 3, 2), (1, 6, 2), {}),
        ("one-step", (2, 1, 3), (1, 3, 1), (1, 3, 2), {}),
    ),
    (25, 38),
    empty_gradient=False,
)

SEPARABLE2D = suite(
    three,
    [(2, 4, 5, 3), (3, 2, 3, 2), (1, 1, 6, 4)],
    [(1, 3, 4, 2), (2, 2, 2, 1), (1, 1, 2, 3)],
    separated(
        ("same", (1, 5, 4, 2), (3, 3, 2, 2), (1, 1, 4, 3), {"padding": "same"}),
        ("same-even-kernel", (1, 5, 4, 2), (2, 4, 2, 1), (1, 1, 2, 3), {"padding": "same"}),
        ("stride", (1, 7, 6, 2), (3, 2, 2, 1), (1, 1, 2, 2), {"strides": [2, 2]}),
        ("same-stride-odd", (1, 7, 5, 2), (3, 3, 2, 1), (1, 1, 2, 2), {"padding": "same", "strides": [2, 2]}),
        ("dilated", (1, 6, 7, 2), (2, 3, 2, 2), (1, 1, 4, 1), {"dilation_rate": [2, 2]}),
        (
            "dilated-same",
            (1, 6, 5, 1),
            (3, 3, 1, 2),
            (1, 1, 2, 2),
            {"dilation_rate": [2, 1], "padding": "same"},
        ),
        (
            "dilated-and-strided",
            (1, 9, 8, 1),
            (2, 2, 1, 2),
            (1, 1, 2, 2),
            {"dilation_rate": [2, 2], "strides": [2, 2]},
        ),
        (
            "channels-first-same-stride",
            (2, 2, 5, 6),
            (3, 2, 2, 2),
            (1, 1, 4, 3),
            {"padding": "same", "strides": [2, 2]} | FIRST,
        ),
        ("pointwise", (1, 3, 4, 3), (1, 1, 3, 1), (1, 1, 3, 2), {}),
        ("one-pixel", (2, 1, 1, 3), (1, 1, 3, 2), (1, 1, 6, 2), {}),
    ),
    (25, 38),
    empty_gradient=False,
)

ROWS = [
    sums(
        "depthwise_conv2d",
        in_tuples(K.depthwise_conv2d),
        DEPTHWISE
        + in_float64(DEPTHWISE, "same-stride-2-odd", "dilated-and-strided-same", "channels-first-dilated"),
        terms,
    ),
    sums(
        "separable_conv1d",
        in_tuples(separable_conv1d),
        SEPARABLE1D + in_float64(SEPARABLE1D, "same-stride-odd", "channels-first-same-stride"),
        terms,
    ),
    sums(
        "separable_conv2d",
        in_tuples(K.separable_conv2d),
        SEPARABLE2D + in_float64(SEPARABLE2D, "same-stride-odd", "channels-first-same-stride"),
        terms,
    ),
]
