import { type Program, constantsKey, numberKey, structureKey } from "@polykeras/core";

/**
 * Equal for two programs exactly if their code is: the code holds the values of constants with one element, and reads
 * others from memory.
 */
export function programKey(program: Program): string {
  const values = constantsKey(program, (data) => (data.length === 1 ? numberKey(data[0]!) : "m"));
  return `${structureKey(program)}|${values}`;
}
