import { numberKey } from "@polykeras/core";
import type { Loop, Reference } from "../plan/group.ts";

/** Dimensions, and the cursors' strides as far as they are in the code. */
interface Walked {
  readonly extents: readonly number[];
  readonly reduced: readonly boolean[];
  readonly cursors: readonly {
    readonly role: string;
    readonly dtype: string;
    readonly strides: readonly (number | string)[];
  }[];
}

/** What determines a loop's code; of the extents only those that are immediates. Operand types follow from these. */
export function loopKey(
  loop: Loop,
  { extents, reduced, cursors }: Walked,
  immediates: readonly number[],
): string {
  let key = `${immediates.join()}/${extents.length}/${reduced.join()}`;
  for (const { role, dtype, strides } of cursors) key += `;${role}${dtype}${strides.join()}`;
  for (let at = 0; at < loop.body.length; at++) {
    const { op, inputs, dtype, attributes } = loop.body[at]!;
    key += `;${op}:${dtype}`;
    for (let i = 0; i < inputs.length; i++) key += referenceKey(inputs[i]!);
    for (const name in attributes) key += `,${name}=${JSON.stringify(attributes[name])}`;
  }
  for (const { from, partial } of loop.stores) key += `>${referenceKey(from)}${partial ? "p" : ""}`;
  for (const { reduce, from } of loop.reductions) key += `>${reduce}${referenceKey(from)}`;
  return key;
}

function referenceKey(reference: Reference): string {
  if (reference.kind !== "constant") return `${reference.kind}${reference.index}`;
  return ` ${numberKey(reference.value)}${reference.dtype}`;
}
