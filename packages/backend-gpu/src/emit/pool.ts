import { type Step, type ValueId, sizeOf, windowAxes } from "@polykeras/core";
import { literal } from "./literal.ts";
import { numbers, taps } from "./windows.ts";
import type { KernelSource, Writer } from "./writer.ts";

/** Runs `body` for every element of x under the window of element `flat` of a pool's result. */
function pooled(
  writer: Writer,
  step: Step,
  result: ValueId,
  flat: string,
  body: (x: string, window: readonly string[]) => void,
): void {
  const { shape } = writer.spec(result);
  const input = writer.spec(step.inputs[0]!).shape;
  if (sizeOf(input) === 0) return;
  const at = writer.coordinates(shape, flat);
  taps(writer, windowAxes(step.attributes, input, shape), at.slice(1, -1), (position, window) =>
    body(writer.value(step.inputs[0]!, writer.flatten(input, [at[0]!, ...position, at.at(-1)!])), window),
  );
}

/** NaN is passed over: no comparison with it holds. */
export function maxPool(start: () => Writer, step: Step): readonly KernelSource[] {
  const writer = start();
  const best = writer.variable(writer.literal(-Infinity));
  const result = step.outputs[0]!;
  pooled(writer, step, result, writer.thread(), (x) => writer.line(`if (${x}>${best}) { ${best} = ${x}; }`));
  return [writer.finish(best, [sizeOf(writer.spec(result).shape)])];
}

export function sumPool(start: () => Writer, step: Step): readonly KernelSource[] {
  const writer = start();
  const total = writer.variable("0");
  const result = step.outputs[0]!;
  pooled(writer, step, result, writer.thread(), (x) => writer.line(`${total} += ${x};`));
  return [writer.finish(total, [sizeOf(writer.spec(result).shape)])];
}

/**
 * One kernel finds for each window which of its elements is the first that equals the maximum; another adds up for
 * each element the cotangents of the windows that chose it.
 */
export function maxPoolGradient(start: () => Writer, step: Step): readonly KernelSource[] {
  const [x, y, cotangent] = [step.inputs[0]!, step.inputs[1]!, step.inputs[2]!];
  const writer = start();
  const input = writer.spec(x).shape;
  const { shape } = writer.spec(y);
  if (sizeOf(shape) === 0) return [writer.finish("0", [sizeOf(input)])];
  return [firsts(writer, step, y), chosen(start(), step, input, shape, cotangent)];
}

function firsts(writer: Writer, step: Step, y: ValueId): KernelSource {
  const flat = writer.thread();
  const first = writer.variable("(-1)");
  const { window } = step.attributes;
  const maximum = writer.value(y, flat);
  pooled(writer, step, y, flat, (element, at) => {
    const number = writer.flatten(numbers(window), at);
    writer.line(`if (${first}<0&&${element}==${maximum}) { ${first} = ${number}; }`);
  });
  return writer.finish(first, [sizeOf(writer.spec(y).shape)]);
}

function chosen(
  writer: Writer,
  step: Step,
  input: readonly number[],
  shape: readonly number[],
  cotangent: ValueId,
): KernelSource {
  const at = writer.coordinates(input, writer.thread());
  const total = writer.variable(literal(0));
  const windows = numbers(step.attributes["window"]);
  // Seen from an element, the windows over it: place p has it as element k where p * stride = position + low - k.
  const axes = windowAxes(step.attributes, input, shape);
  const nest = (axis: number, places: readonly string[], window: readonly string[]): void => {
    const of = axes[axis];
    if (!of) {
      const place = writer.flatten(shape, [at[0]!, ...places, at.at(-1)!]);
      const mark = writer.constant(`${writer.scratch(0)}[${place}]`);
      writer.block(`if (${mark}==${writer.flatten(windows, window)})`, () =>
        writer.line(`${total} += ${writer.value(cotangent, place)};`),
      );
      return;
    }
    writer.loop(of.window, (k) => {
      const from = writer.index(`${at[axis + 1]!}+${of.low}-${k}`);
      const place = of.stride === 1 ? from : writer.quotient(from, of.stride, of.length + of.low);
      const whole = of.stride === 1 ? "" : `&&${place}*${of.stride}==${from}`;
      writer.block(`if (${place}>=0&&${place}<${of.out}${whole})`, () =>
        nest(axis + 1, [...places, place], [...window, k]),
      );
    });
  };
  nest(0, [], []);
  return writer.finish(total, [sizeOf(input)]);
}
