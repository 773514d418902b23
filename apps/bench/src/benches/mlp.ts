import type { Bench } from "../bench.ts";
import { ours, python, tfjsLayers } from "../processes.ts";

/** The demo's training, from building the model to evaluating it. */
export const mlp: Bench = {
  name: "mlp",
  title: "The MLP demo",
  description:
    "20 > 64 > 64 > 1 with dropout, 1,000 samples, 20 epochs of 8 steps, then evaluate: from building the model to " +
    "evaluating it, compiling included. Loading the library and starting the engine are not counted, for anyone. " +
    "`first` is in a new process, `second` a freshly built second model in the same process. Best / median.",
  measures: [
    { key: "first", title: "first", unit: "ms", ratio: true },
    { key: "second", title: "second", unit: "ms", ratio: true },
  ],
  contenders: ({ python: interpreter }) => [
    ...["cpu", "tfjs:wasm", "tfjs:cpu", "gpu:webasm", "reference"].map((engine) =>
      ours(new URL("../programs/mlp-ours.ts", import.meta.url), engine),
    ),
    ...["wasm", "cpu"].map((engine) =>
      tfjsLayers(new URL("../programs/mlp-tfjs-layers.ts", import.meta.url), engine),
    ),
    ...(interpreter === null ? [] : [python(interpreter, "mlp.py")]),
  ],
};
