import type { Bench } from "../bench.ts";
import { inChromium } from "../chromium.ts";

/** One of our engines on a device, and that of TensorFlow.js for the same interface, both in chromium. */
function onDevice(mode: "webgpu" | "webgl2", peer: string, title: string): Bench {
  return {
    name: `chromium-${mode}`,
    title: `${title} in chromium`,
    description:
      `gpu:${mode} beside TensorFlow.js on ${peer}, each in a page of a headless chromium with SwiftShader, a rasteriser ` +
      "in software: both interfaces without a GPU. Data and results stay on the device; a batch of runs ends with a " +
      "reading of the last result, so that all work is done, and some elements of it are checked. A training step is " +
      "`trainOnBatch` of the MLP demo on 128 samples, with its loss and accuracy read. Best / median; the last column " +
      "has our times as multiples.",
    measuresAsRows: true,
    corner: "one run",
    isOnRequest: true,
    measures: [
      ["chain", "relu(2 x + 0.5) x - 0.25, 1e6"],
      ["functions", "tanh(exp(-relu(2 x + 0.5)) x), 1e6"],
      ["matmul256", "256 x 256 . 256 x 256"],
      ["matmul512", "512 x 512 . 512 x 512"],
      ["conv", "conv 8 x 28 x 28 x 32 . 3 x 3 x 32 x 64"],
      ["step", "training step of the MLP demo"],
    ].map(([key = "", name = ""]) => ({ key, title: name, unit: "ms", ratio: true })),
    contenders: () => [
      inChromium(`TensorFlow.js ${peer}`, { library: "tfjs", engine: peer }),
      inChromium(`polykeras gpu:${mode}`, { library: "polykeras", engine: mode }),
    ],
  };
}

export const webgpu: Bench = onDevice("webgpu", "webgpu", "WebGPU");
export const webgl2: Bench = onDevice("webgl2", "webgl", "WebGL2");
