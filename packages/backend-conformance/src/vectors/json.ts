import { PolykerasError } from "@polykeras/core";

/** A vector file that does not follow the format. The message names the file, the case and the field. */
export class VectorError extends PolykerasError {
  override readonly name = "VectorError";
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown, where: string): Fields {
  if (!isFields(value)) throw new VectorError(`${where}: expected an object, got ${typeof value}.`);
  return value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new VectorError(`${where}: expected a list, got ${typeof value}.`);
  return value;
}

export function numberOf(value: unknown, where: string): number {
  if (typeof value !== "number") throw new VectorError(`${where}: expected a number, got ${String(value)}.`);
  return value;
}

export function stringOf(value: unknown, where: string): string {
  if (typeof value !== "string") throw new VectorError(`${where}: expected a string, got ${String(value)}.`);
  return value;
}
