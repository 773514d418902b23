const longest = 80;

/** A value as an error message shows it: strings quoted, objects by kind, never longer than a line. */
export function describe(value: unknown): string {
  if (typeof value === "string") return shorten(JSON.stringify(value));
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

export function shorten(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 3)}...`;
}

/** `"a", "b", "c"`. */
export function quoteAll(values: Iterable<string>): string {
  return Array.from(values, (value) => JSON.stringify(value)).join(", ");
}
