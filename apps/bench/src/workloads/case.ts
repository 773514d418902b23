import type { Graph } from "./graph.ts";

/** What is done with a graph, once per run. */
export type Task =
  /** Its output. */
  | { readonly kind: "value" }
  /** The gradients of some inputs, for a cotangent of ones. */
  | { readonly kind: "gradient"; readonly of: readonly number[] }
  /** The loss, and a step of Adam for all weights. */
  | { readonly kind: "train" };

/** Work that a machine's limit bounds: multiplications and additions of floats, or bytes read and written. */
export interface Work {
  readonly of: "flops" | "copy" | "read";
  readonly amount: number;
}

/** One thing to time: a row of a table. */
export interface Case {
  readonly name: string;
  readonly graph: Graph;
  readonly task: Task;
  readonly work: Work | null;
}

/** Cases that are shown together, and what there is to say of them. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly cases: readonly Case[];
}
