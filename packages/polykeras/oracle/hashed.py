"""Values that the tests of polykeras repeat, so that only results are stored."""

import numpy as np


def values(count, salt):
    """Values in [0, 1): the upper 24 bits of a multiplicative hash, exact in float32."""
    index = np.arange(count, dtype=np.uint64) + np.uint64(salt * 7919 + 1)
    x = (index * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    x = (x ^ (x >> np.uint64(15))) & np.uint64(0xFFFFFFFF)
    x = (x * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    x = (x ^ (x >> np.uint64(13))) & np.uint64(0xFFFFFFFF)
    return ((x >> np.uint64(8)).astype(np.float64) / 2.0**24).astype(np.float32)


def short(value):
    """Nine significant digits: all that a float32 has."""
    if isinstance(value, dict):
        return {k: short(v) for k, v in value.items()}
    if isinstance(value, list):
        return [short(v) for v in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
