import type { Target } from "../emit/expression.ts";
import type { Local } from "../wasm/code.ts";
import { copyOf, move, repeat } from "./loops.ts";
import { type Tiling, outputs } from "./winograd-plan.ts";
import { inputTransform } from "./winograd-transforms.ts";

/** Blocks of equal size along an axis: tiles of each, how many of them are whole, and how many such blocks there are. */
export interface Span {
  readonly count: number;
  readonly tiles: number;
  readonly whole: number;
}

function spansOf(tiles: number, block: number, cut: boolean): Span[] {
  const rest = tiles % block || block;
  const last = { count: 1, tiles: rest, whole: cut ? rest - 1 : rest };
  const before = Math.floor((tiles - rest) / block);
  if (!cut && rest === block) return [{ ...last, count: before + 1 }];
  return before === 0 ? [last] : [{ count: before, tiles: block, whole: block }, last];
}

/**
 * The blocks of an image, whose inputs and outputs begin at the pointers; those at its end have what is left, and tiles
 * that are cut.
 */
export function eachBlock(
  { code }: Target,
  { tiles, block, frame, plan, outSteps }: Tiling,
  from: Local,
  to: Local,
  body: (rows: Span, columns: Span, a: Local, c: Local) => void,
): void {
  const [down, across] = plan.axes.map(({ out }, i) => spansOf(tiles[i]!, block[i]!, out % outputs === 1));
  const [input, output] = [copyOf(code, from), copyOf(code, to)];
  for (const rows of down!)
    repeat(code, rows.count, () => {
      const [a, c] = [copyOf(code, input), copyOf(code, output)];
      for (const columns of across!)
        repeat(code, columns.count, () => {
          body(rows, columns, a, c);
          move(code, a, columns.tiles * outputs * frame.steps[1]!);
          move(code, c, columns.tiles * outputs * outSteps[1]!);
        });
      code.release(a);
      code.release(c);
      move(code, input, rows.tiles * outputs * frame.steps[0]!);
      move(code, output, rows.tiles * outputs * outSteps[0]!);
    });
  code.release(input);
  code.release(output);
}

/** Every tile of a block whose outputs begin at `first`: where they stand, and how many rows and columns they have. */
export function eachTile(
  { code }: Target,
  rows: Span,
  columns: Span,
  first: Local,
  { outSteps }: Tiling,
  body: (place: Local, height: number, width: number) => void,
): void {
  const [line, place] = [copyOf(code, first), code.local("i32")];
  const tile = (height: number, width: number): void => {
    body(place, height, width);
    move(code, place, outputs * outSteps[1]!);
  };
  const row = (height: number): void => {
    code.get(line).set(place);
    repeat(code, columns.whole, () => tile(height, outputs));
    if (columns.whole < columns.tiles) tile(height, 1);
    move(code, line, outputs * outSteps[0]!);
  };
  repeat(code, rows.whole, () => row(outputs));
  if (rows.whole < rows.tiles) row(1);
  code.release(line);
  code.release(place);
}

/** Transforms the inputs of a block, which begin at `from`. */
export function transformInputs(
  target: Target,
  { frame, input }: Tiling,
  rows: Span,
  columns: Span,
  from: Local,
  to: Local,
): void {
  const { code } = target;
  const [rowStep, columnStep] = [frame.steps[0]!, frame.steps[1]!];
  const transform = inputTransform(target, [rowStep, columnStep], input);
  const [v, line, place] = [copyOf(code, to), copyOf(code, from), code.local("i32")];
  repeat(code, rows.tiles, () => {
    code.get(line).set(place);
    repeat(code, columns.tiles, () => {
      code.get(place).get(v).call(transform);
      move(code, place, outputs * columnStep);
      move(code, v, input.step);
    });
    move(code, line, outputs * rowStep);
  });
  for (const local of [v, line, place]) code.release(local);
}
