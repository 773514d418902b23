import { type Step, sizeOf, windowAxes } from "@polykeras/core";
import { named, readNamed, tile } from "./tile.ts";
import { tap, taps } from "./windows.ts";
import type { Anchor, KernelSource, Writer } from "./writer.ts";

/** Products per turn of the loop over channels, of one element and of neighbours. */
const [unrolledAlone, unrolledTogether] = [8, 4];

/**
 * Convolution, directly: a thread sums the products under one window, for one output channel or for four neighbours
 * that read the same inputs; where it may, for four windows side by side, which read the same weights. What one tap
 * gives is summed by itself, so that errors grow with the root of the length.
 */
export const convolution: Anchor = (writer, step) => {
  const [x, kernel] = [step.inputs[0]!, step.inputs[1]!];
  const { shape } = writer.spec(step.outputs[0]!);
  const [input, weights] = [writer.spec(x).shape, writer.spec(kernel).shape];
  const [groups, batchGroups] = [Number(step.attributes["groups"]), Number(step.attributes["batchGroups"])];
  const [width, filters] = [shape.at(-2)!, shape.at(-1)!];
  const depth = weights.at(-2)!;

  const lanes = lanesOf(writer, filters, groups * batchGroups);
  const rows = shape.length > 2 ? Math.min(writer.rows, width) : 1;
  const threads = [...shape.slice(0, -2), Math.ceil(width / rows), Math.ceil(filters / lanes)];
  const thread = writer.coordinates(threads, writer.thread());
  const filter = scaled(writer, thread.at(-1)!, lanes);
  const column = scaled(writer, thread.at(-2)!, rows);
  const windows = Array.from({ length: rows }, (_, i) => (i === 0 ? column : writer.index(`${column}+${i}`)));
  const flats: string[] = [];
  const inside: string[] = [];
  for (const [i, j] of tile(rows, lanes)) {
    const at = [...thread.slice(0, -2), windows[i]!, j === 0 ? filter : writer.index(`${filter}+${j}`)];
    const flat = writer.flatten(shape, at);
    writer.located(shape, flat, at);
    flats.push(flat);
    const conditions = [
      ...(width % rows > 0 ? [`${at.at(-2)!}<${width}`] : []),
      ...(filters % lanes > 0 ? [`${at.at(-1)!}<${filters}`] : []),
    ];
    inside.push(conditions.join("&&"));
  }
  const totals = flats.map(() => writer.variable("0"));
  const made = { totals, flats, inside, output: [sizeOf(threads)] };
  if (sizeOf(input) === 0 || sizeOf(weights) === 0) return made;

  const part = (parts: number): string =>
    parts === 1 ? "0" : writer.quotient(filter, filters / parts, filters);
  const group = part(groups);
  const sample =
    batchGroups === 1 ? thread[0]! : writer.index(`${part(batchGroups)}*${shape[0]!}+${thread[0]!}`);
  const channel = group === "0" ? "0" : writer.index(`${group}*${depth}`);
  const unrolled = rows * lanes === 1 ? unrolledAlone : unrolledTogether;

  /** Adds what a tap gives: where it lies in the input for each window, and in the weights. */
  const add = (spots: readonly Spot[], k: readonly string[]): void => {
    const lefts = spots.map(({ position }) =>
      writer.counter(writer.flatten(input, [sample, ...position, channel])),
    );
    const right = writer.counter(writer.flatten(weights, [...k, "0", filter]));
    const parts = depth > 1 ? totals.map(() => writer.variable("0")) : totals;
    const products = (count: number): void => {
      const weight = (j: number, c: number): string => writer.element(kernel, plus(right, c * filters + j));
      const rights =
        rows * lanes === 1
          ? Array.from({ length: count }, (_, c) => weight(0, c))
          : readNamed(writer, lanes, count, weight);
      for (const [i, { inside: condition }] of spots.entries())
        guarded(writer, rows === 1 ? "" : condition, () => {
          const factors = Array.from({ length: count }, (_, c) => {
            const element = writer.element(x, plus(lefts[i]!, c));
            return lanes === 1 ? element : named(writer, element);
          });
          for (let j = 0; j < lanes; j++) {
            const terms = factors.map((of, c) => `${of}*${rights[j * count + c]!}`);
            writer.line(`${parts[i * lanes + j]!} += ${terms.join("+")};`);
          }
        });
    };
    const turns = Math.floor(depth / unrolled);
    if (turns > 0)
      writer.loop(turns, () => {
        products(unrolled);
        for (const left of lefts) writer.line(`${left} += ${unrolled};`);
        writer.line(`${right} += ${unrolled * filters};`);
      });
    if (depth % unrolled > 0) products(depth % unrolled);
    if (depth > 1) for (const [i, total] of totals.entries()) writer.line(`${total} += ${parts[i]!};`);
  };

  const axes = windowAxes(step.attributes, input, shape, weights);
  const along = axes.at(-1);
  taps(writer, axes.slice(0, -1), thread.slice(1, -2), (position, k) => {
    if (!along) return add([{ position: [], inside: "" }], []);
    // Windows of the last threads may lie beyond the output.
    const of = { ...along, out: Math.ceil(width / rows) * rows };
    const turn = (last: string): void => {
      const spots = windows.map((window): Spot => {
        const found = tap(writer, of, window, last);
        return { position: [...position, found.position], inside: found.inside };
      });
      guarded(writer, rows === 1 ? spots[0]!.inside : "", () => add(spots, [...k, last]));
    };
    if (along.window === 1) turn("0");
    else writer.loop(along.window, turn);
  });
  return made;
};

/** Where a tap of a window lies in the input, and the condition that it does, empty where it always does. */
interface Spot {
  readonly position: readonly string[];
  readonly inside: string;
}

/** Neighbouring filters of a thread, which are of one group. */
function lanesOf({ lanes, scatters }: Writer, filters: number, groups: number): number {
  if ((filters / groups) % lanes === 0) return lanes;
  return scatters && groups === 1 ? Math.min(lanes, filters) : 1;
}

function scaled(writer: Writer, index: string, by: number): string {
  return by === 1 || index === "0" ? index : writer.index(`${index}*${by}`);
}

function guarded(writer: Writer, condition: string, body: () => void): void {
  if (condition === "") body();
  else writer.block(`if (${condition})`, body);
}

export function conv(writer: Writer, step: Step): KernelSource {
  const made = convolution(writer, step);
  return writer.finishAnchored(made.totals, made, sizeOf(writer.spec(step.outputs[0]!).shape));
}

const plus = (base: string, offset: number): string => (offset === 0 ? base : `${base}+${offset}`);
