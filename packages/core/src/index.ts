export { K } from "./k/object.ts";
export * from "./errors.ts";
export {
  BackendLoadError,
  BackendNotFoundError,
  ConfigError,
  InvalidBackendError,
  registerBackend,
} from "./config/index.ts";
export type { ConfigureOptions, Explanation, Floatx, ImageDataFormat } from "./config/index.ts";
export { configure, explain, openBackend, useBackend } from "./runtime/session.ts";
export { nextSeed, seedState, setRandomSeed } from "./k/seed.ts";
export type {
  Callable,
  Feed,
  Feeds,
  FunctionOptions,
  Outputs,
  Phase,
  Results,
  Resident,
  Scope,
  Update,
  UpdateOp,
} from "./k/index.ts";
export { SparseArray } from "./symbolic/sparse-array.ts";
export type { SparseData } from "./symbolic/sparse-array.ts";
export { SparseTensor } from "./symbolic/sparse.ts";
export { isTensor, Tensor } from "./symbolic/tensor.ts";
export type { Operand } from "./symbolic/tensor.ts";
export { Variable } from "./symbolic/variable.ts";
export { NDArray } from "./tensor/ndarray.ts";
export type { NestedArray } from "./tensor/ndarray.ts";
export { readValue, toDType } from "./tensor/convert.ts";
export type { ArrayLikeValue, Data, HostValue } from "./tensor/convert.ts";
export * from "./tensor/dtype.ts";
export { roundToHalf } from "./tensor/half.ts";
export { floatMod, floatPower, intFloorDivide, intMod, intPower, toInt32 } from "./tensor/numbers.ts";
export * from "./tensor/spec.ts";
export * from "./backend/contract.ts";
export type { Variable as BackendVariable } from "./backend/contract.ts";
export * from "./backend/kernels.ts";
export { fromKernels } from "./backend/from-kernels.ts";
export { canCompileWebAssembly } from "./backend/web-assembly.ts";
export { windowAxes } from "./backend/window-axes.ts";
export type { WindowAxis } from "./backend/window-axes.ts";
export * from "./program/program.ts";
export type { Update as ProgramUpdate } from "./program/program.ts";
export { numberKey } from "./graph/key.ts";
export { constantsKey, structureKey } from "./program/key.ts";
export { printProgram } from "./program/print.ts";
export { deserialise, serialise } from "./program/serialise.ts";
export type { SerialisedProgram } from "./program/serialise.ts";
export { peakBytes, verify } from "./program/verify.ts";
export { findOp, listOps } from "./graph/define.ts";
export type {
  CompositeName,
  Composites,
  KernelName,
  MultipleOutputs,
  NoAttributes,
  PrimitiveName,
  Primitives,
} from "./graph/op.ts";
export { philox } from "./random/philox.ts";
export { uniform } from "./random/uniform.ts";
export { normal } from "./random/normal.ts";
// The op files fill the tables of ops that kernel tables are checked against.
import "./ops/index.ts";
