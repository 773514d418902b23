import { type DType, sizeOf } from "@polykeras/core";
import type { Target } from "../emit/expression.ts";
import type { Code, FunctionReference, Local } from "../wasm/code.ts";
import type { MemoryInstruction } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { type Geometry, allFilters, geometryKey, stepsOf } from "./conv-geometry.ts";
import type { ConvAxis } from "./conv-phases.ts";
import { copyOf, move, repeat, roundHalves } from "./loops.ts";

/** Which of the three tensors of a convolution is computed from the two others. */
export type Wanted = "x" | "kernel" | "y";

/**
 * The convolution, or one of its gradients, that leaves the padding out instead of multiplying with zeros, which
 * matters for factors that are not finite; also that of bytes. Rarely called, so it is short: only the loop over filters
 * runs in vectors. Parameters: x, kernel, y, batch.
 */
export function exactConvolution(target: Target, of: Geometry, wanted: Wanted): FunctionReference {
  const parameters = ["i32", "i32", "i32", "i32"] as const;
  return target.module.shared(`conv.exact:${wanted}:${geometryKey(of)}`, parameters, (code) =>
    new Exact({ ...target, code }, of, wanted).emit(),
  );
}

const [pointerX, pointerKernel, pointerY, batch] = [0, 1, 2, 3];

class Exact {
  readonly #target: Target;
  readonly #code: Code;
  readonly #of: Geometry;
  readonly #wanted: Wanted;

  constructor(target: Target, of: Geometry, wanted: Wanted) {
    this.#target = target;
    this.#code = target.code;
    this.#of = of;
    this.#wanted = wanted;
  }

  emit(): void {
    const code = this.#code;
    const { dtype, axes, bytes, depth, filters, channels, groups, batchGroups } = this.#of;
    const all = allFilters(this.#of);
    const [sizes, outs] = [axes.map(({ size }) => size), axes.map(({ out }) => out)];
    const [image, outImage] = [sizeOf(sizes) * channels, sizeOf(outs) * all];
    const kernelElements = sizeOf(axes.map(({ taps }) => taps)) * depth * all;
    const elements = code.local("i32");
    if (this.#wanted === "kernel") code.i32(kernelElements).set(elements);
    else
      code
        .get(batch)
        .i32(this.#wanted === "y" ? outImage : image * batchGroups)
        .op("i32.mul")
        .set(elements);
    const result = { x: pointerX, kernel: pointerKernel, y: pointerY }[this.#wanted];
    const start = copyOf(code, result);
    code.get(result).i32(0).get(elements).i32(bytes).op("i32.mul").memoryFill();
    repeat(code, batchGroups, () => {
      const y = copyOf(code, pointerY);
      repeat(code, { local: batch }, () => {
        const [xGroup, kernelGroup, yGroup] = [
          copyOf(code, pointerX),
          copyOf(code, pointerKernel),
          copyOf(code, y),
        ];
        repeat(code, groups, () => {
          this.#places(xGroup, kernelGroup, yGroup, stepsOf(outs, all, bytes), []);
          move(code, xGroup, depth * bytes);
          move(code, kernelGroup, filters * bytes);
          move(code, yGroup, filters * bytes);
        });
        for (const local of [xGroup, kernelGroup, yGroup]) code.release(local);
        move(code, pointerX, image * bytes);
        move(code, y, outImage * bytes);
      });
      code.release(y);
      move(code, pointerY, filters * bytes);
      move(code, pointerKernel, filters * bytes);
    });
    if (dtype === "float16") roundHalves(this.#target, start, elements);
  }

  /** Every place of the output; `places` are the indices so far. */
  #places(x: Local, kernel: Local, y: Local, steps: readonly number[], places: readonly Local[]): void {
    const code = this.#code;
    const axis = this.#of.axes[places.length];
    if (!axis) return this.#taps(x, kernel, y, places, 0);
    const [place, pointer] = [code.local("i32"), copyOf(code, y)];
    code.i32(0).set(place);
    repeat(code, axis.out, () => {
      this.#places(x, kernel, pointer, steps, [...places, place]);
      move(code, place, 1);
      move(code, pointer, steps[places.length]!);
    });
    code.release(place);
    code.release(pointer);
  }

  /** Every tap that meets an element of x. */
  #taps(x: Local, kernel: Local, y: Local, places: readonly Local[], at: number): void {
    const code = this.#code;
    const { axes, channels, bytes, depth } = this.#of;
    const axis = axes[at];
    if (!axis) return this.#channels(x, kernel, y);
    const [position, element, weights] = [code.local("i32"), code.local("i32"), copyOf(code, kernel)];
    const step = stepsOf(
      axes.map(({ size }) => size),
      channels,
      bytes,
    )[at]!;
    const weightStep = stepsOf(
      axes.map(({ taps }) => taps),
      depth * allFilters(this.#of),
      bytes,
    )[at]!;
    code.get(places[at]!).i32(axis.stride).op("i32.mul").i32(axis.low).op("i32.sub").set(position);
    repeat(code, axis.taps, () => {
      this.#meets(position, axis);
      code.if(() => {
        code.get(position).i32(axis.inputDilation).op("i32.div_s").i32(step).op("i32.mul");
        code.get(x).op("i32.add").set(element);
        this.#taps(element, weights, y, places, at + 1);
      });
      move(code, position, axis.kernelDilation);
      move(code, weights, weightStep);
    });
    for (const local of [position, element, weights]) code.release(local);
  }

  #meets(position: Local, { size, inputDilation }: ConvAxis): void {
    const code = this.#code;
    code
      .get(position)
      .i32(size * inputDilation)
      .op("i32.lt_u");
    if (inputDilation > 1) code.get(position).i32(inputDilation).op("i32.rem_u").op("i32.eqz").op("i32.and");
  }

  #channels(x: Local, kernel: Local, y: Local): void {
    const code = this.#code;
    const { bytes, depth, filters, dtype } = this.#of;
    // Whole numbers go one by one.
    const lanes = dtype.startsWith("float") ? 16 / bytes : Infinity;
    const [a, b] = [copyOf(code, x), copyOf(code, kernel)];
    repeat(code, depth, () => {
      const [weight, sum] = [copyOf(code, b), copyOf(code, y)];
      const along = (count: number, step: number, body: () => void): void =>
        repeat(code, count, () => {
          body();
          move(code, weight, step);
          move(code, sum, step);
        });
      const whole = Math.floor(filters / lanes);
      if (whole > 0) {
        const each = (body: () => void): void => along(whole, 16, body);
        if (this.#wanted === "x") this.#addDot(a, weight, sum, each);
        else if (this.#wanted === "y") this.#addVectors(sum, a, weight, each);
        else this.#addVectors(weight, a, sum, each);
      }
      along(whole > 0 ? filters % lanes : filters, bytes, () => {
        if (this.#wanted === "y") this.#add(sum, a, weight);
        else if (this.#wanted === "x") this.#add(a, sum, weight);
        else this.#add(weight, a, sum);
      });
      code.release(weight);
      code.release(sum);
      move(code, a, bytes);
      move(code, b, allFilters(this.#of) * bytes);
    });
    code.release(a);
    code.release(b);
  }

  /** Adds vectors times one element to vectors, in the order of single elements. */
  #addVectors(to: Local, factor: Local, other: Local, each: (body: () => void) => void): void {
    const code = this.#code;
    const { shape, splat } = vectorsOf(this.#of.bytes);
    const value = code.local("v128");
    code.loadTo(value, splat, factor, 0);
    each(() => {
      code.get(to).get(to).mem("v128.load").get(value).get(other).mem("v128.load");
      code.op(`${shape}.mul`).op(`${shape}.add`).mem("v128.store");
    });
    code.release(value);
  }

  /** Adds the sum of the products of two rows of vectors to an element. */
  #addDot(to: Local, a: Local, b: Local, each: (body: () => void) => void): void {
    const code = this.#code;
    const { shape, store, halves } = vectorsOf(this.#of.bytes);
    const [total, other] = [code.local("v128"), code.local("v128")];
    code.splat(shape, 0).set(total);
    each(() => {
      code.get(a).mem("v128.load").get(b).mem("v128.load").op(`${shape}.mul`);
      code.get(total).op(`${shape}.add`).set(total);
    });
    for (const order of halves) {
      code.get(total).get(total).shuffle32(order).set(other);
      code.assign(total, `${shape}.add`, total, other);
    }
    code.get(to).get(to).mem("v128.load").get(total).op(`${shape}.add`).memLane(store, 0, 0);
    code.release(total);
    code.release(other);
  }

  /** Adds the product of two elements to a third. */
  #add(to: Local, a: Local, b: Local): void {
    const code = this.#code;
    const [of, load, store] = accessOf(this.#of.dtype);
    code.get(to).get(to).mem(load).get(a).mem(load).get(b).mem(load);
    code.op(`${of}.mul`).op(`${of}.add`).mem(store);
  }
}

/** The type in which a dtype is multiplied, and how it is read and written. */
function accessOf(dtype: DType): readonly ["i32" | "f32" | "f64", MemoryInstruction, MemoryInstruction] {
  if (dtype === "uint8") return ["i32", "i32.load8_u", "i32.store8"];
  if (dtype === "int32") return ["i32", "i32.load", "i32.store"];
  return dtype === "float64" ? ["f64", "f64.load", "f64.store"] : ["f32", "f32.load", "f32.store"];
}

/** How floats of so many bytes are added in vectors; `halves` bring the sum of all lanes into the first. */
function vectorsOf(bytes: number): {
  readonly shape: "f32x4" | "f64x2";
  readonly splat: "v128.load32_splat" | "v128.load64_splat";
  readonly store: "v128.store32_lane" | "v128.store64_lane";
  readonly halves: readonly (readonly [number, number, number, number])[];
} {
  const swapped = [2, 3, 0, 1] as const;
  return bytes === 8
    ? { shape: "f64x2", splat: "v128.load64_splat", store: "v128.store64_lane", halves: [swapped] }
    : {
        shape: "f32x4",
        splat: "v128.load32_splat",
        store: "v128.store32_lane",
        halves: [swapped, [1, 0, 3, 2]],
      };
}

/** Whether an element is infinite or NaN. Parameters: address and number of elements. */
export function hasNonFinite(module: ModuleBuilder, bytes: number): FunctionReference {
  const [shape, splat] =
    bytes === 8 ? (["f64x2", "v128.load64_splat"] as const) : (["f32x4", "v128.load32_splat"] as const);
  return module.shared(
    `nonFinite:${shape}`,
    ["i32", "i32"],
    (code) => {
      const [pointer, count] = [0, 1];
      const [found, difference] = [code.local("v128"), code.local("v128")];
      const part = code.local("i32");
      const perVector = bytes === 8 ? 1 : 2;
      code.splat("i32x4", 0).set(found);
      // x - x is NaN for what is not finite. What fills up the storage may be anything, so the rest goes one by one.
      const check = (load: "v128.load" | typeof splat, step: number): void =>
        repeat(code, { local: part }, () => {
          code.get(pointer).mem(load).tee(difference).get(difference).op(`${shape}.sub`).set(difference);
          code.get(difference).get(difference).op(`${shape}.ne`).get(found).op("v128.or").set(found);
          move(code, pointer, step);
        });
      code.get(count).i32(perVector).op("i32.shr_u").set(part);
      check("v128.load", 16);
      code
        .get(count)
        .i32(16 / bytes - 1)
        .op("i32.and")
        .set(part);
      check(splat, bytes);
      code.get(found).op("v128.any_true");
    },
    ["i32"],
  );
}
