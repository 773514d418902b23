import type { AttributeValue, Attributes } from "../program/program.ts";

/** A key of attributes that tells NaN, the infinities, -0, numbers and strings apart. Names count in any order. */
export function attributeKey(attributes: Attributes): string {
  const names = Object.keys(attributes);
  if (names.length === 0) return "";
  for (let i = 1; i < names.length; i++)
    if (names[i - 1]! > names[i]!) {
      names.sort();
      break;
    }
  let key = "";
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const value = attributes[name];
    if (value !== undefined) key += `${name}=${valueKey(value)};`;
  }
  return key;
}

function valueKey(value: AttributeValue): string {
  if (typeof value === "number") return numberKey(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value === "boolean") return String(value);
  return `[${value.map(valueKey).join(",")}]`;
}

/** A number as text that tells -0 from 0. */
export function numberKey(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
