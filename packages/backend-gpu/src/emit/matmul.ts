import { type Step, sizeOf } from "@polykeras/core";
import { named, readNamed, tile } from "./tile.ts";
import type { Anchor, KernelSource, Writer } from "./writer.ts";

/** Products per turn of the loop, of one element and of neighbours: fewer jumps, and a shorter chain of additions. */
const [unrolledAlone, unrolledTogether] = [8, 4];

/**
 * Products of matrices: a thread makes one element, or as many neighbours of a row as it may, of as many rows as it
 * may, so that what is read of either operand is used several times. x goes along the columns, so that neighbours read
 * neighbours of the right operand.
 */
export const products: Anchor = (writer, step) => {
  const [a, b] = [step.inputs[0]!, step.inputs[1]!];
  const { shape } = writer.spec(step.outputs[0]!);
  const { transposeA, transposeB } = step.attributes;
  const [m, n] = [shape.at(-2)!, shape.at(-1)!];
  const k = writer.spec(a).shape.at(transposeA === true ? -2 : -1)!;
  const batch = sizeOf(shape.slice(0, -2));
  const rows = Math.min(m, writer.rows);
  const lanes = n % writer.lanes === 0 ? writer.lanes : writer.scatters ? Math.min(n, writer.lanes) : 1;
  const strips = Math.ceil(m / rows);
  const output = [Math.ceil(n / lanes), strips * batch];

  const thread = writer.thread();
  const column = lanes === 1 ? thread : writer.index(`${thread}*${lanes}`);
  const line = writer.index("this.thread.y");
  const which = batch === 1 ? "0" : writer.quotient(line, strips, strips * batch);
  const strip = batch === 1 ? line : writer.index(`${line}-${which}*${strips}`);
  const row = rows === 1 ? strip : writer.index(`${strip}*${rows}`);
  const from = (size: number, rest: string): string => (batch === 1 ? rest : `${which}*${size}+${rest}`);
  const places = tile(rows, lanes).map(([i, j]) => ({ row: at(row, i), column: at(column, j) }));
  const origin = writer.index(from(m * n, `${row}*${n}+${column}`));
  const flats = tile(rows, lanes).map(([i, j]) => writer.index(at(origin, i * n + j)));
  const inside = places.map((of) =>
    [...(m % rows > 0 ? [`${of.row}<${m}`] : []), ...(n % lanes > 0 ? [`${of.column}<${n}`] : [])].join("&&"),
  );
  // What else is read for an element, such as a bias, need not divide its index for its place.
  if (batch === 1 || shape.length === 3)
    for (const [i, of] of places.entries()) {
      const matrices = shape.slice(0, -2).map(() => which);
      writer.located(shape, flats[i]!, [...matrices, writer.index(of.row), writer.index(of.column)]);
    }
  const totals = flats.map(() => writer.variable("0"));
  if (k === 0) return { totals, flats, inside, output };

  const [stepA, stepB] = [transposeA === true ? m : 1, transposeB === true ? 1 : n];
  const [rowA, columnB] = [transposeA === true ? 1 : k, transposeB === true ? k : 1];
  const [x, y] = [writer.argument(a), writer.argument(b)];
  const left = writer.counter(from(m * k, rowA === 1 ? row : `${row}*${rowA}`));
  const right = writer.counter(from(k * n, columnB === 1 ? column : `${column}*${columnB}`));
  const add = (count: number): void => {
    const terms = Array.from({ length: count }, (_, i) => i);
    const read = (of: string, use: number): string => (use === 1 ? of : named(writer, of));
    const lefts = tile(rows, count).map(([i, t]) => read(`${x}[${at(left, i * rowA + t * stepA)}]`, lanes));
    const element = (j: number, t: number): string => `${y}[${at(right, j * columnB + t * stepB)}]`;
    const rights =
      rows * lanes === 1 ? terms.map((t) => element(0, t)) : readNamed(writer, lanes, count, element);
    for (const [place, [i, j]] of tile(rows, lanes).entries()) {
      const sum = terms.map((t) => `${lefts[i * count + t]!}*${rights[j * count + t]!}`).join("+");
      writer.line(`${totals[place]!} += ${sum};`);
    }
  };
  const unrolled = rows * lanes === 1 ? unrolledAlone : unrolledTogether;
  const turns = Math.floor(k / unrolled);
  if (turns > 0)
    writer.loop(turns, () => {
      add(unrolled);
      writer.line(`${left} += ${unrolled * stepA};`);
      writer.line(`${right} += ${unrolled * stepB};`);
    });
  if (k % unrolled > 0) add(k % unrolled);
  return { totals, flats, inside, output };
};

const at = (base: string, offset: number): string => (offset === 0 ? base : `${base}+${offset}`);

export function matmul(writer: Writer, step: Step): KernelSource {
  const made = products(writer, step);
  return writer.finishAnchored(made.totals, made, sizeOf(writer.spec(step.outputs[0]!).shape));
}
