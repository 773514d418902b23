import { type NoAttributes, type TensorSpec, sizeOf } from "@polykeras/core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Body, type Scope, spread, view } from "./scope.ts";

type Plain = Body<NoAttributes>;

const isInteger = (info: TensorInfo): boolean => info.dtype === "int32";

/** An engine kernel of one operand. */
export function unary(name: string): Plain {
  return (scope, [x]) => scope.run(name, { x: x! });
}

/** An engine kernel of two operands, which broadcasts. */
export function binary(name: string): Plain {
  return (scope, inputs, _attributes, output) => scope.run(name, pair(scope, inputs, output));
}

/** The operands as they are, or of one shape where the shaders of the webgpu engine, above rank 4, do not broadcast. */
function pair(
  scope: Scope,
  [a, b]: readonly TensorInfo[],
  { shape }: TensorSpec,
): { a: TensorInfo; b: TensorInfo } {
  if (shape.length <= 4 || scope.session.traits.synchronous) return { a: a!, b: b! };
  const flat = (of: TensorInfo): TensorInfo => view(spread(scope, of, shape), [sizeOf(shape)]);
  return { a: flat(a!), b: flat(b!) };
}

/** One way for integers, another for floats. */
export function byType(integer: Plain, float: Plain): Plain {
  return (scope, inputs, attributes, output) =>
    (isInteger(inputs[0]!) ? integer : float)(scope, inputs, attributes, output);
}

export const identity: Plain = (scope, [x]) => scope.run("Identity", { x: x! });

/** `Neg` goes through float32 on some engines. */
export const negateInteger: Plain = (scope, [x]) =>
  scope.run("Sub", { a: scope.session.scalar(0, "int32"), b: x! });

export const absInteger: Plain = (scope, inputs, attributes, output) =>
  scope.run("Maximum", { a: inputs[0]!, b: negateInteger(scope, inputs, attributes, output) });

/** `Sign` gives 0 for NaN. */
export const signFloat: Plain = (scope, [x]) => orNaN(scope, scope.run("Sign", { x: x! }), x!);

/** `y`, but `x` where x is NaN; of one shape. Shaders select up to rank 4. */
function orNaN(scope: Scope, y: TensorInfo, x: TensorInfo): TensorInfo {
  const [t, e] = [view(y, [sizeOf(y.shape)]), view(x, [sizeOf(x.shape)])];
  return view(scope.run("Select", { condition: scope.run("Equal", { a: e, b: e }), t, e }), y.shape);
}

/** Of floats. `FloorDiv` gives int32 on some engines. */
export const floorDivideFloat: Plain = (scope, inputs, attributes, output) =>
  scope.run("Floor", { x: binary("RealDiv")(scope, inputs, attributes, output) });

/**
 * `Maximum` or `Minimum` of floats. The wasm engine compares as C++ does and so keeps a NaN of the first operand
 * only; where the second may hold one, it is put back.
 */
export function extremum(name: "Maximum" | "Minimum"): Plain {
  return (scope, [x, y], _attributes, output) => {
    if (isNumber(scope, y!)) return scope.run(name, { a: x!, b: y! });
    if (isNumber(scope, x!)) return scope.run(name, { a: y!, b: x! });
    const { a, b } = pair(scope, [x!, y!], output);
    const larger = scope.run(name, { a, b });
    return orNaN(scope, larger, spread(scope, b, larger.shape));
  };
}

/** True for a single element that can be read at once and is not NaN: the constant of relu or clip. */
function isNumber({ session }: Scope, info: TensorInfo): boolean {
  if (!session.traits.synchronous || info.shape.some((dim) => dim !== 1)) return false;
  return !Number.isNaN(session.read(info)[0]);
}

/** `Select` of the wasm engine writes beyond its memory for bool. */
export const where: Plain = (scope, inputs, attributes, output) => {
  if (output.dtype === "bool") return whereBool(scope, inputs, attributes, output);
  // Shaders select up to rank 4.
  const flat = [sizeOf(output.shape)];
  const [condition, t, e] = inputs.map((input) => view(spread(scope, input, output.shape), flat));
  return scope.run("Select", { condition: condition!, t: t!, e: e! });
};

const whereBool: Plain = (scope, [condition, x, y], _attributes, output) => {
  const [t, e] = [spread(scope, x!, output.shape), spread(scope, y!, output.shape)];
  const taken = scope.run("LogicalAnd", { a: condition!, b: t });
  const other = scope.run("LogicalAnd", { a: scope.run("LogicalNot", { x: condition! }), b: e });
  return scope.run("LogicalOr", { a: taken, b: other });
};

/**
 * log(1 + x) as x log(u) / (u - 1) with u = 1 + x rounded, whose error cancels (Kahan; Goldberg 1991, theorem 4):
 * `Log1p` of the wasm engine is log(u), nothing near 0.
 */
export const log1p: Plain = (scope, [x]) => {
  const op = (name: string, a: TensorInfo, b: TensorInfo): TensorInfo => scope.run(name, { a, b });
  const one = scope.session.scalar(1, "float32");
  const u = op("Add", x!, one);
  const log = scope.run("Log", { x: u });
  const corrected = op("Multiply", x!, op("RealDiv", log, op("Sub", u, one)));
  const finite = op("Less", u, scope.session.scalar(Infinity, "float32"));
  const large = scope.run("Select", { condition: finite, t: corrected, e: log });
  return scope.run("Select", { condition: op("Equal", u, one), t: x!, e: large });
};

/** Abramowitz and Stegun 7.1.26, which the engines have, is good to 1e-7 absolutely: nothing near 0. */
export const erf: Plain = (scope, [x]) => {
  const constant = (value: number): TensorInfo => scope.session.scalar(value, "float32");
  const op = (name: string, a: TensorInfo, b: TensorInfo): TensorInfo => scope.run(name, { a, b });
  const square = op("Multiply", x!, x!);
  const small = erfNearZero.reduce<TensorInfo | null>(
    (sum, k) => (sum ? op("Add", op("Multiply", sum, square), constant(k)) : spreadLike(scope, k, x!)),
    null,
  );
  const magnitude = scope.run("Abs", { x: x! });
  const near = op("Less", magnitude, constant(0.75));
  return scope.run("Select", {
    condition: near,
    t: op("Multiply", x!, small!),
    e: scope.run("Erf", { x: x! }),
  });
};

function spreadLike(scope: Scope, value: number, like: TensorInfo): TensorInfo {
  return spread(scope, scope.session.scalar(value, "float32"), like.shape);
}

/** 2/sqrt(pi) (1 - s/3 + s^2/10 - s^3/42 + ...), s = x^2: the Maclaurin series, highest power first. */
const erfNearZero: readonly number[] = Array.from({ length: 9 }, (_, i) => {
  const n = 8 - i;
  let factorial = 1;
  for (let k = 2; k <= n; k++) factorial *= k;
  return ((n % 2 === 0 ? 1 : -1) * 2) / Math.sqrt(Math.PI) / (factorial * (2 * n + 1));
});
