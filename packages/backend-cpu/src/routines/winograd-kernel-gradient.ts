import { sizeOf } from "@polykeras/core";
import type { Target } from "../emit/expression.ts";
import { arithmeticOf } from "../emit/tile.ts";
import type { Local } from "../wasm/code.ts";
import { exactConvolution, hasNonFinite } from "./conv-exact.ts";
import type { Geometry } from "./conv-geometry.ts";
import { callTiles } from "./conv-tiles.ts";
import { clear, copyOf, move, offsetTo, repeat } from "./loops.ts";
import { eachBlock, eachTile, transformInputs } from "./winograd-blocks.ts";
import { type Tiling, products } from "./winograd-plan.ts";
import { cotangentTransform, kernelCotangentTransform } from "./winograd-transforms.ts";

const [pointerX, pointerG, pointerOut, batch, scratch] = [0, 1, 2, 3, 4];

/**
 * The cotangent of a kernel by the transposes of the transforms of F(2x2, 3x3): 16 products of transformed inputs with
 * transformed cotangents, added up over all tiles, then transformed to 9 taps. Where one of these is not finite, all are
 * computed again without it: on this way what is not finite spreads to taps that do not meet it. Parameters: x, cotangent
 * of the output, result, batch, scratch.
 */
export function emitWinogradKernel(target: Target, of: Geometry, tiling: Tiling): void {
  const { code, module } = target;
  new Sums(target, tiling).emit();
  code
    .get(pointerOut)
    .i32(9 * of.depth * of.filters)
    .call(hasNonFinite(module, of.bytes));
  code.if(() => {
    code.get(pointerX).get(pointerOut).get(pointerG).get(batch);
    code.call(exactConvolution(target, of, "kernel"));
  });
}

class Sums {
  readonly #target: Target;
  readonly #of: Tiling;
  readonly #sums: Local;
  /** The transformed inputs of a block, and the cotangents. */
  readonly #inputs: Local;
  readonly #cotangents: Local;

  constructor(target: Target, of: Tiling) {
    const { code } = target;
    this.#target = target;
    this.#of = of;
    this.#sums = code.local("i32");
    this.#inputs = code.local("i32");
    this.#cotangents = code.local("i32");
  }

  emit(): void {
    const { code } = this.#target;
    const { passes, frame, input, kernelBytes, plan } = this.#of;
    offsetTo(code, this.#sums, scratch, frame.bytes);
    offsetTo(code, this.#inputs, this.#sums, kernelBytes);
    offsetTo(code, this.#cotangents, this.#inputs, products * input.stride);
    frame.clear(code, scratch);
    const [g, out] = [copyOf(code, pointerG), copyOf(code, pointerOut)];
    for (const { count, filters } of passes)
      repeat(code, count, () => {
        this.#pass(filters, g, out);
        move(code, g, filters * plan.bytes);
        move(code, out, filters * plan.bytes);
      });
  }

  /** All images, for so many filters from those on that the cotangent and the result begin with. */
  #pass(filters: number, cotangent: Local, out: Local): void {
    const { code } = this.#target;
    const { plan, frame, offset, output, outSteps, kernelStride, kernelBytes } = this.#of;
    const { axes, depth, filters: allFilters, bytes } = plan;
    clear(code, this.#sums, kernelBytes);
    const [image, g, from] = [copyOf(code, pointerX), copyOf(code, cotangent), code.local("i32")];
    repeat(code, { local: batch }, () => {
      frame.fill(code, scratch, image);
      offsetTo(code, from, frame.bytes > 0 ? scratch : image, offset);
      this.#image(from, g, filters);
      move(code, image, sizeOf(axes.map(({ size }) => size)) * depth * bytes);
      move(code, g, axes[0]!.out * outSteps[0]!);
    });
    const kernel = { depth, filters, allFilters, step: output.step };
    code
      .get(this.#sums)
      .get(out)
      .call(kernelCotangentTransform(this.#target, kernel, kernelStride));
    for (const local of [image, g, from]) code.release(local);
  }

  #image(from: Local, g: Local, filters: number): void {
    const { code } = this.#target;
    const { output, outSteps } = this.#of;
    const [rowStep, columnStep] = [outSteps[0]!, outSteps[1]!];
    const side = { ...output, vectors: Math.ceil(filters / 4) };
    eachBlock(this.#target, this.#of, from, g, (rows, columns, a, c) => {
      transformInputs(this.#target, this.#of, rows, columns, a, this.#inputs);
      const to = copyOf(code, this.#cotangents);
      eachTile(this.#target, rows, columns, c, this.#of, (place, height, width) => {
        const tile = { rows: height, columns: width, rowStep, columnStep };
        code
          .get(place)
          .get(to)
          .call(cotangentTransform(this.#target, tile, side));
        move(code, to, output.step);
      });
      code.release(to);
      this.#multiply(rows.tiles * columns.tiles, filters);
    });
  }

  /** For each of the 16, adds products over so many tiles: rows are channels of the input, columns those of the output. */
  #multiply(tiles: number, filters: number): void {
    const { code, fma } = this.#target;
    const { plan, input, output, kernelStride } = this.#of;
    const { dtype, depth, width, bytes } = plan;
    const [a, first, row] = [
      copyOf(code, this.#inputs),
      copyOf(code, this.#cotangents),
      copyOf(code, this.#sums),
    ];
    const [b, c] = [code.local("i32"), code.local("i32")];
    const panel = (columns: number): void => {
      callTiles(
        this.#target,
        depth,
        width,
        { a, b, c },
        {
          dtype,
          arithmetic: arithmeticOf(dtype, fma),
          columns,
          levels: [],
          depth: tiles,
          depthStrideA: input.step,
          depthStrideB: output.step,
          rowStrideA: bytes,
          // The sums have as many columns as a pass's products have, going forward.
          rowStrideC: output.step,
          adds: true,
          channelwise: false,
        },
      );
      move(code, b, columns * bytes);
      move(code, c, columns * bytes);
    };
    repeat(code, products, () => {
      code.get(first).set(b);
      code.get(row).set(c);
      repeat(code, Math.floor(filters / width), () => panel(width));
      // Whole vectors: what they have beyond the last column is never read.
      if (filters % width > 0) panel(Math.ceil((filters % width) / 4) * 4);
      move(code, a, input.stride);
      move(code, first, output.stride);
      move(code, row, kernelStride);
    });
    for (const local of [a, first, row, b, c]) code.release(local);
  }
}
