/**
 * Marks values of polykeras across copies of this package: two copies in one program share the symbol, where
 * `instanceof` would tell their classes apart.
 */
const brand = Symbol.for("@polykeras/brand");

/** Gives every instance of a class the brand `name`. */
export function stamp(type: { readonly prototype: object }, name: string): void {
  Object.defineProperty(type.prototype, brand, { value: name });
}

/** True if `value` carries the brand `name`; `T` is the type that the name stands for. */
export function isBranded<T extends object>(value: unknown, name: string): value is T {
  const carrier = (typeof value === "object" && value !== null) || typeof value === "function";
  return carrier && Reflect.get(value, brand) === name;
}
