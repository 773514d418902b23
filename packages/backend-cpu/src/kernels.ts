import type {
  Attributes,
  CompositeName,
  DType,
  PrimitiveName,
  StepSignature,
  TensorSpec,
} from "@polykeras/core";
import * as arithmetic from "./kernels/arithmetic.ts";
import { erf } from "./kernels/error-function.ts";
import { exp, expm1, sigmoid, tanh } from "./kernels/exponential.ts";
import { log, log1p, softplus } from "./kernels/logarithm.ts";
import * as logic from "./kernels/logic.ts";
import * as moment from "./kernels/moment.ts";
import { type Elementwise, laneKind, number, numbers } from "./kernels/rule.ts";
import { cos, sin } from "./kernels/trigonometry.ts";
import { conv, convInputGradient } from "./routines/conv.ts";
import { convKernelGradient } from "./routines/conv-kernel-gradient.ts";
import { cumprod, cumsum, linearRecurrence } from "./routines/cumulative.ts";
import { gather } from "./routines/gather.ts";
import { maxPoolGradient, sumPoolGradient } from "./routines/pool-gradient.ts";
import { maxPool, sumPool } from "./routines/pool.ts";
import type { Routine } from "./routines/routine.ts";
import { indexAdd, scatterAdd } from "./routines/scatter-add.ts";
import { topK } from "./routines/top-k.ts";

/** Where elements stand: a storage read with an offset and one stride per dimension, in elements. */
export interface Layout {
  readonly offset: number;
  readonly strides: readonly number[];
}

type LayoutRule = (
  input: Layout,
  inputShape: readonly number[],
  attributes: Attributes,
  shape: readonly number[],
) => Layout;

/** How an op is compiled. The planner asks for the kind, never for the op's name. */
export type Kernel =
  | Elementwise
  | { readonly kind: "cast" }
  /** Reads its input in another order: costs nothing where the consumer can follow the layout. */
  | { readonly kind: "layout"; readonly layout: LayoutRule }
  | { readonly kind: "iota"; readonly axis: (attributes: Attributes) => number }
  | {
      readonly kind: "reduction";
      readonly reduce: "sum" | "mean" | "prod" | "max" | "min" | "argmax";
      readonly axes: (attributes: Attributes) => readonly number[];
      /** No element is above the result. */
      readonly isUpperBound?: boolean;
    }
  | { readonly kind: "matmul" }
  | { readonly kind: "concatenate" }
  | { readonly kind: "pad" }
  | { readonly kind: "random" }
  /** Has a body, of which the engine runs every step. */
  | { readonly kind: "scan" }
  /** Brings its own loops. */
  | {
      readonly kind: "routine";
      readonly routine: Routine;
      readonly refuses?: (step: StepSignature) => string | null;
    };

type KernelTable = { readonly [N in PrimitiveName | "scan"]: Kernel } & {
  readonly [N in CompositeName]?: Kernel;
};

const axis = (attributes: Attributes): number => number(attributes, "axis");
const axes = (attributes: Attributes): readonly number[] => numbers(attributes, "axes");

const broadcast: LayoutRule = ({ offset, strides }, inputShape, _attributes, shape) => {
  const lead = shape.length - inputShape.length;
  return {
    offset,
    strides: shape.map((dim, i) => (i < lead || inputShape[i - lead] !== dim ? 0 : strides[i - lead]!)),
  };
};

const permute: LayoutRule = ({ offset, strides }, _inputShape, attributes) => ({
  offset,
  strides: numbers(attributes, "permutation").map((from) => strides[from]!),
});

const box: LayoutRule = ({ offset, strides }, _inputShape, attributes) => {
  const [begin, steps] = [numbers(attributes, "begin"), numbers(attributes, "strides")];
  return {
    offset: strides.reduce((at, stride, i) => at + begin[i]! * stride, offset),
    strides: strides.map((stride, i) => stride * steps[i]!),
  };
};

const backward: LayoutRule = ({ offset, strides }, inputShape, attributes) => {
  const turned = axes(attributes).filter((at) => inputShape[at]! > 1);
  return {
    offset: turned.reduce((at, axisOf) => at + (inputShape[axisOf]! - 1) * strides[axisOf]!, offset),
    strides: strides.map((stride, i) => (turned.includes(i) ? -stride : stride)),
  };
};

/** Gradients whose shape or padding is still a rule, or an operand. */
function unsettled({ inputs, attributes }: StepSignature): string | null {
  const settled = Array.isArray(attributes["padding"]) && inputs.every(({ shape }) => shape.length > 1);
  return settled ? null : "backend-cpu wants the numbers of the padding and the shape";
}

function adjointReason(step: StepSignature): string | null {
  const { attributes } = step;
  const plain =
    number(attributes, "batchGroups") === 1 && numbers(attributes, "inputDilation").every((by) => by === 1);
  return plain ? unsettled(step) : "backend-cpu takes such gradients as convolutions";
}

function halfReason({ inputs }: StepSignature): string | null {
  return inputs[0]!.dtype === "float16"
    ? "backend-cpu keeps sums of float16 apart until they are complete"
    : null;
}

const table: KernelTable = {
  negative: arithmetic.negative,
  add: arithmetic.add,
  subtract: arithmetic.subtract,
  multiply: arithmetic.multiply,
  divide: arithmetic.divide,
  floorDivide: arithmetic.floorDivide,
  mod: arithmetic.mod,
  maximum: arithmetic.maximum,
  minimum: arithmetic.minimum,
  abs: arithmetic.abs,
  sign: arithmetic.sign,
  floor: arithmetic.floor,
  round: arithmetic.round,
  sqrt: arithmetic.sqrt,
  relu: arithmetic.relu,
  power: arithmetic.power,
  exp,
  expm1,
  sigmoid,
  tanh,
  log,
  log1p,
  softplus,
  sin,
  cos,
  erf,
  meanSquare: moment.meanSquare,
  firstMoment: moment.firstMoment,
  secondMoment: moment.secondMoment,
  rmspropStep: moment.rmspropStep,
  adamStep: moment.adamStep,
  equal: logic.equal,
  notEqual: logic.notEqual,
  less: logic.less,
  lessEqual: logic.lessEqual,
  logicalAnd: logic.logicalAnd,
  logicalOr: logic.logicalOr,
  logicalNot: logic.logicalNot,
  where: logic.where,
  copy: logic.copy,
  cast: { kind: "cast" },
  broadcastTo: { kind: "layout", layout: broadcast },
  transpose: { kind: "layout", layout: permute },
  slice: { kind: "layout", layout: box },
  reverse: { kind: "layout", layout: backward },
  iota: { kind: "iota", axis },
  sum: { kind: "reduction", reduce: "sum", axes },
  mean: { kind: "reduction", reduce: "mean", axes },
  prod: { kind: "reduction", reduce: "prod", axes },
  max: { kind: "reduction", reduce: "max", axes, isUpperBound: true },
  min: { kind: "reduction", reduce: "min", axes },
  argmax: { kind: "reduction", reduce: "argmax", axes: (attributes: Attributes) => [axis(attributes)] },
  matmul: { kind: "matmul" },
  concatenate: { kind: "concatenate" },
  pad: { kind: "pad" },
  gather: { kind: "routine", routine: gather },
  scatterAdd: { kind: "routine", routine: scatterAdd },
  indexAdd: { kind: "routine", routine: indexAdd, refuses: halfReason },
  cumsum: { kind: "routine", routine: cumsum },
  cumprod: { kind: "routine", routine: cumprod },
  linearRecurrence: { kind: "routine", routine: linearRecurrence },
  topK: { kind: "routine", routine: topK },
  conv: { kind: "routine", routine: conv },
  convInputGradient: { kind: "routine", routine: convInputGradient, refuses: adjointReason },
  convKernelGradient: { kind: "routine", routine: convKernelGradient, refuses: adjointReason },
  maxPool: { kind: "routine", routine: maxPool },
  maxPoolGradient: { kind: "routine", routine: maxPoolGradient },
  sumPool: { kind: "routine", routine: sumPool },
  sumPoolGradient: { kind: "routine", routine: sumPoolGradient, refuses: unsettled },
  randomUniform: { kind: "random" },
  scan: { kind: "scan" },
};

/** The kernel of a name that comes from a program, which the table's type cannot know. */
export function findKernel(op: string): Kernel | undefined {
  return kernels.get(op);
}

const kernels = new Map<string, Kernel>(Object.entries(table));

/** The first dtype that nothing computes in. */
function storageOnly(specs: readonly TensorSpec[]): DType | null {
  for (let i = 0; i < specs.length; i++) if (laneKind(specs[i]!.dtype) === null) return specs[i]!.dtype;
  return null;
}

/** True, or why this engine does not run the step: core decomposes it or gives it to the host. */
export function supports(step: StepSignature): true | string {
  const { op, inputs, outputs } = step;
  const kernel = findKernel(op);
  if (!kernel) return "backend-cpu has no kernel for it";
  // Casts store what nothing computes in; a scan moves what its body computes in.
  if (kernel.kind === "cast" || kernel.kind === "scan") return true;
  const strange = storageOnly(inputs) ?? storageOnly(outputs);
  if (strange) return `backend-cpu does not compute in ${strange}`;
  const dtype = (inputs.at(-1) ?? outputs[0])?.dtype;
  const lanes = dtype && laneKind(dtype);
  if (kernel.kind === "elementwise") {
    if (dtype === "float64" && kernel.notFloat64) return kernel.notFloat64;
    if (dtype === "float16" && kernel.notFloat16) return kernel.notFloat16;
    const rule = lanes === "i32" ? kernel.int : lanes === "mask" ? kernel.bool : kernel.float;
    return rule ? true : `backend-cpu has no ${op} for ${dtype}`;
  }
  if (kernel.kind === "matmul" && dtype === "uint8") return "backend-cpu multiplies no uint8 matrices";
  if (kernel.kind === "routine") return kernel.refuses?.(step) ?? true;
  if (kernel.kind === "random" && inputs.length > 1) return "backend-cpu wants the shape as an attribute";
  if (kernel.kind === "reduction" && kernel.reduce === "mean" && lanes === "i32")
    return "backend-cpu divides integer sums in a step of its own";
  if (kernel.kind === "reduction" && lanes === "mask") return `backend-cpu has no ${op} for bool`;
  return true;
}
