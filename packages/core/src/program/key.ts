import { attributeKey } from "../graph/key.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import type { Program } from "./program.ts";

/** Core's cache of programs and an engine's cache of code ask for the same key. */
const known = new WeakMap<Program, string>();

/**
 * A text that is equal for two programs exactly if they are alike but for names of inputs and values of constants, in
 * their bodies as well: for caches of compiled code.
 */
export function structureKey(program: Program): string {
  let key = known.get(program);
  if (key === undefined) known.set(program, (key = makeKey(program)));
  return key;
}

function makeKey({ values, inputs, constants, steps, outputs, updates }: Program): string {
  const parts: string[] = [];
  for (let id = 0; id < values.length; id++) {
    const { spec, viewOf } = values[id]!;
    parts.push(`${spec.dtype}${spec.shape.join()}${viewOf === undefined ? "" : `@${viewOf}`}`);
  }
  for (let i = 0; i < inputs.length; i++) parts.push(`${inputs[i]!.kind}${inputs[i]!.value}`);
  for (let i = 0; i < constants.length; i++) parts.push(`constant${constants[i]!.value}`);
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    parts.push(`${step.op}(${step.inputs.join()})${step.outputs.join()}${attributeKey(step.attributes)}`);
    for (const body of step.bodies ?? []) parts.push(`{${structureKey(body)}}`);
  }
  parts.push(`outputs${outputs.join()}`);
  for (let i = 0; i < updates.length; i++) parts.push(`${updates[i]!.input}<${updates[i]!.value}`);
  return parts.join(";");
}

/** The values of all constants, bodies' included, in their order: `of` gives a text for each. */
export function constantsKey(program: Program, of: (data: TypedArray) => string): string {
  let key = "";
  for (const { data } of program.constants) key += `${of(data)};`;
  for (const { bodies } of program.steps)
    if (bodies) for (const body of bodies) key += constantsKey(body, of);
  return key;
}
