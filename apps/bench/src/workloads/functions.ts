import type { Case, Work, Workload } from "./case.ts";
import { GraphBuilder, type OpName, type Ops } from "./graph.ts";

const shape = [1000, 1000];
const bytes = 4_000_000;
const copied: Work = { of: "copy", amount: 2 * bytes };
const read: Work = { of: "read", amount: bytes };

function of<O extends OpName>(name: string, op: O, attributes: Ops[O], work: Work): Case {
  const build = new GraphBuilder();
  build.op(op, [build.input(shape, { low: work === read ? 0 : -4, high: 4 })], attributes);
  return { name, graph: build.graph(), task: { kind: "value" }, work };
}

export const functions: Workload = {
  name: "functions",
  title: "Functions and sums",
  description:
    "1,000 x 1,000 elements; softmax over the last axis. The limits are copying, and for sums reading, all of them.",
  cases: [
    of("exp", "exp", {}, copied),
    of("tanh", "tanh", {}, copied),
    of("sigmoid", "sigmoid", {}, copied),
    of("softmax", "softmax", {}, copied),
    of("sum of all", "sum", { axes: [0, 1] }, read),
    of("sum of rows", "sum", { axes: [1] }, read),
    of("sum of columns", "sum", { axes: [0] }, read),
  ],
};
