import type { Case, Task, Workload } from "./case.ts";
import { classify, operations } from "./classifier.ts";
import { GraphBuilder, type Value } from "./graph.ts";

const [batch, length, width, heads, inner, blocks] = [8, 64, 128, 4, 512, 2] as const;
const depth = width / heads;
const tokens = batch * length;
const perBlock = 2 * tokens * (4 * width * width + 2 * width * inner) + 4 * batch * length * length * width;
const flops = blocks * perBlock + 2 * batch * width * 10;

function transformer(name: string, task: Task): Case {
  const build = new GraphBuilder();
  const dense = (x: Value, from: number, to: number, activation: "relu" | null = null): Value =>
    build.op("dense", [x, build.weight([from, to]), build.weight([to])], { activation });
  const norm = (x: Value): Value => {
    const scale = { low: 0.9, high: 1.1, weight: true };
    return build.op("layerNorm", [x, build.input([width], scale), build.weight([width])], {});
  };
  const split = (x: Value): Value => {
    const parts = build.op("reshape", [x], { shape: [batch, length, heads, depth] });
    return build.op("transpose", [parts], { axes: [0, 2, 1, 3] });
  };
  let x = build.input([batch, length, width]);
  for (let block = 0; block < blocks; block += 1) {
    const seen = norm(x);
    const [query, key, value] = [0, 1, 2].map(() => split(dense(seen, width, width)));
    if (!query || !key || !value) throw new RangeError("three projections");
    const products = build.op("matmul", [query, key], { transposeB: true, rank: 4 });
    const scores = build.op("multiplyNumber", [products], { value: 1 / Math.sqrt(depth) });
    const mixed = build.op("matmul", [build.op("softmax", [scores], {}), value], {
      transposeB: false,
      rank: 4,
    });
    const back = build.op("transpose", [mixed], { axes: [0, 2, 1, 3] });
    const joined = build.op("reshape", [back], { shape: [batch, length, width] });
    x = build.op("add", [x, dense(joined, width, width)], {});
    x = build.op("add", [x, dense(dense(norm(x), width, inner, "relu"), inner, width)], {});
  }
  const logits = dense(build.op("mean", [x], { axes: [1] }), width, 10);
  classify(build, logits, batch, task);
  const work = operations(task, flops);
  return { name, graph: build.graph(), task, work };
}

export const attention: Workload = {
  name: "transformer",
  title: "A small transformer",
  description:
    "Two blocks of 128 with 4 heads and 512 inner units, normalised before each part, on 8 sequences of 64 vectors; the " +
    "mean over time goes into a dense layer of 10. Training adds crossentropy and Adam. Operations are those of the products; training counts as three times the forward ones.",
  cases: [transformer("forward", { kind: "value" }), transformer("training step", { kind: "train" })],
};
