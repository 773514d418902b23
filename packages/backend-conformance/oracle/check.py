"""Compares freshly made vectors with checked-in ones: `generate.py --check`."""

import base64

import numpy as np

from tolerance import UNIT, Tolerance, misses


def decode(tensor: dict) -> np.ndarray:
    dtype = np.dtype(tensor["dtype"])
    if "base64" in tensor:
        flat = np.frombuffer(base64.b64decode(tensor["base64"]), dtype.newbyteorder("<")).astype(dtype)
    elif "repeat" in tensor:
        flat = np.resize(np.array(tensor["repeat"], dtype), int(np.prod(tensor["shape"])))
    else:
        flat = np.array([float(value) for value in tensor["data"]], np.float64).astype(dtype)
    return flat.reshape(tensor["shape"])


def scale(value, shape):
    return np.array(value, np.float64).reshape(shape) if isinstance(value, list) else value


def outputs(document: dict, case: dict):
    """Every tensor that the oracle computed, with what it is compared by."""
    rule = Tolerance(**document["tolerance"])
    yield "output", case["output"], rule, case.get("scale", 0)
    for i, tensor in enumerate(case.get("gradient", {}).get("inputs", [])):
        yield f"gradient {i}", tensor, Tolerance(**document["gradientTolerance"]), (tensor or {}).get(
            "scale", 0
        )


def differences(old: dict, new: dict) -> list[str]:
    found = []
    before = {case["id"]: case for case in old["cases"]}
    if list(before) != [case["id"] for case in new["cases"]]:
        return [f"{new['function']}: the list of cases differs"]
    for case in new["cases"]:
        was = before[case["id"]]
        inputs = ("args", "options", "dtype", "length")
        same = all(was.get(key) == case.get(key) for key in inputs)
        if not same or was.get("gradient", {}).get("cotangent") != case.get("gradient", {}).get("cotangent"):
            found.append(f"{case['id']}: the inputs differ")
            continue
        pairs = zip(outputs(old, was), outputs(new, case))
        for (what, past, rule, size), (_, present, _, _) in pairs:
            if past is None or present is None:
                if past is not present:
                    found.append(f"{case['id']}, {what}: one of the two is null")
                continue
            a, b = decode(past), decode(present)
            if a.dtype != b.dtype or a.shape != b.shape:
                found.append(f"{case['id']}, {what}: dtype or shape differ")
            elif a.dtype.name not in UNIT and not np.array_equal(a, b):
                found.append(f"{case['id']}, {what}: values differ")
            elif (
                a.dtype.name in UNIT
                and misses(b, a, rule, scale(size, a.shape), was.get("length", 0), 0.5).any()
            ):
                found.append(f"{case['id']}, {what}: more than half of the tolerance apart")
    return found
