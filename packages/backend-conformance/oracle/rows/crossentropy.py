"""Crossentropies."""

import numpy as np
from keras import backend as K

from inputs import Classes, Probabilities, Uniform, Values
from suites import INF, NAN, Case
from tolerance import relative

from .row import Row


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


ROWS = [
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
            Case(
                "logits-huge",
                (Values([0.0, 1.0, 0.0, 1.0]), Values([100.0, 100.0, -100.0, -100.0])),
                {"from_logits": True},
            ),
            Case(
                "logits-float64",
                (Uniform((3, 5), "float64", 0, 1), Uniform((3, 5), "float64")),
                {"from_logits": True},
            ),
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
            Case(
                "axis-1",
                (Uniform((2, 3, 4), low=0, high=1), Uniform((2, 3, 4), low=0.1, high=1)),
                {"axis": 1},
            ),
            Case(
                "certain", (Values([[1.0, 0.0], [0.0, 1.0]]), Values([[1.0, 0.0], [1.0, 0.0]])), truth="keras"
            ),
            Case("empty", (Uniform((0, 3)), Uniform((0, 3)))),
            Case("logits", (Classes((3, 5)), Uniform((3, 5))), {"from_logits": True}),
            Case("logits-soft-targets", (Probabilities((3, 5)), Uniform((3, 5))), {"from_logits": True}),
            Case(
                "logits-huge", (Classes((3, 4)), Uniform((3, 4), low=-500, high=500)), {"from_logits": True}
            ),
            Case("float64", (Classes((3, 5), "float64"), Probabilities((3, 5), "float64"))),
            Case(
                "logits-float64",
                (Classes((3, 5), "float64"), Uniform((3, 5), "float64")),
                {"from_logits": True},
            ),
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
            Case(
                "logits-rank-3", (Uniform((2, 3), "int32", 0, 4), Uniform((2, 3, 4))), {"from_logits": True}
            ),
            Case(
                "logits-huge",
                (Uniform((4,), "int32", 0, 3), Uniform((4, 3), low=-500, high=500)),
                {"from_logits": True},
            ),
            Case(
                "logits-odd-sizes", (Uniform((13,), "int32", 0, 7), Uniform((13, 7))), {"from_logits": True}
            ),
            Case("float64", (Uniform((3,), "int32", 0, 5), Probabilities((3, 5), "float64"))),
            Case(
                "logits-float64",
                (Uniform((3,), "int32", 0, 5), Uniform((3, 5), "float64")),
                {"from_logits": True},
            ),
            Case(
                "logits-infinite",
                (Values([0, 1], "int32"), Values([[0.0, -INF], [-INF, 2.0]])),
                {"from_logits": True},
                gradient=False,
            ),
        ],
    ),
]
