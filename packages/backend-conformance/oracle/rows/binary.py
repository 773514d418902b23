"""Element-wise functions of two tensors: arithmetic, powers, comparisons, logic."""

import tensorflow as tf
from keras import backend as K

from inputs import Magnitudes, Uniform, Values
from suites import INF, NAN, Case, binary
from tolerance import ulp

from .row import ELEMENTWISE_GRADIENT, elementwise, exact

TIES = [Case("ties", (Values([1.0, 2.0, -1.0, 0.0]), Values([1.0, 1.0, -1.0, -0.0])))]


def powers(name, call):
    return elementwise(
        name,
        call,
        [
            Case("ordinary", (Uniform((3, 5), low=0.1, high=3), Uniform((3, 5)))),
            Case("broadcast-both", (Uniform((4, 1, 3), low=0.1, high=3), Uniform((1, 5, 1)))),
            Case("number", (Uniform((3, 5), low=0.1, high=3), 1.5)),
            Case("square", (Uniform((3, 5)), 2.0)),
            Case(
                "whole-exponents",
                (Values([[-2.0], [3.0], [0.5]]), Values([-2.0, -1.0, 0.0, 1.0, 3.0])),
                gradient=False,
            ),
            Case(
                "special-grid",
                (
                    Values([[NAN], [INF], [-INF], [0.0], [1.0], [-2.0]]),
                    Values([NAN, INF, -INF, 0.0, 2.0, -3.0, 0.5]),
                ),
                gradient=False,
            ),
            Case("empty", (Uniform((0, 3)), Uniform((3,)))),
            Case("float64", (Uniform((4, 5), "float64", 0.1, 3), Uniform((5,), "float64"))),
            Case("float16", (Uniform((4, 5), "float16", 0.1, 3), Uniform((5,), "float16"))),
            Case("int32", (Uniform((3, 5), "int32", -9, 10), Uniform((5,), "int32", 0, 9))),
            Case("int32-wraps", (Values([3, -3, 2, 10], "int32"), Values([21, 21, 31, 10], "int32"))),
            Case(
                "magnitudes",
                (Magnitudes((32,), low=-8, high=8, positive=True), Uniform((32,), low=-8, high=8)),
            ),
        ],
    )


def comparison(name, call, dtypes=("int32", "uint8")):
    cases = [
        Case(case.name, case.args, gradient=False)
        for case in binary(ints=dtypes)
        if case.name not in ("number", "magnitudes")
    ]
    close = Case("neighbours", (Values([1.0, 1.0000001, 0.99999994]), Values([1.0])), gradient=False)
    number = Case("number", (Values([1.0, 2.0, 3.0]), 2.0), gradient=False)
    return exact(
        name, call, [*cases, close, number, *[Case(c.name, c.args, gradient=False) for c in TIES]], None
    )


def logical(name, call):
    cases = [
        Case("ordinary", (Uniform((3, 5), "bool"), Uniform((3, 5), "bool"))),
        Case("broadcast", (Uniform((3, 1), "bool"), Uniform((5,), "bool"))),
        Case("empty", (Uniform((0, 3), "bool"), Uniform((3,), "bool"))),
    ]
    return exact(name, call, cases, None)


ROWS = [
    elementwise("add", lambda x, y: x + y, binary(), ulp(1)),
    elementwise("subtract", lambda x, y: x - y, binary(), ulp(1)),
    elementwise("multiply", lambda x, y: x * y, binary(), ulp(1)),
    elementwise("divide", lambda x, y: x / y, binary(second=(0.5, 4)), ulp(2)),
    exact("floor_divide", lambda x, y: x // y, binary(second=(0.5, 4), special=False), None),
    elementwise("mod", lambda x, y: x % y, binary(second=(0.5, 4), special=False), ulp(4), None, scale=4.0),
    exact("maximum", K.maximum, binary() + TIES, ELEMENTWISE_GRADIENT),
    exact("minimum", K.minimum, binary() + TIES, ELEMENTWISE_GRADIENT),
    elementwise(
        "pow",
        K.pow,
        [
            Case("ordinary", (Uniform((3, 5), low=0.1, high=3), 2.5)),
            Case("square", (Uniform((3, 5)), 2)),
            Case("cube", (Uniform((3, 5)), 3)),
            Case("inverse", (Uniform((3, 5)), -1)),
            Case("root", (Uniform((3, 5), low=0.1, high=9), 0.5)),
            Case("zeroth", (Values([0.0, -2.0, NAN, INF]), 0), gradient=False),
            Case("negative-base", (Values([-2.0, -1.0, -0.5]), 0.5), gradient=False),
            Case("special-bases", (Values([NAN, INF, -INF, 0.0, -0.0]), 3.0), gradient=False),
            Case("special-bases-inverse", (Values([NAN, INF, -INF, 0.0]), -2.0), gradient=False),
            Case("tensor", (Uniform((3, 5), low=0.1, high=3), Uniform((5,)))),
            Case("float64", (Uniform((3, 5), "float64", 0.1, 3), 2.5)),
            Case("float16", (Uniform((3, 5), "float16", 0.1, 3), 2.5)),
            Case("int32", (Uniform((3, 5), "int32", -9, 10), 3)),
            Case("empty", (Uniform((0, 3)), 2.5)),
            Case("magnitudes", (Magnitudes((32,), low=-8, high=8, positive=True), -3.25)),
        ],
    ),
    powers("power", lambda x, y: x**y),
    comparison("equal", K.equal),
    comparison("not_equal", K.not_equal),
    comparison("greater", K.greater),
    comparison("greater_equal", K.greater_equal),
    comparison("less", K.less),
    comparison("less_equal", K.less_equal),
    logical("logical_and", tf.logical_and),
    logical("logical_or", tf.logical_or),
]
