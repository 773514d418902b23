"""Tolerances: how far a result may lie from the truth. src/compare/ applies the same rules."""

from dataclasses import dataclass

import numpy as np

UNIT = {"float16": 2.0**-11, "float32": 2.0**-24, "float64": 2.0**-53}
SMALLEST_NORMAL = {"float16": 2.0**-14, "float32": 2.0**-126, "float64": 2.0**-1022}


@dataclass(frozen=True)
class Tolerance:
    """
    rule "exact": the value itself (any NaN is NaN, -0 is 0).
    rule "ulp": so many units in the last place of the larger of |truth| and scale.
    rule "sum": (length + 2) unit roundoffs of the scale, the bound that every order of summation keeps,
    but never more than the ceiling given; the scale is the sum of the magnitudes of the terms.
    rule "relative": a part of the larger of |truth| and scale.
    """

    rule: str
    float16: float = 0
    float32: float = 0
    float64: float = 0

    def encode(self) -> dict:
        limits = {dtype: getattr(self, dtype) for dtype in UNIT} if self.rule != "exact" else {}
        return {"rule": self.rule} | limits

    def tenfold(self) -> "Tolerance":
        return Tolerance(self.rule, 10 * self.float16, 10 * self.float32, 10 * self.float64)

    def allowed(self, want: np.ndarray, scale, length: int, widen: float = 1) -> np.ndarray:
        dtype = want.dtype.name
        size = np.maximum(np.abs(want.astype(np.float64)), scale)
        limit = getattr(self, dtype, 0)
        if self.rule == "exact":
            return np.zeros(want.shape)
        if self.rule == "ulp":
            exponent = np.floor(np.log2(np.maximum(size, SMALLEST_NORMAL[dtype])))
            return widen * limit * 2 * UNIT[dtype] * 2.0**exponent
        if self.rule == "sum":
            return widen * np.minimum(limit, (length + 2) * UNIT[dtype]) * size
        return widen * limit * size


EXACT = Tolerance("exact")
SUM = Tolerance("sum", 2e-3, 2e-5, 1e-13)
GRADIENT_SUM = Tolerance("sum", 2e-2, 2e-4, 1e-12)


def ulp(count: float) -> Tolerance:
    return Tolerance("ulp", count, count, count)


def relative(float32: float = 2e-5) -> Tolerance:
    return Tolerance("relative", 4e-3, float32, 1e-13)


def misses(got: np.ndarray, want: np.ndarray, tolerance: Tolerance, scale, length: int, widen: float = 1):
    """A mask of the elements that differ by more than is allowed."""
    g, w = got.astype(np.float64), want.astype(np.float64)
    with np.errstate(all="ignore"):
        close = np.abs(g - w) <= tolerance.allowed(want, scale, length, widen)
        same = (g == w) | (np.isnan(g) & np.isnan(w))
        if want.dtype.name in UNIT:
            tiny = SMALLEST_NORMAL[want.dtype.name]
            # Engines may flush what is below the smallest normal number to zero.
            same |= (np.abs(w) < tiny) & (np.abs(g) <= tiny)
    return ~(same | (close & np.isfinite(w)))
