"""The elements of a case's inputs: the same as src/workloads/data.ts."""

import numpy as np


def data_of(spec, place):
    """The array of the input at a place among inputs; the hash is the finalizer of MurmurHash3."""
    size = int(np.prod(spec["shape"]))
    with np.errstate(over="ignore"):
        h = np.arange(1, size + 1, dtype=np.uint32) + np.uint32(place * 100_000_007 % 2**32)
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        h = h ^ (h >> np.uint32(16))
    values = spec["low"] + h / 2**32 * (spec["high"] - spec["low"])
    dtype = np.int32 if spec["dtype"] == "int32" else np.float32
    return np.floor(values).astype(dtype).reshape(spec["shape"]) if dtype == np.int32 else values.astype(dtype).reshape(spec["shape"])


def channels_first(array, layout):
    """The same with channels first, for libraries that want it so."""
    if layout == "image":
        return np.ascontiguousarray(array.transpose(0, 3, 1, 2))
    if layout == "kernel":
        return np.ascontiguousarray(array.transpose(3, 2, 0, 1))
    if layout == "plain":
        return array
    split = array.reshape(*layout["rows"], array.shape[1]).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(split).reshape(array.shape)


def evaluate(graph, table, inputs):
    """The output of a graph, from a value for each input; `table` has a function for each op."""
    values = list(inputs)
    for node in graph["nodes"]:
        values.append(table[node["op"]](*[values[i] for i in node["inputs"]], **node["attributes"]))
    return values[-1]


def root_mean_square(arrays):
    """Of all elements together."""
    arrays = [np.asarray(array, dtype=np.float64).ravel() for array in arrays]
    return np.sqrt(np.mean(np.concatenate(arrays) ** 2))
