import { ProgramError } from "../errors.ts";
import { numberKey } from "../graph/key.ts";
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
  const parts: ConstantPart[] = [];
  const json = JSON.stringify({ ...encodeProgram(program, parts), format });
  const last = parts.at(-1);
  const binary = new Uint8Array(last ? last.at + padded(last.data) : 0);
  for (const { at, data } of parts)
    binary.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
  return { json, binary };
}

interface ConstantPart {
  readonly at: number;
  readonly data: TypedArray;
}

function padded(data: TypedArray): number {
  return Math.ceil(data.byteLength / 8) * 8;
}

/** The program as plain JSON; constants, its own and those of bodies, are added to `parts`. */
function encodeProgram(program: Program, parts: ConstantPart[]): Record<string, unknown> {
  const constants = program.constants.map(({ value, data }) => {
    const last = parts.at(-1);
    const at = last ? last.at + padded(last.data) : 0;
    parts.push({ at, data });
    return { value, offset: at };
  });
  const steps = program.steps.map((step) => ({
    ...step,
    attributes: encodeAttributes(step.attributes),
    ...(step.bodies ? { bodies: step.bodies.map((body) => encodeProgram(body, parts)) } : {}),
  }));
  return { ...program, constants, steps };
}

/** The program back, verified. Throws ProgramError for text that is not one of this format. */
export function deserialise({ json, binary }: SerialisedProgram): Program {
  const raw: unknown = JSON.parse(json);
  if (!isRecord(raw) || raw["format"] !== format)
    throw new ProgramError(
      `This is not a program of format ${format}; serialise it again with this version.`,
    );
  const program = decodeProgram(raw, binary);
  verify(program);
  return program;
}

function decodeProgram(raw: Record<string, unknown>, binary: Uint8Array): Program {
  const list = (key: string): Record<string, unknown>[] => records(raw[key], key);
  const values: Value[] = list("values").map((value) => {
    const spec = decodeSpec(value["spec"]);
    return typeof value["viewOf"] === "number" ? { spec, viewOf: value["viewOf"] } : { spec };
  });
  return {
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
    steps: list("steps").map((step) => decodeStep(step, binary)),
    outputs: numbers(raw["outputs"]),
    updates: list("updates").map((update) => ({
      input: Number(update["input"]),
      value: Number(update["value"]),
    })),
  };
}

function records(items: unknown, key: string): Record<string, unknown>[] {
  if (Array.isArray(items) && items.every(isRecord)) return items;
  throw new ProgramError(`'${key}' of a serialised program is not a list.`);
}

function readConstant(binary: Uint8Array, offset: number, spec: TensorSpec): TypedArray {
  const data = allocate(spec.dtype, sizeOf(spec.shape));
  const bytes = binary.subarray(offset, offset + data.byteLength);
  if (bytes.length !== data.byteLength)
    throw new ProgramError("The binary part of a serialised program is cut off.");
  new Uint8Array(data.buffer).set(bytes);
  return data;
}

function decodeStep(step: Record<string, unknown>, binary: Uint8Array): Step {
  const attributes: Record<string, AttributeValue> = {};
  if (isRecord(step["attributes"]))
    for (const [key, value] of Object.entries(step["attributes"])) attributes[key] = decodeAttribute(value);
  return {
    op: String(step["op"]),
    inputs: numbers(step["inputs"]),
    outputs: numbers(step["outputs"]),
    frees: numbers(step["frees"]),
    attributes,
    ...(step["bodies"] === undefined
      ? {}
      : { bodies: records(step["bodies"], "bodies").map((body) => decodeProgram(body, binary)) }),
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
    return { number: numberKey(value) };
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
