import { definePrimitive } from "../graph/define.ts";
import { call, isConstant } from "../graph/build.ts";
import { type Node, scalar } from "../graph/node.ts";
import type { NoAttributes, Op, Operand } from "../graph/op.ts";
import { DTypeError } from "../errors.ts";
import { isFloat } from "../tensor/dtype.ts";
import { intFloorDivide, intMod } from "../tensor/numbers.ts";
import { type Spec, formatSpec, sameShape } from "../tensor/spec.ts";
import { lessEqual } from "./comparison.ts";
import { broadcastShapes, commonDType, requireNumber } from "./infer.ts";
import { where } from "./select.ts";

declare module "../graph/op.ts" {
  interface Primitives {
    negative: NoAttributes;
    add: NoAttributes;
    subtract: NoAttributes;
    multiply: NoAttributes;
    divide: NoAttributes;
    floorDivide: NoAttributes;
    mod: NoAttributes;
    maximum: NoAttributes;
    minimum: NoAttributes;
  }
}

function infer(op: string): (inputs: readonly Operand[]) => Spec {
  return (inputs) => {
    const dtype = commonDType(op, inputs);
    requireNumber(op, inputs[0]!);
    return { shape: broadcastShapes(op, [inputs[0]!.shape, inputs[1]!.shape]), dtype };
  };
}

/** Follows small integers through arithmetic on shapes. */
function known(f: (a: number, b: number) => number): NonNullable<Op["known"]> {
  return ([a, b]) => {
    const [x, y] = [a!.known, b!.known];
    if (!x || !y || (x.length !== y.length && x.length !== 1 && y.length !== 1)) return undefined;
    if (a!.shape.length > 1 || b!.shape.length > 1 || isFloat(a!.dtype)) return undefined;
    const length = x.length === 1 ? y.length : x.length;
    return Array.from({ length }, (_, i) => f(x[x.length === 1 ? 0 : i]!, y[y.length === 1 ? 0 : i]!) | 0);
  };
}

/** `x` if dropping the other operand changes neither values nor shape. */
function keep(x: Node, other: Node): Node | null {
  return other.shape.length === 0 || sameShape(x.shape, other.shape) ? x : null;
}

const zero = (like: Node): Node => scalar(0, like.dtype);
const elementwise = { elementwise: true } as const;
const commutative = { elementwise: true, commutative: true } as const;

export const negative: Op<NoAttributes> = definePrimitive("negative", {
  doc: "-x. Integers wrap.",
  traits: { elementwise: true, sum: [-1] },
  infer: ([x]) => {
    requireNumber("negative", x!);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  scalar: (x) => -x,
  gradient: ({ cotangent }) => [call(negative, cotangent)],
});

export const add: Op<NoAttributes> = definePrimitive("add", {
  doc: "x + y, with broadcasting. Integers wrap.",
  traits: { elementwise: true, commutative: true, sum: [1, 1] },
  infer: infer("add"),
  scalar: (x, y) => x + y,
  known: known((x, y) => x + y),
  // x + 0 is not x where x is -0, for which the sum is 0; x + -0 is always x.
  simplify: ([x, y]) => (isConstant(y!, -0) ? keep(x!, y!) : isConstant(x!, -0) ? keep(y!, x!) : null),
  gradient: ({ cotangent }) => [cotangent, cotangent],
});

export const subtract: Op<NoAttributes> = definePrimitive("subtract", {
  doc: "x - y, with broadcasting. Integers wrap.",
  traits: { elementwise: true, sum: [1, -1] },
  infer: infer("subtract"),
  scalar: (x, y) => x - y,
  known: known((x, y) => x - y),
  simplify: ([x, y]) => (isConstant(y!, 0) ? keep(x!, y!) : null),
  gradient: ({ cotangent, needs }) => [cotangent, needs[1] ? call(negative, cotangent) : null],
});

export const multiply: Op<NoAttributes> = definePrimitive("multiply", {
  doc: "x * y, with broadcasting. Integers wrap.",
  traits: { elementwise: true, commutative: true, linear: [0, 1] },
  infer: infer("multiply"),
  scalar: (x, y) => x * y,
  known: known((x, y) => Math.imul(x, y)),
  simplify: ([x, y]) => (isConstant(y!, 1) ? keep(x!, y!) : isConstant(x!, 1) ? keep(y!, x!) : null),
  gradient: ({ inputs: [x, y], cotangent, needs }) => [
    needs[0] ? call(multiply, cotangent, y!) : null,
    needs[1] ? call(multiply, cotangent, x!) : null,
  ],
});

export const divide: Op<NoAttributes> = definePrimitive("divide", {
  doc: "x / y on floats, with broadcasting. x / 0 is an infinity or NaN.",
  traits: { elementwise: true, linear: [0] },
  infer: (inputs) => {
    const spec = infer("divide")(inputs);
    if (isFloat(spec.dtype)) return spec;
    throw new DTypeError(
      `divide takes floating-point tensors; got ${inputs.map(formatSpec).join(" and ")}. Use K.cast, or floorDivide.`,
    );
  },
  scalar: (x, y) => x / y,
  simplify: ([x, y]) => (isConstant(y!, 1) ? keep(x!, y!) : null),
  gradient: ({ inputs: [, y], outputs: [quotient], cotangent, needs }) => [
    needs[0] ? call(divide, cotangent, y!) : null,
    needs[1] ? call(negative, call(divide, call(multiply, cotangent, quotient!), y!)) : null,
  ],
});

export const floorDivide: Op<NoAttributes> = definePrimitive("floorDivide", {
  doc: "The largest integer not above x / y, with broadcasting; of x's dtype. Integer division by 0 gives 0.",
  traits: elementwise,
  infer: infer("floorDivide"),
  scalar: (x, y) => Math.floor(x / y),
  known: known(intFloorDivide),
  gradient: () => [null, null],
});

export const mod: Op<NoAttributes> = definePrimitive("mod", {
  doc: "The remainder with the sign of the divisor, as Python's %. An integer divisor of 0 gives 0.",
  traits: elementwise,
  infer: infer("mod"),
  known: known(intMod),
  gradient: ({ inputs: [x, y], cotangent, needs }) => [
    cotangent,
    needs[1] ? call(negative, call(multiply, cotangent, call(floorDivide, x!, y!))) : null,
  ],
});

export const maximum: Op<NoAttributes> = definePrimitive("maximum", {
  doc: "The larger of x and y, with broadcasting; NaN if one is NaN.",
  traits: commutative,
  infer: infer("maximum"),
  scalar: (x, y) => Math.max(x, y),
  gradient: ({ inputs: [x, y], cotangent, needs }) => {
    const first = call(lessEqual, y!, x!);
    return [
      needs[0] ? call(where, first, cotangent, zero(x!)) : null,
      needs[1] ? call(where, first, zero(x!), cotangent) : null,
    ];
  },
});

export const minimum: Op<NoAttributes> = definePrimitive("minimum", {
  doc: "The smaller of x and y, with broadcasting; NaN if one is NaN.",
  traits: commutative,
  infer: infer("minimum"),
  scalar: (x, y) => Math.min(x, y),
  gradient: ({ inputs: [x, y], cotangent, needs }) => {
    const first = call(lessEqual, x!, y!);
    return [
      needs[0] ? call(where, first, cotangent, zero(x!)) : null,
      needs[1] ? call(where, first, zero(x!), cotangent) : null,
    ];
  },
});
