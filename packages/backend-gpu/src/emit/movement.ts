import { type Step, sizeOf } from "@polykeras/core";
import { gather } from "./indexing.ts";
import { numbers } from "./windows.ts";
import type { Inline, Writer } from "./writer.ts";

/** The coordinates of an element in the output of the step, and that output's shape. */
function place(
  writer: Writer,
  step: Step,
  flat: string,
): { at: readonly string[]; shape: readonly number[] } {
  const { shape } = writer.spec(step.outputs[0]!);
  return { at: writer.coordinates(shape, flat), shape };
}

const plus = (x: string, offset: number): string =>
  offset === 0 ? x : x === "0" ? String(offset) : `(${x}+${offset})`;

/** Ops that only choose which element to read. */
const rules: Readonly<Record<string, Inline>> = {
  broadcastTo: (writer, step, flat) =>
    writer.operand(step.inputs[0]!, writer.spec(step.outputs[0]!).shape, flat),

  transpose: (writer, step, flat) => {
    const { at } = place(writer, step, flat);
    const permutation = numbers(step.attributes["permutation"]);
    const { shape } = writer.spec(step.inputs[0]!);
    return writer.value(
      step.inputs[0]!,
      writer.flatten(
        shape,
        shape.map((_, axis) => at[permutation.indexOf(axis)]!),
      ),
    );
  },

  slice: (writer, step, flat) => {
    const { at } = place(writer, step, flat);
    const [begin, strides] = [numbers(step.attributes["begin"]), numbers(step.attributes["strides"])];
    const from = at.map((c, axis) =>
      plus(strides[axis] === 1 || c === "0" ? c : `${c}*${strides[axis]}`, begin[axis]!),
    );
    return writer.value(step.inputs[0]!, writer.flatten(writer.spec(step.inputs[0]!).shape, from));
  },

  reverse: (writer, step, flat) => {
    const { at, shape } = place(writer, step, flat);
    const axes = numbers(step.attributes["axes"]);
    const from = at.map((c, axis) =>
      axes.includes(axis) && shape[axis]! > 1 ? writer.index(`${shape[axis]! - 1}-${c}`) : c,
    );
    return writer.value(step.inputs[0]!, writer.flatten(shape, from));
  },

  gather,

  pad: (writer, step, flat) => {
    const { at } = place(writer, step, flat);
    const before = numbers(step.attributes["before"]);
    const result = writer.variable(writer.literal(Number(step.attributes["value"])));
    const { shape } = writer.spec(step.inputs[0]!);
    if (sizeOf(shape) === 0) return result;
    const inside = shape.map(
      (dim, axis) => `${at[axis]}>=${before[axis]}&&${at[axis]}<${before[axis]! + dim}`,
    );
    writer.block(`if (${inside.join("&&") || "1>0"})`, () => {
      const from = at.map((c, axis) => (before[axis] === 0 ? c : writer.index(`${c}-${before[axis]}`)));
      writer.line(`${result} = ${writer.value(step.inputs[0]!, writer.flatten(shape, from))};`);
    });
    return result;
  },

  concatenate: (writer, step, flat) => {
    const { at } = place(writer, step, flat);
    const axis = Number(step.attributes["axis"]);
    const result = writer.variable("0");
    let first = 0;
    for (const id of step.inputs) {
      const { shape } = writer.spec(id);
      const last = first + shape[axis]!;
      const start = first;
      if (sizeOf(shape) > 0)
        writer.block(`if (${at[axis]}>=${start}&&${at[axis]}<${last})`, () => {
          const from = at.with(axis, start === 0 ? at[axis]! : writer.index(`${at[axis]}-${start}`));
          writer.line(`${result} = ${writer.value(id, writer.flatten(shape, from))};`);
        });
      first = last;
    }
    return result;
  },

  iota: (writer, step, flat) =>
    writer.constant(place(writer, step, flat).at[Number(step.attributes["axis"])]!),
};

export const movement: ReadonlyMap<string, Inline> = new Map(Object.entries(rules));

/** Ops so cheap that they are computed anew wherever they are read. */
export const free: ReadonlySet<string> = new Set(["broadcastTo", "iota"]);
