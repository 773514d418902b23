"""Runs cases of a workload with a library, and prints one line of JSON for each.

Parameters: the library (a module of `libraries`), the number of threads, and which cases. The cases come as JSON on
stdin, as `src/workloads` defines them.
"""

import importlib
import json
import math
import os
import sys
import time


clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter


def time_batch(run, count):
    begin = clock()
    for _ in range(count):
        run()
    return (clock() - begin) * 1000


def batch_size(batch, single):
    return max(1, min(math.ceil(batch / max(single, 1e-5)), 10_000))


def measure(run, warm=250, measured=250, batch=2, most=2000):
    """The same rules as src/timing.ts: the least and the middle milliseconds of a run."""
    runs = single = spent = 0
    while (spent < warm or runs < 3) and spent < most:
        count = batch_size(batch / 2, single) if runs else 1
        took = time_batch(run, count)
        single = took / count
        spent += took
        runs += count
    count = batch_size(batch, single)
    batches, spent = [], 0
    while (spent < measured or len(batches) < 5) and (spent < most or not batches):
        took = time_batch(run, count)
        spent += took
        batches.append(took / count)
    batches.sort()
    return batches[0], batches[(len(batches) - 1) // 2]


library, threads, chosen = sys.argv[1], int(sys.argv[2]), [int(i) for i in sys.argv[3].split(",")]
cases = json.load(sys.stdin)
prepare = importlib.import_module(f"libraries.{library}").library(threads)
for index in chosen:
    case = cases[index]
    try:
        run, check = prepare(case)
        line = {"check": float(check())}
        line["best"], line["median"] = measure(run)
    except NotImplementedError as error:
        line = {"left_out": str(error)}
    except Exception as error:
        line = {"failure": f"{type(error).__name__}: {error}"}
    print(json.dumps({"case": case["name"], **line}), flush=True)
