import type { Attributes } from "../program/program.ts";
import { type Node, node, scalar } from "./node.ts";
import { type Shape, sameShape } from "../tensor/spec.ts";
import type { NoAttributes, Op } from "./op.ts";

/**
 * Builds `op(inputs)` in its simplest form: functions of scalar constants are computed, the op's own `simplify` rule is
 * applied, operands are broadcast by the op itself, and int32 scalars that are known are constants. Passes, gradients and
 * decompositions build with it.
 */
export function build<A extends Attributes>(op: Op<A>, inputs: readonly Node[], attributes: A): Node {
  if (op.scalar && inputs.length > 0 && inputs.every(isScalarConstant)) {
    const made = node(op, inputs, attributes);
    return scalar(op.scalar(...inputs.map((input) => input.data[0]!)), made.dtype);
  }
  const simple = op.simplify?.(inputs, attributes);
  if (simple) return simple;
  const made = node(op, op.traits.elementwise ? unrepeated(inputs) : inputs, attributes);
  const whole = knownWhole(made);
  return whole === null || op.traits.random || op.traits.effect ? made : scalar(whole, "int32");
}

/** The value of an int32 scalar that is followed while building, which may be out of the range that int32 has. */
function knownWhole({ known, shape, dtype }: Node): number | null {
  if (known === undefined || shape.length > 0 || dtype !== "int32") return null;
  const [value] = known;
  return value !== undefined && (value | 0) === value ? value : null;
}

/** The operands of an elementwise op without repetitions to the shape that another one has anyway. */
function unrepeated(inputs: readonly Node[]): readonly Node[] {
  if (inputs.length === 1 || !inputs.some(isRepeated)) return inputs;
  const has = (shape: Shape): boolean => inputs.some((of) => !isRepeated(of) && sameShape(of.shape, shape));
  return inputs.map((of) => (isRepeated(of) && has(of.shape) ? of.inputs[0]! : of));
}

function isRepeated(of: Node): boolean {
  return of.kind === "op" && of.op.traits.repeats === true;
}

/** `build` for ops without attributes. */
export function call(op: Op<NoAttributes>, ...inputs: readonly Node[]): Node {
  return build(op, inputs, {});
}

export function isScalarConstant(of: Node): boolean {
  return of.kind === "constant" && of.shape.length === 0;
}

/** True if every element of `of` is known to be `value` (-0 is not 0). */
export function isConstant(of: Node, value: number): boolean {
  return isScalarConstant(of) && Object.is(of.data[0], value);
}
