import { isOwner, requiredEntries } from "./validate.ts";

/** Names that a backend never adds to K: the contract's, the common entries, and what JavaScript gives a meaning. */
const reserved: ReadonlySet<string> = new Set([
  ...requiredEntries,
  ...`contract create name supports memory dispose default module.exports
    backend epsilon setEpsilon floatx setFloatx castToFloatx imageDataFormat setImageDataFormat normalizeDataFormat
    set_epsilon set_floatx cast_to_floatx image_data_format set_image_data_format normalize_data_format
    then constructor prototype __proto__ __esModule`.split(/\s+/),
]);

/**
 * The further exports of an external backend: the module's own, and its default export's when that is a plain
 * object (the fields of a class instance are its state, not exports). Named exports come before the default's.
 */
export function collectExtras(module: unknown): Readonly<Record<string, unknown>> {
  const extras: Record<string, unknown> = Object.create(null);
  if (!isOwner(module)) return extras;
  for (const owner of [module, module["default"]]) {
    if (!isOwner(owner) || (owner !== module && !isPlain(owner))) continue;
    for (const name of Object.keys(owner)) {
      if (!reserved.has(name) && !(name in extras)) extras[name] = owner[name];
    }
  }
  return extras;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
