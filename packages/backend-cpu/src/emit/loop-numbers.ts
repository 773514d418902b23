import type { Loop, Operand, Reference } from "../plan/group.ts";

/**
 * The loop with float32 constants as operands that are read from the table: its code does not depend on them then, so
 * that means over other numbers of samples, other momenta and other rates of dropout run the same. What stands in many
 * formulas stays: whole numbers up to 2, a half, and what is not finite.
 */
export function withNumbers(loop: Loop): Loop {
  const operands: Operand[] = [];
  const places = new Map<number, number>();
  const place = (reference: Reference): Reference => {
    if (reference.kind !== "constant" || reference.dtype !== "float32" || isCommon(reference.value))
      return reference;
    const { value } = reference;
    let index = places.get(value);
    if (index === undefined) {
      index = loop.operands.length + operands.length;
      places.set(value, index);
      operands.push({ kind: "number", value });
    }
    return { kind: "operand", index };
  };
  const body = loop.body.map((instruction) => ({ ...instruction, inputs: instruction.inputs.map(place) }));
  const stores = loop.stores.map((store) => ({ ...store, from: place(store.from) }));
  const reductions = loop.reductions.map((reduction) => ({ ...reduction, from: place(reduction.from) }));
  if (operands.length === 0) return loop;
  return { ...loop, operands: [...loop.operands, ...operands], body, stores, reductions };
}

function isCommon(value: number): boolean {
  return !Number.isFinite(value) || (Number.isInteger(2 * value) && Math.abs(value) <= 2);
}
