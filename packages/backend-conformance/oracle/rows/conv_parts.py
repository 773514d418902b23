"""What the rows of convolutions, and of others with windows, have in common."""

import numpy as np
import tensorflow as tf
from keras.src import backend as K

from inputs import Magnitudes, Uniform, Values
from suites import INF, NAN, Case

FIRST = {"data_format": "channels_first"}

SAME_GAPS = {"padding": "same", "strides": [3, 4, 3]}
GAPS = "TensorFlow's plain kernel shifts the windows where strides above the kernel leave a gap at the end"


def in_tuples(call):
    """
    The function of Keras, which adds tuples, called with lists. A result without places is refused, for there
    TensorFlow leaves the gradient of the kernel undefined.
    """

    def plain(value):
        return tuple(value) if isinstance(value, list) else value

    def with_tuples(*arguments, **options):
        given = [plain(argument) for argument in arguments]
        result = call(*given, **{name: plain(value) for name, value in options.items()})
        if 0 in result.shape[1:]:
            raise ValueError(f"no places in {result.shape}")
        return result

    return with_tuples


def terms(arguments, options, output):
    """The longest of the sums: over a window, over the places of images, or over the filters of a window."""
    kernel, rest = arguments[1], arguments[2:]
    channels = output.shape[1 if options.get("data_format") == "channels_first" else -1]
    window = np.prod(kernel.shape[:-2])
    longest = max(window * kernel.shape[-2], window * kernel.shape[-1], output.size // channels)
    # A pointwise kernel adds up what has errors of its own.
    return int(longest + sum(other.shape[-2] for other in rest if isinstance(other, np.ndarray)))


def special(shape):
    """Ordinary values, with some of the others far apart."""
    values = np.resize(np.array([1.0, -0.5, 2.0, 0.25, 3.0, -2.0, 1.5]), shape)
    flat = values.reshape(-1)
    flat[len(flat) // 5], flat[len(flat) // 2], flat[-2] = NAN, INF, -INF
    return Values(values.tolist())


def first(shape):
    """A shape with the channels in front."""
    return (shape[0], shape[-1], *shape[1:-1])


def suite(make, shapes, few, more=(), wide=(40, 60), empty_gradient=True):
    """
    The cases that every convolution has. `shapes` are those of the input and of the kernels, `few` smaller
    ones; `make` gives the arguments; `wide` bounds the exponents, whose products must stay in the range.
    `more` has the cases that are a convolution's own. TensorFlow leaves the gradient of a depthwise kernel
    undefined for an empty batch.
    """

    def case(name, inputs, options=None, **how):
        return Case(name, make(*inputs), options or {}, **how)

    def magnitudes(low, high):
        return [Magnitudes(of, low=low, high=high) for of in few]

    low, high = wide
    empty = [(0, *few[0][1:]), *few[1:]]
    return [
        case("ordinary", uniforms(*shapes)),
        case("channels-first", uniforms(first(shapes[0]), *shapes[1:]), FIRST),
        case("float64", uniforms(*few, dtype="float64")),
        case("float16", [Uniform(of, "float16", -1, 1) for of in few]),
        case("empty-batch", uniforms(*empty), gradient=empty_gradient),
        case(
            "nan-and-infinities",
            [special(few[0]), *(Uniform(of, low=1) for of in few[1:])],
            gradient=False,
        ),
        case("huge", magnitudes(low, high)),
        case("tiny", magnitudes(-high, -low)),
        case("magnitudes", magnitudes(-20, 20)),
        *more,
    ]


def uniforms(*shapes, dtype="float32"):
    return tuple(Uniform(shape, dtype) for shape in shapes)


def plain(x, kernel):
    return (x, kernel)


def own(*cases):
    """(name, input, kernel, options) as cases."""
    return [Case(name, uniforms(x, kernel), options) for name, x, kernel, options in cases]


def conv3d_by_hand(x, kernel, strides=(1, 1, 1), padding="valid", **options):
    """Keras's, with the zeros of "same" put around the input first: what strides leave over is at the end."""
    if padding == "same":
        axes = (2, 3, 4) if options.get("data_format") == "channels_first" else (1, 2, 3)
        rates = options.get("dilation_rate", (1, 1, 1))
        around = [[0, 0] for _ in range(5)]
        for axis, size, stride, rate in zip(axes, kernel.shape, strides, rates):
            places = -(-x.shape[axis] // stride)
            total = max(0, (places - 1) * stride + (size - 1) * rate + 1 - x.shape[axis])
            around[axis] = [total // 2, total - total // 2]
        x = tf.pad(x, around)
    return K.conv3d(x, kernel, strides=strides, padding="valid", **options)
