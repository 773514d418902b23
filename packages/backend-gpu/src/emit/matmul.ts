import { type Step, sizeOf } from "@polykeras/core";
import type { KernelSource, Writer } from "./writer.ts";

/** Products per turn of the loop: fewer jumps, and a shorter chain of additions. */
const unrolled = 8;

/**
 * Products of matrices: one thread per element, x along the columns, so that neighbours read neighbours of the
 * right operand and the same element of the left one.
 */
export function matmul(writer: Writer, step: Step): KernelSource {
  const [a, b] = [step.inputs[0]!, step.inputs[1]!];
  const { shape } = writer.spec(step.outputs[0]!);
  const { transposeA, transposeB } = step.attributes;
  const [m, n] = [shape.at(-2)!, shape.at(-1)!];
  const k = writer.spec(a).shape.at(transposeA === true ? -2 : -1)!;
  const batch = sizeOf(shape.slice(0, -2));
  const output = [n, m * batch];
  if (k === 0) return writer.finish("0", output);

  const column = writer.constant("this.thread.x");
  const line = writer.constant("this.thread.y");
  const which = batch === 1 ? "0" : writer.constant(`Math.floor(${line}/${m})`);
  const row = batch === 1 ? line : writer.constant(`${line}-${which}*${m}`);
  const from = (size: number, rest: string): string => (batch === 1 ? rest : `${which}*${size}+${rest}`);
  const [stepA, stepB] = [transposeA === true ? m : 1, transposeB === true ? 1 : n];
  const [x, y] = [writer.argument(a), writer.argument(b)];
  const left = writer.variable(from(m * k, transposeA === true ? row : `${row}*${k}`));
  const right = writer.variable(from(k * n, transposeB === true ? `${column}*${k}` : column));
  const total = writer.variable("0");
  const at = (base: string, offset: number): string => (offset === 0 ? base : `${base}+${offset}`);
  const products = (count: number): string =>
    Array.from(
      { length: count },
      (_, i) => `${x}[${at(left, i * stepA)}]*${y}[${at(right, i * stepB)}]`,
    ).join("+");
  const turns = Math.floor(k / unrolled);
  if (turns > 0)
    writer.loop(turns, () => {
      writer.line(`${total} += ${products(unrolled)};`);
      writer.line(`${left} += ${unrolled * stepA};`);
      writer.line(`${right} += ${unrolled * stepB};`);
    });
  if (k % unrolled > 0) writer.line(`${total} += ${products(k % unrolled)};`);
  return writer.finish(total, output);
}
