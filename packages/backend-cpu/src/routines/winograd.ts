import { sizeOf } from "@polykeras/core";
import type { Target } from "../emit/expression.ts";
import { arithmeticOf } from "../emit/tile.ts";
import type { Local } from "../wasm/code.ts";
import { exactConvolution, hasNonFinite } from "./conv-exact.ts";
import type { Geometry } from "./conv-geometry.ts";
import { packKernel } from "./conv-pack.ts";
import { callTiles } from "./conv-tiles.ts";
import { copyOf, move, offsetTo, repeat } from "./loops.ts";
import { eachBlock, eachTile, transformInputs } from "./winograd-blocks.ts";
import { type WinogradPlan, products } from "./winograd-plan.ts";
import { kernelTransform, outputTransform } from "./winograd-transforms.ts";

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
    const { plan, frame, offset, outSteps } = this.#of;
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
      move(code, out, axes[0]!.out * outSteps[0]!);
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

  #image(from: Local, to: Local, filters: number): void {
    const { code } = this.#target;
    const { output, outSteps } = this.#of;
    const [rowStep, columnStep] = [outSteps[0]!, outSteps[1]!];
    eachBlock(this.#target, this.#of, from, to, (rows, columns, a, c) => {
      transformInputs(this.#target, this.#of, rows, columns, a, this.#inputs);
      this.#multiply(rows.tiles * columns.tiles, filters);
      const m = copyOf(code, this.#products);
      eachTile(this.#target, rows, columns, c, this.#of, (place, height, width) => {
        const tile = { rows: height, columns: width, rowStep, columnStep, channels: filters };
        code.get(m).get(place).get(this.#found);
        code.call(outputTransform(this.#target, tile, output)).set(this.#found);
        move(code, m, output.step);
      });
      code.release(m);
    });
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
