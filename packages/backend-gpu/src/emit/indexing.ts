import { type Step, sizeOf } from "@polykeras/core";
import { literal } from "./literal.ts";
import type { Inline, KernelSource, Writer } from "./writer.ts";

/** Rows of x; an index out of range gives zeros. */
export const gather: Inline = (writer, step, flat) => {
  const [x, indices] = [step.inputs[0]!, step.inputs[1]!];
  const { shape } = writer.spec(x);
  const result = writer.variable("0");
  if (sizeOf(shape) === 0) return result;
  const width = sizeOf(shape.slice(1));
  const size = sizeOf(writer.spec(step.outputs[0]!).shape);
  const which = width === 1 ? flat : writer.quotient(flat, width, size);
  const row = writer.value(indices, which);
  writer.block(`if (${row}>=0&&${row}<${shape[0]!})`, () => {
    const from = width === 1 ? row : writer.constant(`${row}*${width}+(${flat}-${which}*${width})`);
    writer.line(`${result} = ${writer.value(x, from)};`);
  });
  return result;
};

/**
 * Sums of the updates of each row, without atomics: one kernel finds each row's first update, one finds for each
 * update the next of the same row, and every element then goes along the list of its row, always in the same order.
 */
export function scatterAdd(start: () => Writer, step: Step): readonly KernelSource[] {
  const [indices, updates] = [step.inputs[0]!, step.inputs[1]!];
  const writer = start();
  const { shape } = writer.spec(step.outputs[0]!);
  const count = sizeOf(writer.spec(indices).shape);
  const size = sizeOf(shape);
  if (count === 0) return [writer.finish("0", [size])];
  const width = sizeOf(shape.slice(1));
  const flat = writer.thread();
  const row = width === 1 ? flat : writer.quotient(flat, width, size);
  const column = width === 1 ? "0" : writer.index(`${flat}-${row}*${width}`);
  const next = writer.variable(`${writer.scratch(0)}[${row}]`);
  const total = writer.variable(literal(0));
  writer.loop(count, () => {
    writer.line(`if (${next}<0) { break; }`);
    writer.line(`${total} += ${writer.element(updates, `${next}*${width}+${column}`)};`);
    writer.line(`${next} = ${writer.scratch(1)}[${next}];`);
  });
  return [
    first(start(), step, shape[0]!, count),
    following(start(), step, count),
    writer.finish(total, [size]),
  ];
}

function first(writer: Writer, step: Step, rows: number, count: number): KernelSource {
  const row = writer.thread();
  return writer.finish(search(writer, step, count, row, "(-1)"), [rows]);
}

function following(writer: Writer, step: Step, count: number): KernelSource {
  const own = writer.thread();
  return writer.finish(search(writer, step, count, writer.value(step.inputs[0]!, own), own), [count]);
}

/** The first update after update `after` whose index is `wanted`, or -1. */
function search(writer: Writer, step: Step, count: number, wanted: string, after: string): string {
  const found = writer.variable("(-1)");
  writer.loop(count, (k) => {
    const index = writer.value(step.inputs[0]!, k);
    writer.line(`if (${found}<0&&${k}>${after}&&${index}==${wanted}) { ${found} = ${k}; }`);
  });
  return found;
}
