/** Keras for TypeScript with interchangeable backends. */
export {
  ArgumentError,
  BackendLoadError,
  BackendNotFoundError,
  ConfigError,
  DTypeError,
  DisposedError,
  FeedError,
  GradientError,
  InvalidBackendError,
  K,
  NDArray,
  PolykerasError,
  ShapeError,
  Tensor,
  UnsupportedOpsError,
  ValueError,
  Variable,
  configure,
  explain,
  registerBackend,
  setRandomSeed,
  useBackend,
} from "@polykeras/core";
export type {
  ConfigureOptions,
  DType,
  Data,
  Explanation,
  NestedArray,
  Operand,
  Shape,
  TypedArray,
} from "@polykeras/core";
export * as activations from "./activations/index.ts";
export * as callbacks from "./callbacks/index.ts";
export * as constraints from "./constraints/index.ts";
export * as initializers from "./initializers/index.ts";
export * as layers from "./layers/index.ts";
export * as losses from "./losses/index.ts";
export * as metrics from "./metrics/index.ts";
export * as optimizers from "./optimizers/index.ts";
export * as regularizers from "./regularizers/index.ts";
export {
  Activation,
  Add,
  Concatenate,
  Dense,
  Dropout,
  Flatten,
  Input,
  Lambda,
  Layer,
  Reshape,
} from "./layers/index.ts";
export type { CallContext, LayerInputs, LayerOptions, LayerOutputs } from "./layers/index.ts";
export { Model } from "./models/model.ts";
export { Sequential } from "./models/sequential.ts";
export type { CompileOptions } from "./training/compile.ts";
export type { Fed } from "./training/data.ts";
export type { BatchOptions, EvaluateOptions, FitOptions, PredictOptions } from "./training/options.ts";
export type { Logs } from "./training/programs.ts";
