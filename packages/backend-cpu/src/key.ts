import type { AttributeValue, Program } from "@polykeras/core";

/**
 * A text that is equal for two programs exactly if their code is: structure, specs, attributes, and the values
 * of constants with one element, which the code holds; other constants are read from memory.
 */
export function programKey(program: Program): string {
  const parts: string[] = [];
  for (let id = 0; id < program.values.length; id++) {
    const { spec, viewOf } = program.values[id]!;
    parts.push(`${spec.dtype}${spec.shape.join()}${viewOf === undefined ? "" : `@${viewOf}`}`);
  }
  parts.push("I");
  for (const { value, kind } of program.inputs) parts.push(`${value}${kind[0]}`);
  parts.push("C");
  for (const { value, data } of program.constants)
    parts.push(`${value}=${data.length === 1 ? numberKey(data[0]!) : "m"}`);
  parts.push("S");
  for (let at = 0; at < program.steps.length; at++) {
    const { op, inputs, outputs, attributes, bodies } = program.steps[at]!;
    parts.push(`${op}(${inputs.join()})${outputs.join()}${attributesKey(attributes)}`);
    if (bodies) for (const body of bodies) parts.push(`{${programKey(body)}}`);
  }
  parts.push(`O${program.outputs.join()}`);
  for (const { input, value } of program.updates) parts.push(`U${input}=${value}`);
  return parts.join(";");
}

function numberKey(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function attributesKey(attributes: { readonly [name: string]: AttributeValue }): string {
  let key = "";
  for (const name in attributes) key += `${name}=${valueKey(attributes[name]!)},`;
  return key;
}

function valueKey(value: AttributeValue): string {
  if (typeof value === "number") return numberKey(value);
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? `[${value.map(valueKey).join()}]` : String(value);
}
