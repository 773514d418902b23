import { ProgramError } from "../errors.ts";
import { type TypedArray, allocate, asDType } from "../tensor/dtype.ts";
import { type TensorSpec, sizeOf } from "../tensor/spec.ts";
import type { AttributeValue, Attributes, Program, Step, Value } from "./program.ts";
import { verify } from "./verify.ts";

/** A program as JSON text and the constants' bytes, so that an engine may live in another process. */
export interface SerialisedProgram {
  readonly json: string;
  readonly binary: Uint8Array;
}

const format = 1;

/** Constants are laid one after the other at multiples of 8 bytes, in the machine's (little-endian) order. */
export function serialise(program: Program): SerialisedProgram {
  let offset = 0;
  const parts: { at: number; data: TypedArray }[] = [];
  const constants = program.constants.map(({ value, data }) => {
    const at = offset;
    parts.push({ at, data });
    offset += Math.ceil(data.byteLength / 8) * 8;
    return { value, offset: at };
  });
  const binary = new Uint8Array(offset);
  for (const { at, data } of parts)
    binary.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
  const steps = program.steps.map((step) => ({ ...step, attributes: encodeAttributes(step.attributes) }));
  return { json: JSON.stringify({ ...program, format, constants, steps }), binary };
}

/** The program back, verified. Throws ProgramError for text that is not one of this format. */
export function deserialise({ json, binary }: SerialisedProgram): Program {
  const raw: unknown = JSON.parse(json);
  if (!isRecord(raw) || raw["format"] !== format)
    throw new ProgramError(
      `This is not a program of format ${format}; serialise it again with this version.`,
    );
  const list = (key: string): Record<string, unknown>[] => {
    const items = raw[key];
    if (!Array.isArray(items) || !items.every(isRecord))
      throw new ProgramError(`'${key}' of a serialised program is not a list.`);
    return items;
  };
  const values: Value[] = list("values").map((value) => {
    const spec = decodeSpec(value["spec"]);
    return typeof value["viewOf"] === "number" ? { spec, viewOf: value["viewOf"] } : { spec };
  });
  const program: Program = {
    values,
    inputs: list("inputs").map((input) => ({
      value: Number(input["value"]),
      kind: input["kind"] === "variable" ? "variable" : "placeholder",
      name: String(input["name"]),
    })),
    constants: list("constants").map((constant) => {
      const value = Number(constant["value"]);
      const spec = values[value]?.spec;
      if (!spec) throw new ProgramError(`A serialised constant names value ${value}, which does not exist.`);
      return { value, data: readConstant(binary, Number(constant["offset"]), spec) };
    }),
    steps: list("steps").map(decodeStep),
    outputs: numbers(raw["outputs"]),
    updates: list("updates").map((update) => ({
      input: Number(update["input"]),
      value: Number(update["value"]),
    })),
  };
  verify(program);
  return program;
}

function readConstant(binary: Uint8Array, offset: number, spec: TensorSpec): TypedArray {
  const data = allocate(spec.dtype, sizeOf(spec.shape));
  const bytes = binary.subarray(offset, offset + data.byteLength);
  if (bytes.length !== data.byteLength)
    throw new ProgramError("The binary part of a serialised program is cut off.");
  new Uint8Array(data.buffer).set(bytes);
  return data;
}

function decodeStep(step: Record<string, unknown>): Step {
  const attributes: Record<string, AttributeValue> = {};
  if (isRecord(step["attributes"]))
    for (const [key, value] of Object.entries(step["attributes"])) attributes[key] = decodeAttribute(value);
  return {
    op: String(step["op"]),
    inputs: numbers(step["inputs"]),
    outputs: numbers(step["outputs"]),
    frees: numbers(step["frees"]),
    attributes,
  };
}

function decodeSpec(spec: unknown): TensorSpec {
  if (!isRecord(spec)) throw new ProgramError("A value of a serialised program has no spec.");
  return { shape: numbers(spec["shape"]), dtype: asDType(spec["dtype"], "a serialised program") };
}

/** JSON has no NaN, infinities or -0: they travel as `{ number: "NaN" }`. */
function encodeAttributes(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, encodeAttribute(value)]));
}

function encodeAttribute(value: AttributeValue): unknown {
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return { number: Object.is(value, -0) ? "-0" : String(value) };
  return value !== null && typeof value === "object" ? value.map(encodeAttribute) : value;
}

function decodeAttribute(value: unknown): AttributeValue {
  if (Array.isArray(value)) return value.map(decodeAttribute);
  if (isRecord(value)) return Number(value["number"]);
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  throw new ProgramError("An attribute of a serialised program is no plain value.");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numbers(value: unknown): number[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) return value;
  throw new ProgramError("A serialised program has something else where a list of numbers is expected.");
}
