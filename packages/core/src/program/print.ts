import { numberKey } from "../graph/key.ts";
import { formatSpec } from "../tensor/spec.ts";
import { type AttributeValue, type Program, type ValueId, specOf } from "./program.ts";

/**
 * The program as text, one line a step:
 * `%7 = matmul(%0, %3) { transposeA: false, transposeB: false } : (128, 64) float32  free %0`.
 * The body of a step follows it, indented.
 */
export function printProgram(program: Program): string {
  const name = (id: ValueId): string => {
    const of = program.values[id]?.viewOf;
    return of === undefined ? `%${id}` : `%${of}[${specOf(program, id).shape.join(", ")}]`;
  };
  const lines = program.inputs.map(
    ({ value, kind, name: label }) =>
      `%${value} = ${kind} '${label}' : ${formatSpec(specOf(program, value))}`,
  );
  for (const { value, data } of program.constants) {
    const shown = Array.from(data.subarray(0, 4), String).join(", ") + (data.length > 4 ? ", ..." : "");
    lines.push(`%${value} = constant [${shown}] : ${formatSpec(specOf(program, value))}`);
  }
  for (const step of program.steps) {
    const results = step.outputs.map((id) => `%${id}`).join(", ");
    const specs = step.outputs.map((id) => formatSpec(specOf(program, id))).join(", ");
    const attributes = Object.entries(step.attributes).map(
      ([key, value]) => `${key}: ${printAttribute(value)}`,
    );
    const braces = attributes.length > 0 ? ` { ${attributes.join(", ")} }` : "";
    const frees = step.frees.length > 0 ? `  free ${step.frees.map((id) => `%${id}`).join(" ")}` : "";
    lines.push(`${results} = ${step.op}(${step.inputs.map(name).join(", ")})${braces} : ${specs}${frees}`);
    for (const body of step.bodies ?? []) lines.push(`  ${printProgram(body).replaceAll("\n", "\n  ")}`);
  }
  for (const { input, value } of program.updates)
    lines.push(`update '${program.inputs[input]!.name}' := ${name(value)}`);
  lines.push(`return ${program.outputs.map(name).join(", ")}`);
  return lines.join("\n");
}

function printAttribute(value: AttributeValue): string {
  if (typeof value === "number") return numberKey(value);
  if (value === null || typeof value !== "object") return String(value);
  return `[${value.map(printAttribute).join(", ")}]`;
}
