import { ArgumentError } from "@polykeras/core";

/** The options object of a call. Throws ArgumentError for names that the call does not know. */
export function checkOptions(where: string, options: object, allowed: readonly string[]): void {
  const unknown = Object.keys(options).filter((name) => !allowed.includes(name));
  if (unknown.length > 0)
    throw new ArgumentError(
      `${where}: unknown option${unknown.length > 1 ? "s" : ""} ${unknown.join(", ")}; it takes ${allowed.join(", ")}.`,
    );
}

/** A whole number of at least `least`. */
export function checkInteger(where: string, value: unknown, least: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
  throw new ArgumentError(`${where} must be a whole number >= ${least}; got ${String(value)}.`);
}

/** A number within bounds, both included. */
export function checkNumber(where: string, value: unknown, least: number, most: number = Infinity): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  const range = most === Infinity ? `>= ${least}` : `in [${least}, ${most}]`;
  throw new ArgumentError(`${where} must be a number ${range}; got ${String(value)}.`);
}
