import { type Step, sizeOf, windowAxes } from "@polykeras/core";
import { taps } from "./windows.ts";
import type { Anchor, KernelSource, Writer } from "./writer.ts";

/** Products per turn of the loop over channels, of one element and of neighbours. */
const [unrolledAlone, unrolledTogether] = [8, 4];

/**
 * Convolution, directly: a thread sums the products under one window, for one output channel or for four neighbours
 * that read the same inputs. What one tap gives is summed by itself, so that errors grow with the root of the length.
 */
export const convolution: Anchor = (writer, step) => {
  const [x, kernel] = [step.inputs[0]!, step.inputs[1]!];
  const { shape } = writer.spec(step.outputs[0]!);
  const [input, weights] = [writer.spec(x).shape, writer.spec(kernel).shape];
  const [groups, batchGroups] = [Number(step.attributes["groups"]), Number(step.attributes["batchGroups"])];
  const filters = shape.at(-1)!;
  const depth = weights.at(-2)!;
  const size = sizeOf(shape);

  const lanes = (filters / groups / batchGroups) % writer.lanes === 0 ? writer.lanes : 1;
  const thread = writer.thread();
  const flat = lanes === 1 ? thread : writer.constant(`${thread}*${lanes}`);
  const at = writer.coordinates(shape, flat);
  const filter = at.at(-1)!;
  const part = (parts: number): string =>
    parts === 1 ? "0" : writer.quotient(filter, filters / parts, filters);
  const group = part(groups);
  const sample = batchGroups === 1 ? at[0]! : writer.constant(`${part(batchGroups)}*${shape[0]!}+${at[0]!}`);
  const channel = group === "0" ? "0" : writer.constant(`${group}*${depth}`);
  const unrolled = lanes === 1 ? unrolledAlone : unrolledTogether;
  const flats = Array.from({ length: lanes }, (_, lane) => writer.constant(plus(flat, lane)));
  const output = [size / lanes];
  const totals = Array.from({ length: lanes }, () => writer.variable("0"));
  if (sizeOf(input) === 0 || sizeOf(weights) === 0) return { totals, flats, output };
  taps(writer, windowAxes(step.attributes, input, shape, weights), at.slice(1, -1), (position, k) => {
    const left = writer.variable(writer.flatten(input, [sample, ...position, channel]));
    const right = writer.variable(writer.flatten(weights, [...k, "0", filter]));
    const parts = depth > 1 ? totals.map(() => writer.variable("0")) : totals;
    const products = (count: number): void => {
      const factors = Array.from({ length: count }, (_, c) => {
        const element = writer.element(x, plus(left, c));
        if (lanes === 1) return element;
        const name = writer.fresh();
        writer.line(`const ${name} = ${element};`);
        return name;
      });
      for (const [lane, into] of parts.entries()) {
        const terms = factors.map(
          (of, c) => `${of}*${writer.element(kernel, plus(right, c * filters + lane))}`,
        );
        writer.line(`${into} += ${terms.join("+")};`);
      }
    };
    const turns = Math.floor(depth / unrolled);
    if (turns > 0)
      writer.loop(turns, () => {
        products(unrolled);
        writer.line(`${left} += ${unrolled};`);
        writer.line(`${right} += ${unrolled * filters};`);
      });
    if (depth % unrolled > 0) products(depth % unrolled);
    if (depth > 1) for (const [lane, total] of totals.entries()) writer.line(`${total} += ${parts[lane]!};`);
  });
  return { totals, flats, output };
};

export function conv(writer: Writer, step: Step): KernelSource {
  const { totals, output } = convolution(writer, step);
  return writer.finishLanes(totals, output);
}

const plus = (base: string, offset: number): string => (offset === 0 ? base : `${base}+${offset}`);
