"""Transposed convolutions."""

import tensorflow as tf
from keras.src import backend as K

from suites import Case, in_float64

from .conv_parts import FIRST, GAPS, SAME_GAPS, conv3d_by_hand, in_tuples, suite, terms, uniforms
from .row import sums


def conv3d_transpose_by_hand(x, kernel, output_shape, **options):
    """Keras's, with the gradients of the convolution that it turns around."""

    @tf.custom_gradient
    def convolve(image, weights):
        def gradient(cotangent):
            with tf.GradientTape() as tape:
                tape.watch(weights)
                through = conv3d_by_hand(cotangent, weights, **options)
            return through, tape.gradient(through, weights, output_gradients=image)

        return K.conv3d_transpose(image, weights, output_shape, **options), gradient

    return convolve(x, kernel)


def turned(*cases):
    """(name, input, kernel, output shape, options) as cases of a transposed convolution."""
    return [Case(name, (*uniforms(x, kernel), shape), options) for name, x, kernel, shape, options in cases]


CONV2D_TRANSPOSE = [
    case
    for case in suite(
        lambda x, kernel: (x, kernel, [1, 5, 4, 2]),
        [(1, 3, 3, 3), (3, 2, 2, 3)],
        [(1, 3, 3, 2), (3, 2, 2, 2)],
    )
    if case.name not in ("channels-first", "empty-batch")
] + turned(
    ("channels-first", (2, 3, 4, 5), (3, 2, 2, 3), [2, 2, 6, 6], FIRST),
    ("empty-batch", (0, 4, 5, 3), (3, 2, 2, 3), [0, 6, 6, 2], {}),
    ("stride-2", (1, 3, 2, 2), (3, 3, 2, 2), [1, 7, 5, 2], {"strides": [2, 2]}),
    ("stride-2-larger-output", (1, 3, 2, 2), (3, 3, 2, 2), [1, 8, 6, 2], {"strides": [2, 2]}),
    ("stride-2-even-kernel", (1, 3, 2, 1), (2, 4, 2, 1), [1, 6, 6, 2], {"strides": [2, 2]}),
    ("stride-above-kernel", (1, 3, 2, 1), (2, 1, 1, 1), [1, 9, 5, 1], {"strides": [3, 3]}),
    ("uneven-strides", (1, 2, 3, 2), (3, 2, 1, 2), [1, 6, 4, 1], {"strides": [3, 1]}),
    ("same", (1, 4, 5, 2), (3, 2, 3, 2), [1, 4, 5, 3], {"padding": "same"}),
    ("same-stride-2", (1, 3, 4, 2), (3, 3, 2, 2), [1, 6, 8, 2], {"padding": "same", "strides": [2, 2]}),
    (
        "same-stride-2-odd-output",
        (1, 3, 4, 2),
        (3, 3, 2, 2),
        [1, 5, 7, 2],
        {"padding": "same", "strides": [2, 2]},
    ),
    (
        "same-stride-3-even-kernel",
        (1, 2, 3, 1),
        (2, 4, 1, 1),
        [1, 5, 7, 1],
        {"padding": "same", "strides": [3, 3]},
    ),
    ("dilated", (1, 3, 4, 2), (3, 2, 2, 2), [1, 7, 6, 2], {"dilation_rate": [2, 2]}),
    ("dilated-same", (1, 4, 5, 1), (3, 3, 2, 1), [1, 4, 5, 2], {"dilation_rate": [2, 2], "padding": "same"}),
    (
        "channels-first-same-stride",
        (1, 2, 3, 4),
        (3, 3, 3, 2),
        [1, 3, 5, 8],
        {"padding": "same", "strides": [2, 2]} | FIRST,
    ),
    ("channels-first-dilated", (1, 2, 3, 4), (2, 2, 1, 2), [1, 1, 5, 6], {"dilation_rate": [2, 2]} | FIRST),
    ("pointwise", (1, 3, 4, 3), (1, 1, 2, 3), [1, 3, 4, 2], {}),
    ("one-pixel", (2, 1, 1, 2), (3, 4, 3, 2), [2, 3, 4, 3], {}),
)

CONV3D_TRANSPOSE = [
    case
    for case in suite(
        lambda x, kernel: (x, kernel, [1, 3, 4, 3, 2]),
        [(1, 2, 2, 2, 2), (2, 3, 2, 2, 2)],
        [(1, 2, 2, 2, 1), (2, 3, 2, 2, 1)],
    )
    if case.name not in ("channels-first", "empty-batch")
] + turned(
    ("channels-first", (1, 2, 2, 3, 3), (2, 3, 2, 1, 2), [1, 1, 3, 5, 4], FIRST),
    ("empty-batch", (0, 2, 3, 3, 2), (2, 3, 2, 1, 2), [0, 3, 5, 4, 1], {}),
    ("stride-2", (1, 2, 2, 1, 2), (3, 2, 3, 1, 2), [1, 5, 4, 3, 1], {"strides": [2, 2, 2]}),
    ("stride-2-larger-output", (1, 2, 2, 1, 1), (3, 2, 3, 1, 1), [1, 6, 5, 4, 1], {"strides": [2, 2, 2]}),
    ("uneven-strides", (1, 2, 3, 2, 1), (2, 2, 1, 2, 1), [1, 4, 4, 4, 2], {"strides": [2, 1, 3]}),
    ("same", (1, 3, 2, 4, 1), (3, 2, 3, 2, 1), [1, 3, 2, 4, 2], {"padding": "same"}),
    (
        "same-stride-2",
        (1, 2, 3, 2, 1),
        (3, 3, 2, 2, 1),
        [1, 4, 6, 4, 2],
        {"padding": "same", "strides": [2, 2, 2]},
    ),
    (
        "same-stride-2-odd-output",
        (1, 2, 3, 2, 1),
        (3, 3, 2, 1, 1),
        [1, 3, 5, 3, 1],
        {"padding": "same", "strides": [2, 2, 2]},
    ),
    (
        "channels-first-same-stride",
        (1, 2, 2, 2, 3),
        (3, 2, 3, 1, 2),
        [1, 1, 4, 2, 5],
        {"padding": "same", "strides": [2, 1, 2]} | FIRST,
    ),
    ("pointwise", (1, 2, 2, 3, 3), (1, 1, 1, 2, 3), [1, 2, 2, 3, 2], {}),
    ("one-voxel", (2, 1, 1, 1, 2), (2, 3, 2, 1, 2), [2, 2, 3, 2, 1], {}),
)

ROWS = [
    sums(
        "conv2d_transpose",
        in_tuples(K.conv2d_transpose),
        CONV2D_TRANSPOSE
        + in_float64(CONV2D_TRANSPOSE, "same-stride-2-odd-output", "dilated", "channels-first-same-stride"),
        terms,
    ),
    sums(
        "conv3d_transpose",
        in_tuples(K.conv3d_transpose),
        CONV3D_TRANSPOSE
        + in_float64(CONV3D_TRANSPOSE, "same-stride-2", "channels-first-same-stride")
        + [Case("same-gaps", (*uniforms((1, 1, 1, 2, 2), (1, 2, 1, 2, 2)), [1, 3, 4, 5, 2]), SAME_GAPS, off=GAPS)],
        terms,
        accurate=in_tuples(conv3d_transpose_by_hand),
    ),
]
