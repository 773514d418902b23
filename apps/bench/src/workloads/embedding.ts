import type { Case, Task, Workload } from "./case.ts";
import { GraphBuilder } from "./graph.ts";

const [rows, width, samples, length] = [10_000, 64, 32, 64] as const;

function embedding(name: string, task: Task): Case {
  const build = new GraphBuilder();
  const table = build.weight([rows, width]);
  const indices = build.input([samples, length], { dtype: "int32", low: 0, high: rows });
  build.op("gather", [table, indices], {});
  const work =
    task.kind === "value" ? ({ of: "copy", amount: 2 * 4 * samples * length * width } as const) : null;
  return { name, graph: build.graph(), task, work };
}

export const lookup: Workload = {
  name: "embedding",
  title: "Embedding",
  description:
    "2,048 rows of a table of 10,000 x 64, and the gradient of the table for a cotangent of ones, as a dense array.",
  cases: [
    embedding("forward", { kind: "value" }),
    embedding("gradient of the table", { kind: "gradient", of: [0] }),
  ],
};
