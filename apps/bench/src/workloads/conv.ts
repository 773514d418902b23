import type { Case, Task, Workload } from "./case.ts";
import { GraphBuilder } from "./graph.ts";

const [batch, side, channels, filters] = [32, 28, 32, 64] as const;
const flops = 2 * batch * side * side * 9 * channels * filters;

function conv(name: string, task: Task, products: number): Case {
  const build = new GraphBuilder();
  const x = build.input([batch, side, side, channels], { layout: "image" });
  build.op("conv", [x, build.weight([3, 3, channels, filters], "kernel")], {});
  return { name, graph: build.graph(), task, work: { of: "flops", amount: flops * products } };
}

export const conv2d: Workload = {
  name: "conv",
  title: "Convolution",
  description:
    "32 x 28 x 28 x 32 with 64 kernels of 3 x 3 x 32, padding `same`, and its gradients for a cotangent of ones. " +
    "Operations are those of the direct algorithm: one with fewer multiplications may pass the limit. " +
    "TensorFlow.js and jax-js always compute the forward pass with a gradient; TensorFlow leaves it out, as we do, and PyTorch keeps that of the first time.",
  cases: [
    conv("forward", { kind: "value" }, 1),
    conv("gradient of the input", { kind: "gradient", of: [0] }, 1),
    conv("gradient of the kernel", { kind: "gradient", of: [1] }, 1),
    conv("both gradients", { kind: "gradient", of: [0, 1] }, 2),
  ],
};
