import { type Data, type NDArray, ArgumentError, isTensor } from "@polykeras/core";
import { type Column, type ColumnSpec, readColumn } from "./column.ts";

/** Data for one slot. */
export type Values = Data | NDArray;

/** Data for all inputs or outputs of a model: bare for one, a list or an object by name for several. */
export type Fed = Values | readonly Values[] | { readonly [name: string]: Values };

/** The data per slot name, whatever way it was given. Throws ArgumentError naming what is missing. */
export function assign(value: Fed, names: readonly string[], where: string): Values[] {
  const handle: unknown = value;
  if (handle === undefined || handle === null)
    throw new ArgumentError(`${where} is ${String(handle)}; give the data for ${names.join(", ")}.`);
  if (isTensor(handle))
    throw new ArgumentError(`${where} is a symbolic tensor, which holds no data. Pass arrays.`);
  if (isByName(value)) return names.map((name) => pick(value, name, names, where));
  if (names.length === 1) {
    if (isWrapped(value)) return [value[0]];
    if (isBare(value)) return [value];
  }
  if (!Array.isArray(value) || value.length !== names.length)
    throw new ArgumentError(
      `${where} must be a list of ${names.length} arrays, for ${names.join(", ")}, or an object with these names.`,
    );
  return [...value];
}

function isByName(value: Fed): value is { readonly [name: string]: Values } {
  return (
    typeof value === "object" &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !("shape" in value && "data" in value)
  );
}

/** A list of one array, as Keras also takes it for one input; nested numbers are no such list. */
function isWrapped(value: Fed): value is readonly [Values] {
  if (!Array.isArray(value) || value.length !== 1) return false;
  const [only]: unknown[] = value;
  return typeof only === "object" && only !== null && !Array.isArray(only);
}

/** Not a list of one: data itself, which the reader checks further. */
function isBare(value: Fed): value is Values {
  return !isWrapped(value);
}

function pick(
  value: { readonly [name: string]: Values },
  name: string,
  names: readonly string[],
  where: string,
): Values {
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  if (found !== undefined) return found;
  throw new ArgumentError(
    `${where} has no entry '${name}'; it has ${Object.keys(value).join(", ") || "none"}, expected ${names.join(", ")}.`,
  );
}

/** Columns for slots of known shape. */
export function readColumns(value: Fed, specs: readonly ColumnSpec[], where: string): Column[] {
  const values = assign(
    value,
    specs.map(({ name }) => name),
    where,
  );
  return specs.map((spec, i) =>
    readColumn(values[i]!, spec, specs.length > 1 ? `${where} '${spec.name}'` : where),
  );
}

/** Throws ArgumentError unless all columns have one number of samples. */
export function checkCounts(where: string, groups: Readonly<Record<string, readonly Column[]>>): number {
  const sizes = Object.entries(groups).map(
    ([name, columns]) => [name, columns.map(({ shape }) => shape[0]!)] as const,
  );
  const all = sizes.flatMap(([, counts]) => counts);
  if (new Set(all).size > 1)
    throw new ArgumentError(
      `${where}: Data cardinality is ambiguous. ${sizes.map(([name, counts]) => `${name} sizes: ${counts.join(", ")}`).join("; ")}. ` +
        `Make sure all arrays contain the same number of samples.`,
    );
  return all[0] ?? 0;
}

/** The samples [from, to) of columns, without a copy. */
export function sliceRows(columns: readonly Column[], from: number, to: number): Column[] {
  return columns.map((of) => ({
    ...of,
    data: of.data.subarray(from * of.stride, to * of.stride),
    shape: [to - from, ...of.shape.slice(1)],
  }));
}
