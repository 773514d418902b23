import type { Bench } from "../bench.ts";
import { ours, tfjsLayers } from "../processes.ts";

/** One training step once everything is compiled and warm. */
export const step: Bench = {
  name: "step",
  title: "A training step of the MLP demo, warm",
  description: "`trainOnBatch` on 128 samples, the mean of 400 steps after 200 others. Best / median.",
  measures: [{ key: "step", title: "step", unit: "ms", ratio: true }],
  contenders: () => [
    ...["cpu", "tfjs:wasm", "gpu:webasm"].map((engine) =>
      ours(new URL("../programs/step-ours.ts", import.meta.url), engine),
    ),
    tfjsLayers(new URL("../programs/step-tfjs-layers.ts", import.meta.url), "wasm"),
  ],
};
