"""One row per K function: the oracle's call, the cases and the tolerance. A new op is one row here."""

from dataclasses import dataclass
from typing import Callable

import numpy as np
import tensorflow as tf
from keras import backend as K

from inputs import Classes, Distinct, Magnitudes, Probabilities, Repeat, Uniform, Values
from suites import INF, NAN, Case, arrangement, binary, reduction, unary
from tolerance import EXACT, GRADIENT_SUM, SUM, Tolerance, relative, ulp


@dataclass(frozen=True)
class Row:
    """
    `scale` and `gradient_scale` say what a tolerance is a part of: None the truth itself, a number, "magnitudes"
    (the same call, or its gradient, on the magnitudes of all inputs), "cotangent" (its largest magnitude), or a
    function of the float64 arguments. `length` counts the terms of a sum. `dtype` is the output's here where
    TensorFlow's differs. `accurate` is the call that gives the float64 truth where Keras's own loses digits, and
    `off` then says why.
    """

    name: str
    call: Callable
    cases: list
    tolerance: Tolerance
    gradient: Tolerance | None = None
    scale: object = None
    gradient_scale: object = "cotangent"
    length: Callable | None = None
    dtype: str | None = None
    accurate: Callable | None = None
    off: str | None = None


def accurate_elu(x, alpha=1.0):
    return tf.where(x > 0, x, alpha * tf.math.expm1(tf.minimum(x, 0)))


ELEMENTWISE = ulp(4)
ELEMENTWISE_GRADIENT = ulp(40)


def elementwise(name, call, cases, tolerance=ELEMENTWISE, gradient=ELEMENTWISE_GRADIENT, **more):
    return Row(name, call, cases, tolerance, gradient, **more)


def exact(name, call, cases, gradient=EXACT, **more):
    return Row(name, call, cases, EXACT, gradient, **more)


def terms_of_reduction(arguments, options, output):
    """How many elements of the input go into one of the output."""
    del options
    return arguments[0].size // max(1, output.size)


def terms_of_dot(arguments, options, output):
    del options, output
    return arguments[0].shape[-1]


def sums(name, call, cases, length=terms_of_reduction, **more):
    return Row(name, call, cases, SUM, GRADIENT_SUM, "magnitudes", "magnitudes", length, **more)


def np_axis(options):
    axis = options.get("axis")
    return {
        "axis": tuple(axis) if isinstance(axis, list) else axis,
        "keepdims": options.get("keepdims", False),
    }


def variance_scale(x, **options):
    """The variance and what rounding the mean adds to it."""
    how = np_axis(options)
    if x.size == 0:
        return 0.0
    return np.var(x, **how) + np.std(x, **how) * np.sqrt(np.mean(x * x, **how))


def deviation_scale(x, **options):
    how = np_axis(options)
    if x.size == 0:
        return 0.0
    return np.std(x, **how) + np.sqrt(np.mean(x * x, **how))


def logsumexp_scale(x, **options):
    return np.max(np.abs(x), **np_axis(options), initial=0) + np.log(max(x.size, 2))


UNARY = [
    exact("abs", K.abs, unary(ints=("int32",))),
    exact("sign", K.sign, unary(ints=("int32",))),
    exact("negative", lambda x: -x, unary(ints=("int32",))),
    elementwise("square", K.square, unary(ints=("int32",)), ulp(1)),
    elementwise("sqrt", K.sqrt, unary(low=0.1, wide=(-60, 60), zeros=(0.0,)), ulp(1)),
    elementwise("exp", K.exp, unary(low=-8, high=8, wide=(-20, 6))),
    elementwise("log", K.log, unary(low=0.1, high=9, wide=(-60, 60), positive=True)),
    exact(
        "round",
        K.round,
        unary(ints=("int32",))
        + [Case("halves", (Values([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 8388607.5, 0.49999997]),))],
    ),
    elementwise("sin", K.sin, unary(low=-20, high=20, wide=(-20, 16))),
    elementwise("cos", K.cos, unary(low=-20, high=20, wide=(-20, 16))),
    elementwise("tanh", K.tanh, unary(wide=(-20, 5))),
    elementwise("sigmoid", K.sigmoid, unary(wide=(-20, 6))),
    elementwise("hard_sigmoid", K.hard_sigmoid, unary(), scale=0.5),
    elementwise(
        "relu",
        K.relu,
        unary(ints=("int32",))
        + [
            Case("alpha", (Uniform((3, 5)),), {"alpha": 0.25}),
            Case("max-value", (Uniform((3, 5)),), {"max_value": 1.5}),
            Case("threshold", (Uniform((3, 5)),), {"threshold": 0.5}),
            Case("alpha-threshold", (Uniform((3, 5)),), {"alpha": 0.25, "threshold": 0.5}),
            Case("max-value-threshold", (Uniform((3, 5)),), {"max_value": 2.0, "threshold": 0.5}),
            Case("all-options", (Uniform((3, 5)),), {"alpha": 0.25, "max_value": 1.0, "threshold": 0.5}),
            Case("max-value-6", (Uniform((3, 5), low=-3, high=9),), {"max_value": 6.0}),
            Case("alpha-negative-threshold", (Uniform((3, 5)),), {"alpha": 0.5, "threshold": -1.0}),
            Case("alpha-at-zero", (Values([0.0, -0.0, 1.0, -1.0]),), {"alpha": 0.25}),
            Case(
                "max-value-nan",
                (Values([NAN, INF, -INF, 2.0]),),
                {"alpha": 0.25, "max_value": 3.0},
                gradient=False,
            ),
            Case("options-float64", (Uniform((3, 5), "float64"),), {"alpha": 0.3, "max_value": 1.1}),
        ],
        ulp(1),
    ),
    elementwise(
        "elu",
        K.elu,
        unary(wide=(-20, 6))
        + [
            Case("alpha", (Uniform((3, 5)),), {"alpha": 0.5}),
            Case("alpha-float64", (Uniform((3, 5), "float64"),), {"alpha": 1.7}),
            Case("alpha-negative-side", (Values([-100.0, -1e-6, 0.0, 1e-6, 100.0]),), {"alpha": 2.0}),
        ],
        accurate=accurate_elu,
        off="TensorFlow computes e^x - 1, which cancels near 0",
    ),
    elementwise("softplus", K.softplus, unary(wide=(-20, 6))),
    elementwise("softsign", K.softsign, unary(wide=(-20, 20))),
    elementwise(
        "clip",
        K.clip,
        [
            Case(case.name, (*case.args, -1.0, 2.0), gradient=case.gradient)
            for case in unary()
        ]
        + [
            Case("max-below-min", (Uniform((3, 5)), 1.0, -1.0), gradient=False),
            Case("at-the-bounds", (Values([-1.0, 2.0, 0.0]), -1.0, 2.0)),
            Case("int32", (Uniform((3, 5), "int32", -9, 10), -3, 4)),
            Case("none-clipped", (Uniform((3, 5)), -10.0, 10.0)),
        ],
        EXACT,
        EXACT,
    ),
    exact("logical_not", tf.logical_not, [Case("ordinary", (Uniform((3, 5), "bool"),)), Case("empty", (Uniform((0,), "bool"),))]),
]

TIES = [Case("ties", (Values([1.0, 2.0, -1.0, 0.0]), Values([1.0, 1.0, -1.0, -0.0])))]

BINARY = [
    elementwise("add", lambda x, y: x + y, binary(), ulp(1), scale=None),
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
]


def powers(name, call):
    return elementwise(
        name,
        call,
        [
            Case("ordinary", (Uniform((3, 5), low=0.1, high=3), Uniform((3, 5)))),
            Case("broadcast-both", (Uniform((4, 1, 3), low=0.1, high=3), Uniform((1, 5, 1)))),
            Case("number", (Uniform((3, 5), low=0.1, high=3), 1.5)),
            Case("square", (Uniform((3, 5)), 2.0)),
            Case("whole-exponents", (Values([[-2.0], [3.0], [0.5]]), Values([-2.0, -1.0, 0.0, 1.0, 3.0])), gradient=False),
            Case("special-grid", (Values([[NAN], [INF], [-INF], [0.0], [1.0], [-2.0]]), Values([NAN, INF, -INF, 0.0, 2.0, -3.0, 0.5])), gradient=False),
            Case("empty", (Uniform((0, 3)), Uniform((3,)))),
            Case("float64", (Uniform((4, 5), "float64", 0.1, 3), Uniform((5,), "float64"))),
            Case("float16", (Uniform((4, 5), "float16", 0.1, 3), Uniform((5,), "float16"))),
            Case("int32", (Uniform((3, 5), "int32", -9, 10), Uniform((5,), "int32", 0, 9))),
            Case("int32-wraps", (Values([3, -3, 2, 10], "int32"), Values([21, 21, 31, 10], "int32"))),
            Case("magnitudes", (Magnitudes((32,), low=-8, high=8, positive=True), Uniform((32,), low=-8, high=8))),
        ],
    )


BINARY.append(powers("power", lambda x, y: x**y))


def comparison(name, call, dtypes=("int32", "uint8")):
    cases = [
        Case(case.name, case.args, gradient=False)
        for case in binary(ints=dtypes)
        if case.name not in ("number", "magnitudes")
    ]
    close = Case("neighbours", (Values([1.0, 1.0000001, 0.99999994]), Values([1.0])), gradient=False)
    number = Case("number", (Values([1.0, 2.0, 3.0]), 2.0), gradient=False)
    return exact(name, call, [*cases, close, number, *[Case(c.name, c.args, gradient=False) for c in TIES]], None)


def logical(name, call):
    cases = [
        Case("ordinary", (Uniform((3, 5), "bool"), Uniform((3, 5), "bool"))),
        Case("broadcast", (Uniform((3, 1), "bool"), Uniform((5,), "bool"))),
        Case("empty", (Uniform((0, 3), "bool"), Uniform((3,), "bool"))),
    ]
    return exact(name, call, cases, None)


COMPARISON = [
    comparison("equal", K.equal),
    comparison("not_equal", K.not_equal),
    comparison("greater", K.greater),
    comparison("greater_equal", K.greater_equal),
    comparison("less", K.less),
    comparison("less_equal", K.less_equal),
    logical("logical_and", tf.logical_and),
    logical("logical_or", tf.logical_or),
]


def boolean_reduction(name, call):
    cases = [case for case in reduction(ints=("int32", "uint8"), special=False)]
    cases += [
        Case("mostly-true", (Values([[1.0, 2.0], [0.0, 1.0], [0.0, 0.0]]),), {"axis": 1}),
        Case("nan-and-zeros", (Values([[NAN, 0.0], [0.0, -0.0], [INF, 1e-30]]),), {"axis": 1}),
        Case("bool", (Uniform((6, 2), "bool"),), {"axis": -1}),
        Case("empty-axis", (Uniform((0, 3)),), {"axis": 0}),
    ]
    return exact(name, call, [Case(c.name, c.args, c.options, gradient=False) for c in cases], None)


def arg_reduction(name, call):
    cases = [
        Case("ordinary", (Distinct((3, 5)),)),
        Case("axis-0", (Distinct((3, 5)),), {"axis": 0}),
        Case("axis-1", (Distinct((3, 4, 5)),), {"axis": 1}),
        Case("axis-negative", (Distinct((3, 4, 5)),), {"axis": -2}),
        Case("vector", (Distinct((67,)),)),
        Case("odd-sizes", (Distinct((7, 13)),)),
        Case("ties", (Values([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [3.0, 1.0, 3.0]]),)),
        Case("signed-zeros", (Values([[-0.0, 0.0], [0.0, -0.0]]),)),
        Case("infinities", (Values([[1.0, INF, -INF], [-INF, -INF, 0.0], [INF, INF, 1.0]]),)),
        Case("all-infinite", (Values([[-INF, -INF], [INF, INF]]),)),
        Case("empty-result", (Uniform((0, 3)),)),
        Case("float64", (Distinct((4, 5), "float64"),)),
        Case("float16", (Distinct((4, 5), "float16"),)),
        Case("int32", (Uniform((4, 5), "int32", -9, 10),)),
        Case("uint8", (Uniform((4, 5), "uint8", 0, 10),)),
    ]
    return exact(name, call, [Case(c.name, c.args, c.options, gradient=False) for c in cases], None, dtype="int32")


EXTREME_TIES = [Case("ties", (Values([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-1.0, 0.0, -0.0]]),), {"axis": 1})]
LONG = [Case("repeated", (Repeat((0.1, 0.3, 0.37), 50_000),), gradient=False)]
OFFSET = [Case("far-from-zero", (Uniform((3, 50), low=999, high=1001),), {"axis": 1})]

REDUCTION = [
    sums("sum", K.sum, reduction() + LONG),
    sums("mean", K.mean, reduction() + LONG + [Case("bool", (Uniform((4, 5), "bool"),), {"axis": 1})]),
    exact("max", K.max, reduction(source=Distinct) + EXTREME_TIES, ELEMENTWISE_GRADIENT),
    exact("min", K.min, reduction(source=Distinct) + EXTREME_TIES, ELEMENTWISE_GRADIENT),
    arg_reduction("argmax", K.argmax),
    arg_reduction("argmin", K.argmin),
    boolean_reduction("any", K.any),
    boolean_reduction("all", K.all),
    Row("var", K.var, reduction(ints=()) + OFFSET, relative(), relative(2e-4), variance_scale),
    Row("std", K.std, reduction(ints=()) + OFFSET, relative(), relative(2e-4), deviation_scale),
    Row(
        "logsumexp",
        tf.reduce_logsumexp,
        reduction(ints=())
        + [Case("huge", (Values([[1000.0, 999.0], [-1000.0, -1001.0], [-INF, -INF], [INF, 1.0]]),), {"axis": 1}, gradient=False)],
        relative(),
        relative(2e-4),
        logsumexp_scale,
    ),
    Row(
        "softmax",
        K.softmax,
        [
            Case("ordinary", (Uniform((3, 5)),)),
            Case("rank-3", (Uniform((2, 3, 4)),)),
            Case("axis-0", (Uniform((3, 5)),), {"axis": 0}),
            Case("axis-1", (Uniform((2, 3, 4)),), {"axis": 1}),
            Case("axis-negative", (Uniform((2, 3, 4)),), {"axis": -2}),
            Case("one-class", (Uniform((3, 1)),)),
            Case("odd-sizes", (Uniform((7, 13)),)),
            Case("empty", (Uniform((0, 3)),)),
            Case("huge", (Values([[1000.0, 999.0, 0.0], [-1000.0, -1001.0, -999.0]]),)),
            Case("infinities", (Values([[0.0, -INF, 1.0], [INF, 0.0, 1.0], [NAN, 0.0, 1.0]]),), gradient=False),
            Case("wide", (Uniform((4, 9), low=-40, high=40),)),
            Case("float64", (Uniform((4, 5), "float64"),)),
            Case("float16", (Uniform((4, 5), "float16"),)),
        ],
        relative(),
        relative(2e-4),
    ),
]


def products(pair, batch):
    """The cases of a matrix product."""
    return [
        pair("ordinary", (3, 4), (4, 5)),
        pair("one-by-one", (1, 1), (1, 1)),
        pair("row-by-column", (1, 7), (7, 1)),
        pair("column-by-row", (7, 1), (1, 5)),
        pair("odd-sizes", (17, 13), (13, 9)),
        pair("long", (3, 259), (259, 5)),
        pair("wide", (2, 3), (3, 67)),
        pair("no-rows", (0, 3), (3, 2)),
        pair("no-terms", (2, 0), (0, 3)),
        pair("float64", (3, 4), (4, 5), "float64"),
        pair("float16", (3, 4), (4, 5), "float16"),
        Case("int32", (Uniform((3, 4), "int32", -9, 10), Uniform((4, 5), "int32", -9, 10))),
        Case("nan-and-infinities", (Values([[1.0, NAN], [INF, 2.0], [1.0, 2.0]]), Uniform((2, 3), low=1)), gradient=False),
        Case("magnitudes", (Magnitudes((5, 6), low=-20, high=20), Magnitudes((6, 5), low=-20, high=20))),
        *batch,
    ]


def pair(name, a, b, dtype="float32"):
    return Case(name, (Uniform(a, dtype), Uniform(b, dtype)))


MATRIX = [
    sums(
        "dot",
        K.dot,
        products(pair, [pair("3-by-2", (2, 3, 4), (4, 5)), pair("2-by-3", (2, 3), (4, 3, 5)), pair("3-by-3", (2, 3, 4), (5, 4, 2))]),
        terms_of_dot,
    ),
    sums(
        "matmul",
        tf.matmul,
        products(pair, [pair("batch", (3, 2, 4), (3, 4, 5)), pair("batch-rank-4", (2, 3, 2, 4), (2, 3, 4, 2)), pair("batch-broadcast", (3, 1, 2, 4), (5, 4, 2)), pair("batch-by-matrix", (3, 2, 4), (4, 5))]),
        terms_of_dot,
    ),
    elementwise(
        "bias_add",
        K.bias_add,
        [
            Case("ordinary", (Uniform((3, 5)), Uniform((5,)))),
            Case("rank-3", (Uniform((2, 3, 5)), Uniform((5,)))),
            Case("rank-4", (Uniform((2, 3, 4, 5)), Uniform((5,)))),
            Case("rank-5", (Uniform((2, 1, 2, 3, 5)), Uniform((5,)))),
            Case("channels-first", (Uniform((2, 5, 3, 4)), Uniform((5,))), {"data_format": "channels_first"}),
            Case("channels-first-rank-3", (Uniform((2, 5, 3)), Uniform((5,))), {"data_format": "channels_first"}),
            Case("full-bias", (Uniform((2, 3, 4)), Uniform((3, 4)))),
            Case("full-bias-channels-first", (Uniform((2, 4, 3)), Uniform((3, 4))), {"data_format": "channels_first"}),
            Case("empty", (Uniform((0, 5)), Uniform((5,)))),
            Case("special-values", (Values([[NAN, INF, -INF, 1.0]]), Uniform((4,))), gradient=False),
            Case("float64", (Uniform((3, 5), "float64"), Uniform((5,), "float64"))),
            Case("float16", (Uniform((3, 5), "float16"), Uniform((5,), "float16"))),
        ],
        ulp(1),
    ),
]


def moves(name, call, arguments, extra=(), **more):
    cases = [
        Case(c.name, c.args, c.options, c.gradient, signed_zero=True) for c in arrangement(arguments, **more)
    ]
    return exact(name, call, [*cases, *extra], EXACT)


def by_axis(shapes_and_axes, call=lambda x: (x,)):
    return [
        Case(f"axis-{axis}-of-rank-{len(shape)}".replace("--", "-minus-"), call(Distinct(shape)), {"axis": axis})
        for shape, axis in shapes_and_axes
    ]


CAST_VALUES = [0.0, -0.0, 0.4, 0.9, -0.9, 1.5, 2.5, -1.5, 100.7, 255.0, -1000.0, 1e5]


def casts():
    cases = [
        Case(f"float32-to-{dtype}", (Values(CAST_VALUES if dtype != "uint8" else CAST_VALUES[:4] + CAST_VALUES[8:10]), dtype))
        for dtype in ("float16", "float32", "float64", "int32", "uint8", "bool")
    ]
    cases += [
        Case("special-to-float64", (Values([NAN, INF, -INF, 3e38]), "float64"), gradient=False),
        Case("special-to-float16", (Values([NAN, INF, -INF, 3e38, 65519.0, 65520.0, 1e-8, 6e-8]), "float16"), gradient=False),
        Case("special-to-int32", (Values([NAN, INF, -INF, 3e9, -3e9, 2147483520.0]), "int32")),
        Case("special-to-bool", (Values([NAN, INF, -INF, 0.0, -0.0, 1e-30]), "bool")),
        Case("float64-to-float32", (Uniform((4, 5), "float64"), "float32")),
        Case("float64-to-float16", (Uniform((4, 5), "float64"), "float16")),
        Case(
            "float64-to-float16-rounds-once",
            (Values([1.00048828125 + 2**-40, 1.00048828125 - 2**-40], "float64"), "float16"),
            want=[1.0009765625, 1.0],
            off="TensorFlow rounds to float32 on the way",
        ),
        Case("float64-to-int32", (Uniform((4, 5), "float64", -1e5, 1e5), "int32")),
        Case("float16-to-float32", (Uniform((4, 5), "float16"), "float32")),
        Case("int32-to-float32", (Values([0, 1, -1, 16777217, 2147483647, -2147483648], "int32"), "float32")),
        Case("int32-to-float64", (Values([2147483647, -2147483648], "int32"), "float64")),
        Case("int32-to-uint8", (Values([-1, 0, 255, 256, 1000, -1000], "int32"), "uint8")),
        Case("int32-to-bool", (Values([-1, 0, 256], "int32"), "bool")),
        Case("uint8-to-int32", (Values([0, 1, 255], "uint8"), "int32")),
        Case("uint8-to-float16", (Values([0, 1, 255], "uint8"), "float16")),
        Case("bool-to-float32", (Uniform((2, 5), "bool"), "float32")),
        Case("bool-to-int32", (Uniform((2, 5), "bool"), "int32")),
        Case("empty", (Uniform((0, 3)), "int32")),
        Case("scalar", (Uniform(()), "float64")),
    ]
    return cases


MOVEMENT = [
    moves(
        "transpose",
        K.transpose,
        lambda x: (x,),
        [
            Case("matrix", (Distinct((5, 7)),)),
            Case("vector", (Distinct((5,)),)),
            Case("scalar", (Uniform(()),)),
            Case("empty", (Uniform((0, 3)),)),
            Case("odd-sizes", (Distinct((17, 13)),)),
        ],
    ),
    moves(
        "permute_dimensions",
        K.permute_dimensions,
        lambda x: (x, [2, 0, 1]),
        [
            Case("swap-last", (Distinct((2, 3, 4)), [0, 2, 1])),
            Case("swap-first", (Distinct((2, 3, 4)), [1, 0, 2])),
            Case("identity", (Distinct((2, 3)), [0, 1])),
            Case("rank-4", (Distinct((2, 3, 4, 5)), [0, 3, 1, 2])),
            Case("rank-5", (Distinct((2, 1, 3, 2, 2)), [4, 2, 0, 3, 1])),
            Case("empty", (Uniform((0, 3)), [1, 0])),
        ],
    ),
    moves(
        "reshape",
        K.reshape,
        lambda x: (x, [4, 6]),
        [
            Case("rest", (Distinct((2, 3, 4)), [-1, 4])),
            Case("rest-last", (Distinct((2, 3, 4)), [3, -1])),
            Case("to-vector", (Distinct((2, 3)), [-1])),
            Case("to-scalar", (Distinct((1, 1)), [])),
            Case("from-scalar", (Uniform(()), [1, 1])),
            Case("empty", (Uniform((0, 3)), [3, 0])),
        ],
    ),
    moves("flatten", K.flatten, lambda x: (x,), [Case("scalar", (Uniform(()),)), Case("empty", (Uniform((0, 3)),))]),
    moves(
        "batch_flatten",
        K.batch_flatten,
        lambda x: (x,),
        [Case("rank-2", (Distinct((2, 3)),)), Case("rank-4", (Distinct((2, 3, 1, 4)),))],
    ),
    moves(
        "expand_dims",
        K.expand_dims,
        lambda x: (x,),
        [*by_axis([((2, 3), 0), ((2, 3), 1), ((2, 3), -1), ((2, 3), -2), ((2, 3), -3)]), Case("scalar", (Uniform(()),)), Case("empty", (Uniform((0,)),))],
    ),
    moves(
        "squeeze",
        K.squeeze,
        lambda x: (x, 1),
        [Case("first", (Distinct((1, 3)), 0)), Case("negative", (Distinct((3, 1)), -1)), Case("to-scalar", (Distinct((1,)), 0)), Case("empty", (Uniform((0, 1)), 1))],
        shape=(2, 1, 3),
    ),
    moves(
        "concatenate",
        K.concatenate,
        lambda x: ([x, x],),
        [
            *by_axis([((2, 3), 0), ((2, 3), 1), ((2, 3), -2), ((2, 3, 4), 1)], lambda x: ([x, x, x],)),
            Case("unequal-lengths", ([Distinct((2, 3)), Distinct((2, 1)), Distinct((2, 4))],)),
            Case("unequal-rows", ([Distinct((1, 3)), Distinct((4, 3))],), {"axis": 0}),
            Case("with-empty", ([Distinct((2, 0)), Distinct((2, 3))],)),
            Case("one", ([Distinct((2, 3))],)),
        ],
    ),
    moves(
        "stack",
        K.stack,
        lambda x: ([x, x],),
        [
            *by_axis([((2, 3), 1), ((2, 3), 2), ((2, 3), -1), ((2, 3), -2)], lambda x: ([x, x, x],)),
            Case("scalars", ([Uniform(()), Uniform(())],)),
            Case("one", ([Distinct((2, 3))],)),
            Case("empty", ([Uniform((0, 3)), Uniform((0, 3))],)),
        ],
    ),
    exact("cast", K.cast, casts(), EXACT),
    exact(
        "one_hot",
        K.one_hot,
        [
            Case("ordinary", (Values([0, 2, 1], "int32"), 3)),
            Case("matrix", (Uniform((3, 4), "int32", 0, 5), 5)),
            Case("out-of-range", (Values([-1, 0, 3, 7], "int32"), 3)),
            Case("one-class", (Values([0, 1], "int32"), 1)),
            Case("scalar", (Values(1, "int32"), 4)),
            Case("empty", (Uniform((0,), "int32"), 3)),
            Case("uint8", (Values([0, 1, 2], "uint8"), 3)),
        ],
        None,
    ),
]


def entropy_scale(target, output, **options):
    """Each term's magnitude, and what rounding a probability near 1 adds to its logarithm."""
    del target, options
    return float(np.max(np.abs(np.log(np.clip(output, 1e-7, None))), initial=0)) + 1


def logit_scale(target, output, **options):
    del target, options
    return float(np.max(np.abs(output), initial=0)) + 1


def crossentropy_scale(target, output, **options):
    scale = logit_scale if options.get("from_logits") else entropy_scale
    return scale(target, output)


def crossentropy(name, call, cases):
    return Row(name, call, cases, relative(), relative(2e-4), crossentropy_scale)


EDGES = "Keras clips at float32's neighbour of 1 - 1e-7, which is part of the value"

CROSSENTROPY = [
    crossentropy(
        "binary_crossentropy",
        K.binary_crossentropy,
        [
            Case("ordinary", (Uniform((3, 5), low=0, high=1), Uniform((3, 5), low=0.05, high=0.95))),
            Case("hard-targets", (Classes((4, 2)), Uniform((4, 2), low=0.05, high=0.95))),
            Case("one-column", (Values([[0.0], [1.0], [1.0]]), Uniform((3, 1), low=0.1, high=0.9))),
            Case("certain", (Values([0.0, 1.0, 0.0, 1.0]), Values([0.0, 1.0, 1.0, 0.0])), truth="keras"),
            Case("beyond", (Values([0.0, 1.0]), Values([-0.5, 1.5])), truth="keras"),
            Case("empty", (Uniform((0, 3)), Uniform((0, 3)))),
            Case("nan", (Values([0.0, NAN]), Values([NAN, 0.5])), gradient=False),
            Case("logits", (Uniform((3, 5), low=0, high=1), Uniform((3, 5))), {"from_logits": True}),
            Case("logits-huge", (Values([0.0, 1.0, 0.0, 1.0]), Values([100.0, 100.0, -100.0, -100.0])), {"from_logits": True}),
            Case("logits-float64", (Uniform((3, 5), "float64", 0, 1), Uniform((3, 5), "float64")), {"from_logits": True}),
            Case("float64", (Uniform((3, 5), "float64", 0, 1), Uniform((3, 5), "float64", 0.05, 0.95))),
            Case("odd-sizes", (Uniform((7, 13), low=0, high=1), Uniform((7, 13), low=0.05, high=0.95))),
        ],
    ),
    crossentropy(
        "categorical_crossentropy",
        K.categorical_crossentropy,
        [
            Case("ordinary", (Classes((3, 5)), Probabilities((3, 5)))),
            Case("soft-targets", (Probabilities((3, 5)), Probabilities((3, 5)))),
            Case("unscaled-output", (Classes((3, 5)), Uniform((3, 5), low=0.1, high=4))),
            Case("rank-3", (Classes((2, 3, 4)), Probabilities((2, 3, 4)))),
            Case("axis-1", (Uniform((2, 3, 4), low=0, high=1), Uniform((2, 3, 4), low=0.1, high=1)), {"axis": 1}),
            Case("certain", (Values([[1.0, 0.0], [0.0, 1.0]]), Values([[1.0, 0.0], [1.0, 0.0]])), truth="keras"),
            Case("empty", (Uniform((0, 3)), Uniform((0, 3)))),
            Case("logits", (Classes((3, 5)), Uniform((3, 5))), {"from_logits": True}),
            Case("logits-soft-targets", (Probabilities((3, 5)), Uniform((3, 5))), {"from_logits": True}),
            Case("logits-huge", (Classes((3, 4)), Uniform((3, 4), low=-500, high=500)), {"from_logits": True}),
            Case("float64", (Classes((3, 5), "float64"), Probabilities((3, 5), "float64"))),
            Case("logits-float64", (Classes((3, 5), "float64"), Uniform((3, 5), "float64")), {"from_logits": True}),
        ],
    ),
    crossentropy(
        "sparse_categorical_crossentropy",
        K.sparse_categorical_crossentropy,
        [
            Case("ordinary", (Uniform((3,), "int32", 0, 5), Probabilities((3, 5)))),
            Case("rank-3", (Uniform((2, 3), "int32", 0, 4), Probabilities((2, 3, 4)))),
            Case("unscaled-output", (Uniform((4,), "int32", 0, 5), Uniform((4, 5), low=0.1, high=4))),
            Case("certain", (Values([0, 1], "int32"), Values([[1.0, 0.0], [1.0, 0.0]])), truth="keras"),
            Case("float-targets", (Values([0.0, 2.0, 1.0]), Probabilities((3, 3)))),
            Case("logits", (Uniform((3,), "int32", 0, 5), Uniform((3, 5))), {"from_logits": True}),
            Case("logits-rank-3", (Uniform((2, 3), "int32", 0, 4), Uniform((2, 3, 4))), {"from_logits": True}),
            Case("logits-huge", (Uniform((4,), "int32", 0, 3), Uniform((4, 3), low=-500, high=500)), {"from_logits": True}),
            Case("logits-odd-sizes", (Uniform((13,), "int32", 0, 7), Uniform((13, 7))), {"from_logits": True}),
            Case("float64", (Uniform((3,), "int32", 0, 5), Probabilities((3, 5), "float64"))),
            Case("logits-float64", (Uniform((3,), "int32", 0, 5), Uniform((3, 5), "float64")), {"from_logits": True}),
            Case("logits-infinite", (Values([0, 1], "int32"), Values([[0.0, -INF], [-INF, 2.0]])), {"from_logits": True}, gradient=False),
        ],
    ),
]

OTHER = [
    moves("identity", tf.identity, lambda x: (x,)),
    moves("stop_gradient", K.stop_gradient, lambda x: (x,)),
    exact("zeros_like", K.zeros_like, [Case(c.name, c.args, gradient=False) for c in arrangement(lambda x: (x,))], None),
    exact("ones_like", K.ones_like, [Case(c.name, c.args, gradient=False) for c in arrangement(lambda x: (x,))], None),
    exact(
        "shape",
        K.shape,
        [Case(f"rank-{len(shape)}", (Uniform(shape),)) for shape in [(), (3,), (0, 2), (2, 1, 3)]],
        None,
    ),
    exact(
        "arange",
        K.arange,
        [
            Case("stop", (5,)),
            Case("start-and-stop", (2,), {"stop": 10}),
            Case("step", (2,), {"stop": 10, "step": 3}),
            Case("downward", (5,), {"stop": -4, "step": -2}),
            Case("lone-negative", (-3,)),
            Case("float32", (4,), {"dtype": "float32"}),
            Case("float64", (1,), {"stop": 4, "dtype": "float64"}),
        ],
        None,
    ),
]

ROWS = [*UNARY, *BINARY, *COMPARISON, *REDUCTION, *MATRIX, *MOVEMENT, *CROSSENTROPY, *OTHER]
