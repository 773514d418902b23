"""Convolutions. Keras itself moves channels_first to the end on a CPU."""

import numpy as np
import tensorflow as tf
from keras.src import backend as K

from suites import Case, in_float64

from .conv_parts import FIRST, GAPS, SAME_GAPS, conv3d_by_hand, in_tuples, own, plain, suite, terms, uniforms
from .row import sums


def conv1d(x, kernel, **options):
    """Keras pads the second axis for causal padding, whichever holds the steps: here the steps."""
    if options.get("padding") == "causal" and options.pop("data_format", "") == "channels_first":
        return tf.transpose(K.conv1d(tf.transpose(x, (0, 2, 1)), kernel, **options), (0, 2, 1))
    return K.conv1d(x, kernel, **options)


def grouped(call):
    """
    Keras's, and for a kernel of fewer channels than the input, whose gradients TensorFlow lacks on a CPU, group by
    group. Both must be the same.
    """

    def convolve(x, kernel, **options):
        axis = 1 if options.get("data_format") == "channels_first" else -1
        groups = x.shape[axis] // kernel.shape[-2]
        whole = call(x, kernel, **options)
        if groups == 1:
            return whole
        parts = zip(tf.split(x, groups, axis), tf.split(kernel, groups, -1))
        split = tf.concat([call(part, of, **options) for part, of in parts], axis)
        if not np.allclose(split, whole, rtol=1e-3, atol=1e-3):
            raise ValueError("the groups are not the whole")
        return split

    return convolve


CONV1D = suite(
    plain,
    [(2, 7, 3), (3, 3, 4)],
    [(1, 6, 2), (3, 2, 2)],
    own(
        ("same", (2, 7, 3), (3, 3, 4), {"padding": "same"}),
        ("same-even-kernel", (2, 6, 2), (4, 2, 3), {"padding": "same"}),
        ("same-stride-2-odd", (2, 7, 2), (3, 2, 3), {"padding": "same", "strides": 2}),
        ("same-stride-2-even", (2, 8, 2), (3, 2, 3), {"padding": "same", "strides": 2}),
        ("same-stride-3", (1, 11, 2), (2, 2, 3), {"padding": "same", "strides": 3}),
        ("stride-leaves-a-rest", (1, 12, 2), (3, 2, 2), {"strides": 4}),
        ("stride-above-kernel", (1, 9, 2), (1, 2, 2), {"strides": 3}),
        ("causal", (2, 6, 2), (3, 2, 3), {"padding": "causal"}),
        ("causal-stride", (2, 7, 2), (3, 2, 3), {"padding": "causal", "strides": 2}),
        ("causal-dilated", (1, 9, 2), (3, 2, 2), {"padding": "causal", "dilation_rate": 2}),
        ("causal-channels-first", (2, 3, 6), (2, 3, 2), {"padding": "causal"} | FIRST),
        ("dilated", (1, 11, 2), (3, 2, 2), {"dilation_rate": 3}),
        ("dilated-same", (1, 9, 2), (2, 2, 2), {"dilation_rate": 3, "padding": "same"}),
        ("channels-first-same-stride", (2, 3, 7), (3, 3, 2), {"padding": "same", "strides": 2} | FIRST),
        ("kernel-as-long", (2, 5, 2), (5, 2, 3), {}),
        ("kernel-longer-same", (1, 3, 1), (7, 1, 2), {"padding": "same"}),
        ("one-step", (2, 1, 2), (1, 2, 3), {}),
        ("kernel-of-1", (2, 5, 3), (1, 3, 2), {}),
    ),
)

CONV2D = suite(
    plain,
    [(2, 5, 6, 2), (3, 2, 2, 3)],
    [(1, 4, 3, 2), (2, 2, 2, 2)],
    own(
        ("same", (1, 5, 5, 2), (3, 3, 2, 3), {"padding": "same"}),
        ("same-even-kernel", (1, 5, 6, 1), (2, 4, 1, 2), {"padding": "same"}),
        ("same-stride-2-odd", (1, 7, 5, 2), (3, 3, 2, 2), {"padding": "same", "strides": [2, 2]}),
        ("same-stride-2-even", (1, 6, 8, 1), (3, 3, 1, 2), {"padding": "same", "strides": [2, 2]}),
        ("same-uneven-strides", (1, 7, 8, 1), (3, 2, 1, 2), {"padding": "same", "strides": [3, 2]}),
        ("uneven-strides", (1, 7, 6, 2), (3, 2, 2, 2), {"strides": [2, 3]}),
        ("stride-leaves-a-rest", (1, 8, 6, 1), (3, 3, 1, 2), {"strides": [2, 2]}),
        ("stride-above-kernel", (1, 7, 7, 2), (1, 2, 2, 2), {"strides": [3, 3]}),
        ("dilated", (1, 7, 8, 2), (3, 3, 2, 2), {"dilation_rate": [2, 2]}),
        ("dilated-same", (1, 6, 5, 1), (3, 2, 1, 2), {"dilation_rate": [2, 2], "padding": "same"}),
        ("dilated-unevenly", (1, 8, 6, 1), (2, 3, 1, 2), {"dilation_rate": [3, 1]}),
        ("dilated-unevenly-same", (1, 6, 7, 1), (3, 3, 1, 1), {"dilation_rate": [1, 2], "padding": "same"}),
        (
            "channels-first-same-stride",
            (2, 3, 5, 6),
            (3, 3, 3, 2),
            {"padding": "same", "strides": [2, 1]} | FIRST,
        ),
        ("channels-first-dilated", (1, 2, 7, 6), (3, 2, 2, 3), {"dilation_rate": [2, 2]} | FIRST),
        ("pointwise", (2, 3, 4, 3), (1, 1, 3, 5), {}),
        ("pointwise-stride", (1, 5, 4, 3), (1, 1, 3, 2), {"strides": [2, 2]}),
        ("kernel-as-large", (2, 3, 4, 2), (3, 4, 2, 3), {}),
        ("kernel-larger-same", (1, 2, 3, 1), (5, 5, 1, 2), {"padding": "same"}),
        ("row-kernel", (1, 3, 9, 1), (1, 7, 1, 2), {"padding": "same"}),
        ("one-pixel", (3, 1, 1, 2), (1, 1, 2, 3), {}),
        ("many-channels", (1, 2, 3, 9), (2, 2, 9, 5), {}),
    )
    + [
        Case("groups", uniforms((1, 4, 4, 4), (2, 2, 2, 6))),
        Case(
            "groups-same-stride",
            uniforms((1, 5, 4, 6), (3, 2, 2, 3)),
            {"padding": "same", "strides": [2, 2]},
        ),
        Case("groups-channels-first", uniforms((2, 4, 4, 3), (2, 2, 2, 2)), FIRST),
    ],
)

CONV3D = suite(
    plain,
    [(1, 3, 4, 5, 2), (2, 3, 2, 2, 2)],
    [(1, 2, 3, 3, 1), (2, 2, 2, 1, 2)],
    own(
        ("same", (1, 3, 3, 4, 1), (3, 3, 3, 1, 2), {"padding": "same"}),
        ("same-even-kernel", (1, 3, 4, 3, 1), (2, 2, 4, 1, 2), {"padding": "same"}),
        ("same-stride-2", (1, 5, 4, 3, 1), (3, 2, 3, 1, 2), {"padding": "same", "strides": [2, 2, 2]}),
        ("uneven-strides", (1, 5, 4, 6, 1), (2, 2, 3, 1, 2), {"strides": [1, 2, 3]}),
        ("stride-leaves-a-rest", (1, 4, 6, 4, 1), (3, 3, 3, 1, 1), {"strides": [2, 2, 2]}),
        ("dilated", (1, 5, 5, 5, 1), (2, 3, 2, 1, 2), {"dilation_rate": [2, 2, 2]}),
        (
            "dilated-unevenly-same",
            (1, 4, 5, 3, 1),
            (2, 2, 3, 1, 1),
            {"dilation_rate": [1, 3, 2], "padding": "same"},
        ),
        (
            "channels-first-same-stride",
            (1, 2, 3, 5, 4),
            (2, 3, 2, 2, 2),
            {"padding": "same", "strides": [1, 2, 2]} | FIRST,
        ),
        ("pointwise", (2, 2, 2, 2, 3), (1, 1, 1, 3, 2), {}),
        ("kernel-as-large", (1, 2, 3, 2, 2), (2, 3, 2, 2, 2), {}),
        ("one-voxel", (2, 1, 1, 1, 2), (1, 1, 1, 2, 3), {}),
    ),
)

ROWS = [
    sums(
        "conv1d",
        in_tuples(conv1d),
        CONV1D
        + in_float64(CONV1D, "same-stride-2-odd", "causal-dilated", "channels-first-same-stride", "dilated-same"),
        terms,
    ),
    sums(
        "conv2d",
        in_tuples(grouped(K.conv2d)),
        CONV2D
        + in_float64(CONV2D, "same-uneven-strides", "dilated-unevenly", "channels-first-dilated", "pointwise")
        + in_float64(CONV2D, "groups-same-stride"),
        terms,
    ),
    sums(
        "conv3d",
        in_tuples(K.conv3d),
        CONV3D
        + in_float64(CONV3D, "same-stride-2", "dilated", "channels-first-same-stride")
        + [
            Case("same-gaps", uniforms((2, 3, 4, 5, 2), (1, 2, 1, 2, 3)), SAME_GAPS, off=GAPS),
            Case("same-gaps-float64", uniforms((1, 3, 4, 5, 2), (1, 2, 1, 2, 2), dtype="float64"), SAME_GAPS, off=GAPS),
        ],
        terms,
        accurate=in_tuples(conv3d_by_hand),
    ),
]
