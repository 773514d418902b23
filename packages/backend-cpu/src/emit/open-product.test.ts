import { expect, test } from "vitest";
import type { Choices } from "../choices.ts";
import { type CpuBackend, createForced } from "../engine.ts";
import { watchModules } from "../fixtures/modules.ts";
import { ProgramBuilder, runOnce, sample } from "../fixtures/program.ts";

interface Case {
  readonly name: string;
  readonly sizes: readonly number[];
  /** Sizes that are not among these, for which all code is there then. */
  readonly others: readonly number[];
  readonly shapes: (size: number) => readonly [readonly number[], readonly number[]];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

const five = (from: number): number[] => Array.from({ length: 5 }, (_, i) => from + i);
/** All remainders by the tile, of few rows, of some, and of many. */
const rows = {
  sizes: [2, 4, ...[6, 11, 16, 30, 60, 300].flatMap(five)],
  others: [24, 37, 70, 88, 101, 111, 307, 309, 311],
};
const depths = { sizes: [3, 8, 9, 16, 17, 33, 1, 40, 300], others: [5, 7, 18, 35, 301, 257] };
const cases: readonly Case[] = [
  {
    name: "rows",
    ...rows,
    shapes: (m) => [
      [m, 33],
      [33, 21],
    ],
  },
  {
    name: "rows by columns",
    ...rows,
    shapes: (m) => [
      [m, 19],
      [40, 19],
    ],
    transposeB: true,
  },
  {
    name: "summed over samples",
    ...depths,
    shapes: (k) => [
      [k, 14],
      [k, 19],
    ],
    transposeA: true,
  },
  {
    name: "summed over samples, more rows",
    ...depths,
    shapes: (k) => [
      [k, 90],
      [k, 24],
    ],
    transposeA: true,
  },
  {
    name: "a column",
    ...rows,
    shapes: (m) => [
      [m, 35],
      [35, 1],
    ],
  },
  {
    name: "a row summed over samples",
    ...depths,
    shapes: (k) => [
      [k, 1],
      [k, 31],
    ],
    transposeA: true,
  },
  {
    name: "a column summed over samples",
    ...depths,
    shapes: (k) => [
      [k, 27],
      [k, 1],
    ],
    transposeA: true,
  },
  {
    name: "a batch",
    ...depths,
    shapes: (batch) => [
      [batch, 5, 9],
      [batch, 9, 8],
    ],
  },
];

const choices: Readonly<Record<string, Partial<Choices>>> = {
  "as chosen": {},
  "in small blocks": {
    smallProductMax: 0,
    packedTiles: 1,
    packedElements: 64,
    blockDepth: 8,
    blockRows: 12,
    blockBytes: 512,
  },
};

const all = Object.entries(choices).flatMap(([how, forced]) => cases.map((of) => ({ ...of, how, forced })));

test.each(all)("a product of any size: $name, $how", async ({ sizes, others, shapes, forced, ...of }) => {
  const { transposeA = false, transposeB = false } = of;
  const fresh = (): CpuBackend => createForced({ threads: 1, fma: false }, { forced, note: () => undefined });
  const results = async (engine: CpuBackend, size: number): Promise<number[]> => {
    const builder = new ProgramBuilder();
    const operands = shapes(size);
    const inputs = operands.map((shape) => builder.input(shape));
    const program = builder.program([builder.op("matmul", inputs, { transposeA, transposeB })]);
    const data = operands.map((shape, i) =>
      sample(
        "float32",
        shape.reduce((a, b) => a * b, 1),
        i + 1,
      ),
    );
    const [found] = await runOnce(engine, program, data);
    return found!;
  };
  const engine = fresh();
  for (const size of sizes) expect(await results(engine, size)).toEqual(await results(fresh(), size));
  const { sizes: modules, stop } = watchModules();
  const found: number[][] = [];
  try {
    for (const size of others) found.push(await results(engine, size));
  } finally {
    stop();
  }
  for (const [i, size] of others.entries()) expect(found[i]).toEqual(await results(fresh(), size));
  expect(modules).toEqual([]);
});
