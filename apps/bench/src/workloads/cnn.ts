import type { Case, Task, Workload } from "./case.ts";
import { classify, operations } from "./classifier.ts";
import { GraphBuilder } from "./graph.ts";

const batch = 32;
const flops = 2 * batch * (28 * 28 * 9 * 32 + 14 * 14 * 9 * 32 * 64 + 7 * 7 * 64 * 128 + 128 * 10);

function cnn(name: string, task: Task): Case {
  const build = new GraphBuilder();
  const x = build.input([batch, 28, 28, 1], { low: 0, layout: "image" });
  const block = (input: typeof x, channels: number, filters: number): typeof x => {
    const weights = [build.weight([3, 3, channels, filters], "kernel"), build.weight([filters])];
    return build.op("maxPool", [build.op("convBias", [input, ...weights], { activation: "relu" })], {});
  };
  const features = build.op("flatten", [block(block(x, 1, 32), 32, 64)], {});
  const hidden = build.op(
    "dense",
    [features, build.weight([7 * 7 * 64, 128], { rows: [7, 7, 64] }), build.weight([128])],
    { activation: "relu" },
  );
  const logits = build.op("dense", [hidden, build.weight([128, 10]), build.weight([10])], {
    activation: null,
  });
  classify(build, logits, batch, task);
  // The first layer's input needs no gradient.
  const work = operations(task, flops);
  return { name, graph: build.graph(), task, work };
}

export const convolutional: Workload = {
  name: "cnn",
  title: "A small CNN",
  description:
    "32 images of 28 x 28: convolutions of 32 and 64 kernels of 3 x 3, each with bias, relu and pooling of 2 x 2, then " +
    "dense layers of 128 and 10. Training adds crossentropy and Adam. Operations of training count as three times the forward ones.",
  cases: [cnn("forward", { kind: "value" }), cnn("training step", { kind: "train" })],
};
