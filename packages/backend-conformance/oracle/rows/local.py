"""Convolutions whose places have weights of their own."""

import numpy as np
from keras.src import backend as K

from inputs import Magnitudes, Uniform
from suites import Case

from .conv_parts import FIRST, first, in_tuples, special
from .row import sums


def strict(call):
    """Keras takes a kernel for patches of another size as well, and mixes the samples up."""
    convolve = in_tuples(call)

    def checked(x, kernel, size, *rest, **options):
        channels = x.shape[1 if "data_format" in options else -1]
        if kernel.shape[1] != np.prod(size) * channels:
            raise ValueError(f"patches of {size} with {channels} channels are not {kernel.shape[1]} long")
        return convolve(x, kernel, size, *rest, **options)

    return checked


def terms(arguments, options, output):
    """The longest of the sums: over a patch, over the batch, or over the windows that an element lies in."""
    del options, output
    x, kernel, size = arguments[:3]
    return int(max(kernel.shape[1], x.shape[0], np.prod(size) * kernel.shape[2]))


def suite(image, places, kernel, size, strides, few, tail=()):
    """`few` is a smaller (image, kernel, output shape); with `tail` the output shape is an argument."""
    small, weights, target = few
    ones = [1] * len(size)
    rest = [list(places)] if tail else []
    last = [list(target)] if tail else []

    def little(make, **how):
        return (make(small), make(weights), size, ones, *last)

    return [
        Case("ordinary", (Uniform(image), Uniform(kernel), size, strides, *rest)),
        Case("channels-first", (Uniform(first(image)), Uniform(kernel), size, strides, *rest), FIRST),
        Case("unit-strides", little(Uniform)),
        Case(
            "channels-first-unit-strides",
            (Uniform(first(small)), Uniform(weights), size, ones, *last),
            FIRST,
        ),
        Case("float64", little(lambda shape: Uniform(shape, "float64"))),
        Case("float16", little(lambda shape: Uniform(shape, "float16", -1, 1))),
        Case("huge", little(lambda shape: Magnitudes(shape, low=40, high=60))),
        Case("tiny", little(lambda shape: Magnitudes(shape, low=-60, high=-40))),
        Case("magnitudes", little(Magnitudes)),
        Case(
            "nan-and-infinities",
            (special(small), Uniform(weights, low=1), size, ones, *last),
            gradient=False,
        ),
    ]


def own(*cases):
    """(name, input, kernel, further arguments, options) as cases."""
    return [Case(name, (Uniform(x), Uniform(of), *rest), options) for name, x, of, rest, options in cases]


ROWS = [
    sums(
        "local_conv1d",
        strict(K.local_conv1d),
        suite((2, 8, 3), (3,), (3, 9, 2), [3], [2], ((1, 5, 2), (3, 6, 2), (3,)))
        + own(
            ("one-place", (2, 3, 2), (1, 6, 3), ([3], [1]), {}),
            ("kernel-of-1", (2, 4, 3), (4, 3, 2), ([1], [1]), {}),
            ("stride-above-kernel", (1, 9, 2), (3, 4, 2), ([2], [3]), {}),
            ("stride-leaves-a-rest", (1, 8, 1), (2, 3, 2), ([3], [4]), {}),
            ("one-channel-channels-first", (2, 1, 5), (4, 2, 3), ([2], [1]), FIRST),
        ),
        terms,
    ),
    sums(
        "local_conv2d",
        strict(K.local_conv2d),
        suite((2, 5, 5, 2), (2, 2), (4, 12, 3), [3, 2], [2, 3], ((1, 4, 3, 2), (4, 12, 2), (2, 2)), tail=True)
        + own(
            ("one-place", (2, 3, 2, 2), (1, 12, 3), ([3, 2], [1, 1], [1, 1]), {}),
            ("pointwise", (1, 2, 3, 3), (6, 3, 2), ([1, 1], [1, 1], [2, 3]), {}),
            ("stride-above-kernel", (1, 5, 4, 1), (4, 2, 2), ([1, 2], [3, 2], [2, 2]), {}),
            ("rows-only", (1, 5, 2, 2), (6, 6, 1), ([3, 1], [1, 1], [3, 2]), {}),
            ("part-of-the-places", (1, 6, 6, 1), (4, 4, 2), ([2, 2], [1, 2], [2, 2]), {}),
            ("channels-first-uneven", (1, 3, 4, 5), (9, 18, 1), ([2, 3], [1, 1], [3, 3]), FIRST),
        ),
        terms,
    ),
]
