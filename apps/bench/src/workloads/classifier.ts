import type { Task, Work } from "./case.ts";
import type { GraphBuilder, Value } from "./graph.ts";

/** The end of a network of ten classes: their probabilities, or in training the crossentropy with labels. */
export function classify(build: GraphBuilder, logits: Value, samples: number, task: Task): void {
  if (task.kind === "train") {
    const labels = build.input([samples], { dtype: "int32", low: 0, high: 10 });
    build.op("crossentropy", [logits, labels], { classes: 10 });
  } else build.op("softmax", [logits], {});
}

/** Operations of a case: those of training count as three times the forward ones. */
export function operations(task: Task, forward: number): Work {
  return { of: "flops", amount: task.kind === "train" ? 3 * forward : forward };
}
