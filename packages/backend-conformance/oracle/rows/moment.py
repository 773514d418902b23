"""The ops of optimizers, of which K has no function: the formulas of Keras 2.15's `update_step`, in TensorFlow's ops."""

import tensorflow as tf

from inputs import Uniform, Values
from suites import INF, NAN, Case

from .row import elementwise


def mean_square(mean, x, decay, weight):
    """`RMSprop.update_step`: rho * velocity + (1 - rho) * tf.square(gradient)."""
    return decay * mean + weight * tf.square(x)


def first_moment(mean, x, weight):
    """`Adam.update_step`: m.assign_add((gradient - m) * (1 - self.beta_1))."""
    return mean + (x - mean) * weight


def second_moment(mean, x, weight):
    """`Adam.update_step`: v.assign_add((tf.square(gradient) - v) * (1 - self.beta_2))."""
    return mean + (tf.square(x) - mean) * weight


def rmsprop_step(w, g, rate, v, epsilon):
    """`RMSprop.update_step`: lr * gradient / tf.sqrt(velocity + epsilon), from the variable."""
    return w - rate * g / tf.sqrt(v + epsilon)


def adam_step(w, m, rate, v, epsilon):
    """`Adam.update_step`: variable.assign_sub((m * alpha) / (tf.sqrt(v) + self.epsilon))."""
    return w - (m * rate) / (tf.sqrt(v) + epsilon)


def cases(*ranges, special):
    """
    `ranges` bound each input; None is a number in [0.1, 0.4) for all elements. Sums and differences do not cancel within
    them. `special` has the values of one input a row, element by element.
    """

    def of(name, shapes, dtype="float32", **more):
        def made(shape, bounds):
            low, high = bounds or (0.1, 0.4)
            return Uniform(shape, dtype, low, high)

        return Case(name, tuple(made(*one) for one in zip(shapes, ranges)), **more)

    def alike(name, shape, dtype="float32", **more):
        return of(name, [shape if bounds else () for bounds in ranges], dtype, **more)

    def each(name, *shapes):
        return of(name, [shapes[i % len(shapes)] for i in range(len(ranges))])

    return [
        alike("ordinary", (3, 5)),
        alike("odd-sizes", (7, 1, 3)),
        alike("scalars", ()),
        alike("vector-of-67", (67,)),
        alike("rank-4", (2, 1, 3, 2)),
        alike("empty", (0, 3)),
        alike("float64", (4, 5), "float64"),
        alike("float16", (4, 5), "float16"),
        each("tensors", (3, 5)),
        each("broadcast", (3, 5), (5,), (3, 1)),
        each("broadcast-first", (), (4, 1, 3), (1, 5, 1)),
        *[
            Case(name, tuple(Values(values, dtype) for values in special), gradient=False)
            for name, dtype in [("special", "float32"), ("special-float64", "float64")]
        ],
    ]


STEP = [
    [1.0, 1.0, 1.0, NAN, INF, 1.0, 0.0, -0.0, 1.0, 1.0, 3e38, 1.0],
    [0.0, 1.0, -1.0, 1.0, 1.0, NAN, -0.0, 0.0, INF, 1.0, -3e38, 3e38],
    [0.1] * 12,
    [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, INF, 0.0, INF, -1.0, 1.0, NAN],
    [0.0, 0.0, 0.0, 1e-3, 1e-3, 1e-3, 1e-3, 0.0, 1e-3, 1e-3, 1e-3, 1e-3],
]
MEAN = [
    [0.0, -0.0, NAN, INF, 1.0, 1.0, -INF, 3e38, 1.0],
    [-0.0, 0.0, 1.0, 1.0, INF, NAN, -INF, 1.0, 1e30],
    [0.5] * 9,
]

ROWS = [
    elementwise(
        "mean_square",
        mean_square,
        cases((0.1, 3), (-3, 3), None, None, special=[*MEAN, [0.25] * 9]),
        gradient_scale="terms",
    ),
    elementwise("first_moment", first_moment, cases((0.5, 2), (2, 3), None, special=MEAN), gradient_scale="terms"),
    elementwise("second_moment", second_moment, cases((0.5, 2), (1.5, 3), None, special=MEAN), gradient_scale="terms"),
    elementwise(
        "rmsprop_step",
        rmsprop_step,
        cases((0.1, 3), (-3, -0.1), None, (0.1, 3), None, special=STEP),
        gradient_scale="terms",
    ),
    elementwise(
        "adam_step",
        adam_step,
        cases((0.1, 3), (-3, -0.1), None, (0.1, 3), None, special=STEP),
        gradient_scale="terms",
    ),
]
