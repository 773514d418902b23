"""Functions that move, copy or convert elements."""

import tensorflow as tf
from keras import backend as K

from inputs import Distinct, Uniform, Values
from suites import INF, NAN, Case, arrangement
from tolerance import EXACT

from .row import exact


def moves(name, call, arguments, extra=(), **more):
    cases = [
        Case(c.name, c.args, c.options, c.gradient, signed_zero=True) for c in arrangement(arguments, **more)
    ]
    return exact(name, call, [*cases, *extra], EXACT)


def by_axis(shapes_and_axes, call=lambda x: (x,)):
    return [
        Case(
            f"axis-{axis}-of-rank-{len(shape)}".replace("--", "-minus-"),
            call(Distinct(shape)),
            {"axis": axis},
        )
        for shape, axis in shapes_and_axes
    ]


CAST_VALUES = [0.0, -0.0, 0.4, 0.9, -0.9, 1.5, 2.5, -1.5, 100.7, 255.0, -1000.0, 1e5]


def casts():
    cases = [
        Case(
            f"float32-to-{dtype}",
            (Values(CAST_VALUES if dtype != "uint8" else CAST_VALUES[:4] + CAST_VALUES[8:10]), dtype),
        )
        for dtype in ("float16", "float32", "float64", "int32", "uint8", "bool")
    ]
    cases += [
        Case("special-to-float64", (Values([NAN, INF, -INF, 3e38]), "float64"), gradient=False),
        Case(
            "special-to-float16",
            (Values([NAN, INF, -INF, 3e38, 65519.0, 65520.0, 1e-8, 6e-8]), "float16"),
            gradient=False,
        ),
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


ROWS = [
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
    moves(
        "flatten",
        K.flatten,
        lambda x: (x,),
        [Case("scalar", (Uniform(()),)), Case("empty", (Uniform((0, 3)),))],
    ),
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
        [
            *by_axis([((2, 3), 0), ((2, 3), 1), ((2, 3), -1), ((2, 3), -2), ((2, 3), -3)]),
            Case("scalar", (Uniform(()),)),
            Case("empty", (Uniform((0,)),)),
        ],
    ),
    moves(
        "squeeze",
        K.squeeze,
        lambda x: (x, 1),
        [
            Case("first", (Distinct((1, 3)), 0)),
            Case("negative", (Distinct((3, 1)), -1)),
            Case("to-scalar", (Distinct((1,)), 0)),
            Case("empty", (Uniform((0, 1)), 1)),
        ],
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

ROWS += [
    moves("identity", tf.identity, lambda x: (x,)),
    moves("stop_gradient", K.stop_gradient, lambda x: (x,)),
    exact(
        "zeros_like",
        K.zeros_like,
        [Case(c.name, c.args, gradient=False) for c in arrangement(lambda x: (x,))],
        None,
    ),
    exact(
        "ones_like",
        K.ones_like,
        [Case(c.name, c.args, gradient=False) for c in arrangement(lambda x: (x,))],
        None,
    ),
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
