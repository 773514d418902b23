import type { Workload } from "./case.ts";
import { convolutional } from "./cnn.ts";
import { conv2d } from "./conv.ts";
import { elementwise } from "./elementwise.ts";
import { lookup } from "./embedding.ts";
import { functions } from "./functions.ts";
import { recurrent } from "./lstm.ts";
import { matmul } from "./matmul.ts";
import { attention } from "./transformer.ts";

/** Every workload, in the order of the report. */
export const workloads: readonly Workload[] = [
  matmul,
  elementwise,
  functions,
  conv2d,
  recurrent,
  lookup,
  convolutional,
  attention,
];
