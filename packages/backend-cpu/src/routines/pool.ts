import type { DType } from "@polykeras/core";
import { type Accumulator, accumulator, identityOf } from "../emit/accumulator.ts";
import type { Target } from "../emit/expression.ts";
import {
  type Lanes,
  apply,
  constantLanes,
  kindOf,
  loadVector,
  release,
  storeVector,
  storedBytes,
} from "../emit/lanes.ts";
import { copy } from "../kernels/logic.ts";
import { type Elementwise, elementwise } from "../kernels/rule.ts";
import { move, repeat } from "./loops.ts";
import { type Pooling, imagesOf, poolingOf } from "./pool-geometry.ts";
import type { Routine } from "./routine.ts";
import { type Window, eachElement, eachWindow, shifted } from "./windows.ts";

/** Vectors of channels that go through a window together. */
const blockVectors = 4;

/** The second operand where it is larger: unlike `maximum` it leaves NaN out. */
const larger: Elementwise = elementwise({
  cost: 1,
  exact: true,
  float: (e, x, y) => e.float("pmax", x, y),
  int: (e, x, y) => e.int("max_s", x, y),
});

/** The largest number of each lane, NaN left out. */
class Largest implements Accumulator {
  readonly #target: Target;
  readonly #dtype: DType;
  readonly #best: Lanes;

  constructor(target: Target, dtype: DType) {
    this.#target = target;
    this.#dtype = dtype;
    const count = kindOf(dtype) === "f64" ? 2 : 1;
    const parts = Array.from({ length: count }, () => target.code.local("v128"));
    this.#best = { kind: kindOf(dtype), parts, shared: false };
  }

  reset(): void {
    const { code } = this.#target;
    const { parts } = constantLanes(code, identityOf("max", this.#dtype), this.#dtype);
    for (const [i, part] of this.#best.parts.entries()) code.get(parts[i]!).set(part);
  }

  add(values: readonly Lanes[]): void {
    const { code } = this.#target;
    for (const value of values) {
      const next = apply(this.#target, larger, [this.#best, value], this.#dtype);
      for (const [i, part] of this.#best.parts.entries()) code.get(next.parts[i]!).set(part);
      release(code, next);
    }
  }

  finish(): Lanes {
    return apply(this.#target, copy, [this.#best], this.#dtype);
  }

  dispose(): void {
    release(this.#target.code, this.#best);
  }
}

/** The largest element, or the sum, of every window. */
function pool(reduce: "max" | "sum"): Routine {
  return (request) => {
    const pooling = poolingOf(`pool:${reduce}`, request, request.inputs[0]!, request.outputs[0]!);
    return {
      key: pooling.key,
      numbers: [pooling.batch],
      units: imagesOf(request, pooling),
      emit: (target) => emitPool(target, pooling, reduce),
    };
  };
}

export const maxPool: Routine = pool("max");
export const sumPool: Routine = pool("sum");

function emitPool(target: Target, { dtype, axes, channels, image }: Pooling, reduce: "max" | "sum"): void {
  const { code } = target;
  const [x, y, batch] = [0, 1, 2];
  const bytes = storedBytes(dtype);
  const block = (window: Window, first: number, count: number): void => {
    const vectors = Math.ceil(count / 4);
    const totals = Array.from({ length: vectors }, () =>
      reduce === "max" ? new Largest(target, dtype) : accumulator(target, { reduce, dtype }, 1, false),
    );
    for (const total of totals) total.reset();
    eachElement(code, window, axes, (element) => {
      for (const [i, total] of totals.entries()) {
        const value = loadVector(code, element, dtype, (first + 4 * i) * bytes);
        total.add([value], []);
        release(code, value);
      }
    });
    for (const [i, total] of totals.entries()) {
      const result = total.finish(false);
      storeVector(code, y, dtype, result, 4 * i * bytes, Math.min(4, count - 4 * i));
      release(code, result);
      total.dispose();
    }
    move(code, y, count * bytes);
  };
  const width = 4 * blockVectors;
  repeat(code, { local: batch }, () => {
    eachWindow(code, x, axes, (window) => {
      const blocks = Math.floor(channels / width);
      const moving = shifted(code, window, 0);
      repeat(code, blocks, () => {
        block(moving, 0, width);
        move(code, moving.start, width * bytes);
      });
      if (channels % width > 0) block(moving, 0, channels % width);
      code.release(moving.start);
    });
    move(code, x, image);
  });
}
