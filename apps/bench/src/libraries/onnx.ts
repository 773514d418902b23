import { createRequire } from "node:module";
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { channelsFirst, dataOf } from "../workloads/data.ts";
import type { Case } from "../workloads/case.ts";
import { type LeftOut, type Library, type Prepared, rootMeanSquare } from "./library.ts";
import { OnnxModel } from "./onnx-model.ts";

/** The names of the package that are used here. */
interface Runtime {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

/** The folder of the package `onnxruntime-node`, which is installed apart: see `peers.ts`. */
export const folderVariable = "BENCH_ONNXRUNTIME_FOLDER";

/** ONNX Runtime: inputs are arrays of the host, which it reads in place; each run makes its output anew. */
export function load(threads: number): Promise<Library> {
  const runtime: Runtime = createRequire(import.meta.url)(process.env[folderVariable] ?? "onnxruntime-node");
  return Promise.resolve({ prepare: (of) => prepare(runtime, threads, of) });
}

async function prepare(
  runtime: Runtime,
  threads: number,
  { graph, task }: Case,
): Promise<Prepared | LeftOut> {
  if (task.kind !== "value") return { leftOut: "inference alone" };
  const session = await runtime.InferenceSession.create(new OnnxModel(graph).bytes(), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
  });
  const feeds: Record<string, Tensor> = {};
  for (const [place, input] of graph.inputs.entries()) {
    if (input.weight) continue;
    const { data, shape } = channelsFirst(dataOf(input, place), input);
    feeds[`in${place}`] =
      data instanceof Int32Array
        ? new runtime.Tensor("int32", data, shape)
        : new runtime.Tensor("float32", data, shape);
  }
  return {
    dispose: () => void session.release(),
    async run() {
      await session.run(feeds);
    },
    async check() {
      const { data } = (await session.run(feeds))["out"] ?? {};
      if (!(data instanceof Float32Array)) throw new TypeError("the model has no output of floats");
      return rootMeanSquare([data]);
    },
  };
}
