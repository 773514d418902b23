import type { Case, Workload } from "./case.ts";
import { GraphBuilder } from "./graph.ts";

function square(n: number): Case {
  const build = new GraphBuilder();
  build.op("matmul", [build.input([n, n]), build.input([n, n])], { transposeB: false, rank: 2 });
  const work = { of: "flops", amount: 2 * n ** 3 } as const;
  return { name: `${n} x ${n} . ${n} x ${n}`, graph: build.graph(), task: { kind: "value" }, work };
}

function batched(batch: number, m: number, k: number, n: number): Case {
  const build = new GraphBuilder();
  build.op("matmul", [build.input([batch, m, k]), build.input([batch, n, k])], { transposeB: true, rank: 3 });
  const work = { of: "flops", amount: 2 * batch * m * k * n } as const;
  const name = `${batch} of ${m} x ${k} . transposed ${n} x ${k}`;
  return { name, graph: build.graph(), task: { kind: "value" }, work };
}

function dense(m: number, k: number, n: number, activation: "relu" | null): Case {
  const build = new GraphBuilder();
  build.op("dense", [build.input([m, k]), build.weight([k, n]), build.weight([n])], { activation });
  // One row uses each weight once: reading them is what takes the time.
  const flops = { of: "flops", amount: 2 * m * k * n } as const;
  const work = m === 1 ? ({ of: "read", amount: 4 * k * n } as const) : flops;
  const name = `${activation ?? "dense"}: ${m} x ${k} . ${k} x ${n} + bias`;
  return { name, graph: build.graph(), task: { kind: "value" }, work };
}

export const matmul: Workload = {
  name: "matmul",
  title: "Matrix products",
  description:
    "Square ones, a batch as in attention, and dense layers, most of them skinny, with their bias. The limit is one " +
    "core's peak of multiplications and additions on 128-bit vectors; with one row, reading the weights.",
  cases: [
    ...[64, 128, 256, 512, 1024].map(square),
    batched(32, 64, 32, 64),
    dense(128, 20, 64, "relu"),
    dense(128, 64, 1, null),
    dense(32, 784, 128, "relu"),
    dense(256, 128, 10, null),
    dense(1, 4096, 1000, null),
    dense(1024, 32, 32, "relu"),
  ],
};
