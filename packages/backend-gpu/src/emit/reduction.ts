import { type Step, sizeOf, stridesOf } from "@polykeras/core";
import { isNaN } from "./literal.ts";
import type { Writer } from "./writer.ts";

/** Writes the element `flat` of a step's output as a loop, and returns its name. */
export type Loop = (writer: Writer, step: Step, flat: string) => string;

/** Sums longer than this are added up in blocks, so that the error grows with the root of the length. */
const block = 128;

/** Runs `body` for the index of each element that is reduced into element `flat`. */
function reduce(
  writer: Writer,
  step: Step,
  flat: string,
  axes: readonly number[],
  body: (at: string) => void,
): void {
  const { shape } = writer.spec(step.inputs[0]!);
  const strides = stridesOf(shape);
  const nest = (rest: readonly number[], from: string): void => {
    const [axis, ...inner] = rest;
    if (axis === undefined) return body(from);
    writer.loop(shape[axis]!, (k) => nest(inner, join(writer, from, k, strides[axis]!)));
  };
  nest(
    axes.filter((axis) => shape[axis] !== 1),
    origin(writer, shape, axes, flat),
  );
}

/** The index of the first element that is reduced into element `flat`. */
function origin(writer: Writer, shape: readonly number[], axes: readonly number[], flat: string): string {
  const kept = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return writer.flatten(shape, writer.coordinates(kept, flat));
}

/** The index `k` elements after `from` along an axis. */
function join(writer: Writer, from: string, k: string, stride: number): string {
  return writer.index(`${from === "0" ? "" : `${from}+`}${k}${stride === 1 ? "" : `*${stride}`}`);
}

function axesOf(step: Step): readonly number[] {
  const { axes } = step.attributes;
  return Array.isArray(axes) ? axes.map(Number) : [];
}

const isEmpty = (writer: Writer, step: Step): boolean => sizeOf(writer.spec(step.inputs[0]!).shape) === 0;

const sum: Loop = (writer, step, flat) => {
  const total = writer.variable("0");
  if (isEmpty(writer, step)) return total;
  const { shape } = writer.spec(step.inputs[0]!);
  const axes = axesOf(step).filter((axis) => shape[axis] !== 1);
  const strides = stridesOf(shape);
  /** Adds all elements under `from` along the axes to `into`, which belongs to the loop around. */
  const add = (rest: readonly number[], from: string, into: string): void => {
    const [axis, ...inner] = rest;
    if (axis === undefined) {
      writer.line(`${into} += ${writer.value(step.inputs[0]!, from)};`);
      return;
    }
    const [dim, stride] = [shape[axis]!, strides[axis]!];
    const run = (count: number, start: string): void => {
      const part = writer.variable("0");
      writer.loop(count, (k) => add(inner, join(writer, start, k, stride), part));
      writer.line(`${into} += ${part};`);
    };
    const blocks = Math.floor(dim / block);
    if (blocks > 1) writer.loop(blocks, (k) => run(block, join(writer, from, k, stride * block)));
    const done = blocks > 1 ? blocks * block : 0;
    if (done < dim) run(dim - done, done === 0 ? from : join(writer, from, String(done), stride));
  };
  add(axes, origin(writer, shape, axes, flat), total);
  return total;
};

const prod: Loop = (writer, step, flat) => {
  const total = writer.variable("1");
  if (isEmpty(writer, step)) return total;
  reduce(writer, step, flat, axesOf(step), (at) =>
    writer.line(`${total} *= ${writer.value(step.inputs[0]!, at)};`),
  );
  return total;
};

const extremum =
  (beats: ">" | "<", empty: number): Loop =>
  (writer, step, flat) => {
    const best = writer.variable(writer.literal(empty));
    if (isEmpty(writer, step)) return best;
    const nan = writer.variable("0");
    reduce(writer, step, flat, axesOf(step), (at) => {
      const x = writer.value(step.inputs[0]!, at);
      writer.line(`if (${x}${beats}${best}) { ${best} = ${x}; }`);
      writer.line(`if (${isNaN(x)}) { ${nan} = ${x}; }`);
    });
    return writer.constant(`${best}+${nan}`);
  };

/** The first of the largest; the first NaN is larger than all. */
const argmax: Loop = (writer, step, flat) => {
  const axis = Number(step.attributes["axis"]);
  const { shape } = writer.spec(step.inputs[0]!);
  const best = writer.variable(writer.literal(-Infinity));
  const [at, nan, k] = [writer.variable("0"), writer.variable("0"), writer.variable("0")];
  reduce(writer, step, flat, [axis], (from) => {
    const x = writer.value(step.inputs[0]!, from);
    writer.line(`if (${nan}<1&&${x}>${best}) { ${best} = ${x}; ${at} = ${k}; }`);
    writer.line(`if (${nan}<1&&${isNaN(x)}) { ${nan} = 1; ${at} = ${k}; }`);
    writer.line(`${k} += 1;`);
  });
  return shape[axis] === 1 ? "0" : at;
};

export const reduction: ReadonlyMap<string, Loop> = new Map([
  ["sum", sum],
  ["prod", prod],
  ["max", extremum(">", -Infinity)],
  ["min", extremum("<", Infinity)],
  ["argmax", argmax],
]);
