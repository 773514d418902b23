import type { Bench, BenchOptions, Contender } from "../bench.ts";
import { folderVariable } from "../libraries/onnx.ts";
import { racer } from "../racer.ts";
import type { Workload } from "../workloads/case.ts";
import { workloads } from "../workloads/index.ts";

const program = new URL("../programs/race.ts", import.meta.url).pathname;
const script = new URL("../../python/race.py", import.meta.url).pathname;

/** Python packages under the names of their files in `python/libraries`, and what they are called. */
const inPython: Readonly<Record<string, readonly [file: string, name: string]>> = {
  tensorflow: ["tf_function", "TensorFlow"],
  torch: ["torch_eager", "PyTorch"],
  numpy: ["plain_numpy", "NumPy"],
};

/** Where the engine's variant of that name runs: see its options. */
const hasRevectorize = process.arch === "x64" && Number.parseInt(process.versions.node, 10) >= 24;

/** One bench for each workload, in which all libraries do the same on the same data. */
export const races: readonly Bench[] = workloads.map((workload) => ({
  name: workload.name,
  title: workload.title,
  description:
    `${workload.description} Milliseconds, and how many times them the others take. ` +
    "Best / median of all runs.",
  measures: workload.cases.map(({ name }) => ({ key: name, title: name, unit: "ms", ratio: true })),
  measuresAsRows: true,
  contenders: (options) => options.threads.flatMap((threads) => contenders(workload, options, threads)),
}));

/** With several threads only those take part that can use them. */
function contenders(workload: Workload, options: BenchOptions, threads: number): Contender[] {
  const cases = workload.cases.map(({ name }) => name);
  const node = (
    name: string,
    parameters: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ) =>
    racer({
      name,
      threads,
      cases,
      command: process.execPath,
      // Packages are resolved as they are here: from source, or as they were built.
      parameters: (chosen) => [...process.execArgv, program, workload.name, chosen.join(","), ...parameters],
      environment,
    });
  const ours = (backend: string) =>
    node(`polykeras ${backend}`, ["polykeras"], {
      KERAS_BACKEND: backend,
      POLYKERAS_THREADS: String(threads),
    });
  const alone: readonly Contender[] = [
    node("tfjs-wasm", ["tfjs", "wasm"]),
    node("tfjs-cpu", ["tfjs", "cpu"]),
    node("jax-js", ["jax"]),
  ];
  const { onnxRuntime, python, pythonPackages } = options;
  const onnx =
    onnxRuntime === null
      ? []
      : [node("ONNX Runtime", ["onnx", String(threads)], { [folderVariable]: onnxRuntime })];
  return [
    ours("cpu"),
    ...(hasRevectorize ? [ours("cpu:revectorize")] : []),
    { ...node("limit", ["limit", String(threads)]), isLimit: true },
    ...(threads === 1 ? alone : []),
    ...onnx,
    ...pythonPackages.flatMap((of) => {
      const [file, name] = inPython[of] ?? [];
      if (python === null || file === undefined || name === undefined) return [];
      return [
        racer({
          name,
          threads,
          cases,
          command: python,
          parameters: (chosen) => [script, file, String(threads), chosen.join(",")],
          environment: threadsInPython(threads),
          stdin: JSON.stringify(workload.cases),
        }),
      ];
    }),
  ];
}

function threadsInPython(threads: number): Record<string, string> {
  const names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];
  const counts = Object.fromEntries(names.map((name) => [name, String(threads)]));
  const quiet = { TF_CPP_MIN_LOG_LEVEL: "3", CUDA_VISIBLE_DEVICES: "-1", PYTHONDONTWRITEBYTECODE: "1" };
  return { ...counts, ...quiet };
}
