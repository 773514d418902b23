import type { DType } from "@polykeras/core";
import type { Target } from "../emit/expression.ts";
import { type Lanes, apply, loadVector, release, storeVector, storedBytes } from "../emit/lanes.ts";
import { add } from "../kernels/arithmetic.ts";
import { equal, logicalAnd, where } from "../kernels/logic.ts";
import type { Local } from "../wasm/code.ts";
import { copyOf, move, repeat, roundHalves } from "./loops.ts";
import { type Pooling, imagesOf, poolingOf } from "./pool-geometry.ts";
import { type Code, type Request, type Routine, areApart } from "./routine.ts";
import { type Window, eachElement, eachWindow, shifted } from "./windows.ts";

/** Gives each window's cotangent to all of its elements. */
export const sumPoolGradient: Routine = (request) => {
  const [input, pooled] = [request.outputs[0]!, request.inputs[0]!];
  return byImages(request, poolingOf("sumPoolGradient", request, input, pooled), emitSumPoolGradient);
};

/** Gives each window's cotangent to the first element that equals the maximum. */
export const maxPoolGradient: Routine = (request) => {
  const [input, pooled] = [request.inputs[0]!, request.inputs[1]!];
  return byImages(request, poolingOf("maxPoolGradient", request, input, pooled), emitMaxPoolGradient);
};

/** One image after the other; threads may share them, unless the last halves of one touch the next. */
function byImages(
  request: Request,
  pooling: Pooling,
  emit: (target: Target, pooling: Pooling) => void,
): Code {
  return {
    key: pooling.key,
    numbers: [pooling.batch],
    ...(areApart(request.outputs[0]!) && { units: imagesOf(request, pooling) }),
    emit: (target) => emit(target, pooling),
  };
}

/** The dtype in which what meets in one element is added: halves are rounded at the end. */
function wideOf(dtype: DType): DType {
  return dtype === "float16" ? "float32" : dtype;
}

/**
 * Runs the body for up to four channels of every window over an input whose cotangent, all zeros at first, it adds to.
 * `walked` points to the images over which windows move; `pooled` pointers go from one element of y to the next.
 */
function spread(
  target: Target,
  { dtype, axes, channels, image }: Pooling,
  pointers: {
    readonly dx: Local;
    readonly walked: Local;
    readonly pooled: readonly Local[];
    readonly batch: Local;
  },
  body: (window: Window, count: number) => void,
): void {
  const { code } = target;
  const { dx, walked, pooled, batch } = pointers;
  const bytes = storedBytes(dtype);
  const elements = code.local("i32");
  code
    .get(batch)
    .i32(image / bytes)
    .op("i32.mul")
    .set(elements);
  code.get(dx).i32(0).get(elements).i32(bytes).op("i32.mul").memoryFill();
  const vector = (window: Window, count: number): void => {
    body(window, count);
    for (const pointer of pooled) move(code, pointer, count * bytes);
  };
  const images = copyOf(code, walked);
  repeat(code, { local: batch }, () => {
    eachWindow(code, images, axes, (window) => {
      const moving = shifted(code, window, 0);
      repeat(code, Math.floor(channels / 4), () => {
        vector(moving, 4);
        move(code, moving.start, 4 * bytes);
      });
      if (channels % 4 > 0) vector(moving, channels % 4);
      code.release(moving.start);
    });
    move(code, images, image);
  });
  if (dtype === "float16") roundHalves(target, dx, elements);
}

function emitSumPoolGradient(target: Target, pooling: Pooling): void {
  const { code } = target;
  const [g, dx, batch] = [0, 1, 2];
  const wide = wideOf(pooling.dtype);
  spread(target, pooling, { dx, walked: dx, pooled: [g], batch }, (window, count) => {
    const cotangent = loadVector(code, g, wide, 0);
    eachElement(code, window, pooling.axes, (element) => {
      const old = loadVector(code, element, wide, 0);
      const sum = apply(target, add, [old, cotangent], wide);
      storeVector(code, element, wide, sum, 0, count);
      for (const lanes of [old, sum]) release(code, lanes);
    });
    release(code, cotangent);
  });
}

function emitMaxPoolGradient(target: Target, pooling: Pooling): void {
  const { code } = target;
  const [x, y, g, dx, batch] = [0, 1, 2, 3, 4];
  const wide = wideOf(pooling.dtype);
  const [away, to] = [code.local("i32"), code.local("i32")];
  code.get(dx).get(x).op("i32.sub").set(away);
  const mask = (rule: typeof equal, a: Lanes, b: Lanes): Lanes => apply(target, rule, [a, b], "bool");
  spread(target, pooling, { dx, walked: x, pooled: [y, g], batch }, (window, count) => {
    const [best, cotangent] = [loadVector(code, y, wide, 0), loadVector(code, g, wide, 0)];
    const free: Lanes = { kind: "mask", parts: [code.local("v128")], shared: false };
    const [freeLanes] = free.parts;
    code.splat("i32x4", -1).set(freeLanes!);
    eachElement(code, window, pooling.axes, (element) => {
      code.get(element).get(away).op("i32.add").set(to);
      const [value, old] = [loadVector(code, element, wide, 0), loadVector(code, to, wide, 0)];
      const match = mask(equal, value, best);
      const hit = mask(logicalAnd, match, free);
      const sum = apply(target, add, [old, cotangent], wide);
      const result = apply(target, where, [hit, sum, old], wide);
      storeVector(code, to, wide, result, 0, count);
      code.get(freeLanes!).get(hit.parts[0]!).op("v128.andnot").set(freeLanes!);
      for (const lanes of [value, old, match, hit, sum, result]) release(code, lanes);
    });
    for (const lanes of [best, cotangent, free]) release(code, lanes);
  });
}
