import type { Case, Task, Workload } from "./case.ts";
import { GraphBuilder } from "./graph.ts";

const [samples, time, features, units] = [32, 32, 64, 64] as const;

function lstm(name: string, task: Task): Case {
  const build = new GraphBuilder();
  const x = build.input([samples, time, features]);
  const weights = [
    build.weight([features, 4 * units]),
    build.weight([units, 4 * units]),
    build.weight([4 * units]),
  ];
  const last = build.op("lstm", [x, ...weights], { time, units });
  if (task.kind === "train") {
    const logits = build.op("dense", [last, build.weight([units, 10]), build.weight([10])], {
      activation: null,
    });
    const labels = build.input([samples], { dtype: "int32", low: 0, high: 10 });
    build.op("crossentropy", [logits, labels], { classes: 10 });
  }
  return { name, graph: build.graph(), task, work: null };
}

export const recurrent: Workload = {
  name: "lstm",
  title: "LSTM",
  description:
    "64 units over 32 steps of 32 samples with 64 features. Training adds a dense layer of 10, crossentropy and Adam. " +
    "jax-js has no loop: its steps are unrolled into one jitted function.",
  cases: [lstm("forward", { kind: "value" }), lstm("training step", { kind: "train" })],
};
