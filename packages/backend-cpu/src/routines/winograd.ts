import { sizeOf } from "@polykeras/core";
import type { Target } from "../emit/expression.ts";
import { arithmeticOf } from "../emit/tile.ts";
import type { Local } from "../wasm/code.ts";
import { exactConvolution, hasNonFinite } from "./conv-exact.ts";
import { type Geometry, stepsOf } from "./conv-geometry.ts";
import { packKernel } from "./conv-pack.ts";
import { callTiles } from "./conv-tiles.ts";
import { copyOf, move, offsetTo, repeat } from "./loops.ts";
import { type WinogradPlan, outputs, products } from "./winograd-plan.ts";
import { inputTransform, kernelTransform, outputTransform } from "./winograd-transforms.ts";

const [pointerIn, pointerKernel, pointerOut, batch, scratch] = [0, 1, 2, 3, 4];

/**
 * A convolution by F(2x2, 3x3), or its input's gradient: tiles of 2 x 2 outputs are made of 16 products of transformed
 * channels instead of 36 of the channels themselves. Infinite inputs may become NaN on this way: an image of whose
 * outputs one is not finite is computed again without it. Parameters: input, kernel, output, batch, scratch.
 */
export function emitWinograd(target: Target, of: Geometry, wanted: "y" | "x", plan: WinogradPlan): void {
  const { code, module } = target;
  const exact = (input: Local, output: Local, images: () => void): void => {
    const [x, y] = wanted === "y" ? [input, output] : [output, input];
    code.get(x).get(pointerKernel).get(y);
    images();
    code.call(exactConvolution(target, of, wanted));
  };
  code
    .get(pointerKernel)
    .i32(9 * of.depth * of.filters)
    .call(hasNonFinite(module, of.bytes));
  code.if(
    () => exact(pointerIn, pointerOut, () => void code.get(batch)),
    () => new Images(target, plan, (input, output) => exact(input, output, () => void code.i32(1))).emit(),
  );
}

class Images {
  readonly #target: Target;
  readonly #of: WinogradPlan;
  readonly #again: (input: Local, output: Local) => void;
  readonly #outSteps: readonly number[];
  /** Zeros, or NaN from the first output on that is not finite. */
  readonly #found: Local;
  readonly #kernel: Local;
  /** The transformed inputs of a block, and its products. */
  readonly #inputs: Local;
  readonly #products: Local;

  constructor(target: Target, of: WinogradPlan, again: (input: Local, output: Local) => void) {
    const { code } = target;
    this.#target = target;
    this.#of = of;
    this.#again = again;
    const { axes, filters, bytes } = of.plan;
    this.#outSteps = stepsOf(
      axes.map(({ out }) => out),
      filters,
      bytes,
    );
    this.#found = code.local("v128");
    this.#kernel = code.local("i32");
    this.#inputs = code.local("i32");
    this.#products = code.local("i32");
  }

  emit(): void {
    const { code } = this.#target;
    const { plan, passes, frame, kernelBytes, input } = this.#of;
    const { layout, bytes } = plan;
    offsetTo(code, this.#kernel, scratch, frame.bytes);
    offsetTo(code, this.#inputs, this.#kernel, kernelBytes);
    offsetTo(code, this.#products, this.#inputs, products * input.stride);
    frame.clear(code, scratch);
    const [weights, shift] = [copyOf(code, pointerKernel), code.local("i32")];
    code.i32(0).set(shift);
    for (const { count, filters } of passes)
      repeat(code, count, () => {
        this.#transformKernel(weights, filters);
        this.#pass(filters, shift);
        move(code, weights, filters * (layout.turned ? layout.columns : 1) * bytes);
        move(code, shift, filters * bytes);
      });
  }

  /** All images, for so many filters, which stand `shift` bytes after the first one. */
  #pass(filters: number, shift: Local): void {
    const { code } = this.#target;
    const { plan, frame, offset } = this.#of;
    const { axes, depth, bytes } = plan;
    const [image, out] = [copyOf(code, pointerIn), copyOf(code, pointerOut)];
    const [from, to] = [code.local("i32"), code.local("i32")];
    repeat(code, { local: batch }, () => {
      frame.fill(code, scratch, image);
      code.splat("f32x4", 0).set(this.#found);
      offsetTo(code, from, frame.bytes > 0 ? scratch : image, offset);
      code.get(out).get(shift).op("i32.add").set(to);
      this.#image(from, to, filters);
      code.get(this.#found).get(this.#found).op("f32x4.ne").op("v128.any_true");
      code.if(() => this.#again(image, out));
      move(code, image, sizeOf(axes.map(({ size }) => size)) * depth * bytes);
      move(code, out, axes[0]!.out * this.#outSteps[0]!);
    });
    for (const local of [image, out, from, to]) code.release(local);
  }

  /** Packs panels where blocks stand later, and transforms them one after the other. */
  #transformKernel(weights: Local, filters: number): void {
    const { code } = this.#target;
    const { plan, kernelStride } = this.#of;
    const { layout, combinations, depth, width, bytes } = plan;
    packKernel(this.#target, { ...layout, filters }, combinations, weights, this.#inputs);
    const panelBytes = depth * width * bytes;
    const [panel, to] = [copyOf(code, this.#inputs), copyOf(code, this.#kernel)];
    const transform = kernelTransform(this.#target, panelBytes, kernelStride);
    repeat(code, Math.ceil(filters / width), () => {
      code
        .get(panel)
        .get(to)
        .i32(panelBytes / 16)
        .call(transform);
      move(code, panel, 9 * panelBytes);
      move(code, to, panelBytes);
    });
    code.release(panel);
    code.release(to);
  }

  /** The blocks of an image; those at its end have what is left, and tiles that are cut. */
  #image(from: Local, to: Local, filters: number): void {
    const { code } = this.#target;
    const { tiles, block, frame, plan } = this.#of;
    const [down, across] = plan.axes.map(({ out }, i) => spansOf(tiles[i]!, block[i]!, out % outputs === 1));
    const [input, output] = [copyOf(code, from), copyOf(code, to)];
    for (const rows of down!)
      repeat(code, rows.count, () => {
        const [a, c] = [copyOf(code, input), copyOf(code, output)];
        for (const columns of across!)
          repeat(code, columns.count, () => {
            this.#block(rows, columns, a, c, filters);
            move(code, a, columns.tiles * outputs * frame.steps[1]!);
            move(code, c, columns.tiles * outputs * this.#outSteps[1]!);
          });
        code.release(a);
        code.release(c);
        move(code, input, rows.tiles * outputs * frame.steps[0]!);
        move(code, output, rows.tiles * outputs * this.#outSteps[0]!);
      });
    code.release(input);
    code.release(output);
  }

  #block(rows: Span, columns: Span, a: Local, c: Local, filters: number): void {
    const { code } = this.#target;
    const { frame, input, output } = this.#of;
    const [rowStep, columnStep] = [frame.steps[0]!, frame.steps[1]!];
    const [outRow, outColumn] = [this.#outSteps[0]!, this.#outSteps[1]!];
    const transform = inputTransform(this.#target, [rowStep, columnStep], input);
    const [v, m] = [copyOf(code, this.#inputs), copyOf(code, this.#products)];
    const [line, place] = [copyOf(code, a), code.local("i32")];
    repeat(code, rows.tiles, () => {
      code.get(line).set(place);
      repeat(code, columns.tiles, () => {
        code.get(place).get(v).call(transform);
        move(code, place, outputs * columnStep);
        move(code, v, input.step);
      });
      move(code, line, outputs * rowStep);
    });
    this.#multiply(rows.tiles * columns.tiles, filters);
    code.get(c).set(line);
    const tile = (height: number, width: number): void => {
      const shape = {
        rows: height,
        columns: width,
        rowStep: outRow,
        columnStep: outColumn,
        channels: filters,
      };
      code.get(m).get(place).get(this.#found);
      code.call(outputTransform(this.#target, shape, output)).set(this.#found);
      move(code, place, outputs * outColumn);
      move(code, m, output.step);
    };
    const row = (height: number): void => {
      code.get(line).set(place);
      repeat(code, columns.whole, () => tile(height, outputs));
      if (columns.whole < columns.tiles) tile(height, 1);
      move(code, line, outputs * outRow);
    };
    repeat(code, rows.whole, () => row(outputs));
    if (rows.whole < rows.tiles) row(1);
    for (const local of [v, m, line, place]) code.release(local);
  }

  /** For each of the 16, the transformed inputs of so many tiles times the kernel's. */
  #multiply(tiles: number, filters: number): void {
    const { code, fma } = this.#target;
    const { plan, input, output, kernelStride } = this.#of;
    const { dtype, depth, width, bytes } = plan;
    const [a, b, c] = [copyOf(code, this.#inputs), copyOf(code, this.#kernel), copyOf(code, this.#products)];
    const column = code.local("i32");
    const panel = (columns: number): void => {
      callTiles(
        this.#target,
        tiles,
        width,
        { a, b, c: column },
        {
          dtype,
          arithmetic: arithmeticOf(dtype, fma),
          columns,
          levels: [],
          depth,
          depthStrideA: bytes,
          depthStrideB: width * bytes,
          rowStrideA: input.step,
          rowStrideC: output.step,
          adds: false,
          channelwise: false,
        },
      );
      move(code, b, depth * width * bytes);
      move(code, column, width * bytes);
    };
    repeat(code, products, () => {
      code.get(c).set(column);
      repeat(code, Math.floor(filters / width), () => panel(width));
      // Whole vectors: what they have beyond the last column is 0.
      if (filters % width > 0) panel(Math.ceil((filters % width) / 4) * 4);
      move(code, a, input.stride);
      move(code, b, kernelStride - Math.ceil(filters / width) * width * depth * bytes);
      move(code, c, output.stride);
    });
    for (const local of [a, b, c, column]) code.release(local);
  }
}

/** Blocks of equal size along an axis: tiles of each, how many of them are whole, and how many such blocks there are. */
interface Span {
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
