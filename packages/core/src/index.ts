export * from "./errors.ts";
export * from "./backend/contract.ts";
export * from "./backend/kernels.ts";
export { fromKernels } from "./backend/from-kernels.ts";
export * from "./program/program.ts";
export * from "./tensor/dtype.ts";
export { roundToHalf } from "./tensor/half.ts";
export * from "./tensor/spec.ts";
export { philox } from "./random/philox.ts";
export { uniform } from "./random/uniform.ts";
export { normal } from "./random/normal.ts";
export type {
  CompositeName,
  Composites,
  KernelName,
  NoAttributes,
  PrimitiveName,
  Primitives,
} from "./graph/op.ts";
export { findOp, listOps } from "./graph/define.ts";
import "./ops/index.ts";
