import { type DType, sizeOf } from "@polykeras/core";
import { castLanes } from "../emit/cast.ts";
import { store } from "../emit/elementwise-loop.ts";
import type { Target } from "../emit/expression.ts";
import { type Lanes, kindOf, release, storedBytes } from "../emit/lanes.ts";
import { type Cursor, loadCursor } from "../emit/nest.ts";
import { number } from "../kernels/rule.ts";
import type { PlainInstruction } from "../wasm/instructions.ts";
import { copyOf, move, repeat } from "./loops.ts";
import { type Request, type Routine, type Units, elementTime } from "./routine.ts";

type Combine = "add" | "mul";

/** Elements along the axis and beside it: [outer, length, inner]. */
interface Extents {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

function extentsOf({ inputs, attributes }: Request): Extents {
  const { shape } = inputs[0]!;
  const axis = number(attributes, "axis");
  return {
    outer: sizeOf(shape.slice(0, axis)),
    length: shape[axis]!,
    inner: sizeOf(shape.slice(axis + 1)),
  };
}

/** Rows of the axis and what is inside of it, which are computed apart. */
function rowsApart(request: Request): Units {
  const { dtype } = request.inputs[0]!;
  const { length, inner } = extentsOf(request);
  const elements = length * inner;
  return {
    steps: [...request.inputs, ...request.outputs].map(() => elements * storedBytes(dtype)),
    time: elements * elementTime,
  };
}

/** A running sum or product along an axis. */
function cumulative(combine: Combine): Routine {
  return (request) => {
    const { dtype } = request.inputs[0]!;
    const { exclusive, reverse } = request.attributes;
    const { outer, length, inner } = extentsOf(request);
    return {
      key: `cumulative:${combine}:${dtype}:${length},${inner}:${String(exclusive)}:${String(reverse)}`,
      numbers: [outer],
      units: rowsApart(request),
      emit: (target) => {
        const { code } = target;
        const walk: Walk = { dtype, length, inner, reverse: reverse === true, tensors: 2 };
        const total = new Running(target, combine, dtype);
        emitWalk(
          target,
          walk,
          () => total.reset(),
          ([load], put) => {
            const value = load!();
            if (exclusive === true) put(total.read());
            total.take(value);
            release(code, value);
            if (exclusive !== true) put(total.read());
          },
        );
      },
    };
  };
}

export const cumsum: Routine = cumulative("add");
export const cumprod: Routine = cumulative("mul");

/** r[i] = b[i] + a[i] r[i-1], as a running loop. */
export const linearRecurrence: Routine = (request) => {
  const { dtype } = request.inputs[0]!;
  const { outer, length, inner } = extentsOf(request);
  const reverse = request.attributes["reverse"] === true;
  return {
    key: `linearRecurrence:${dtype}:${length},${inner}:${String(reverse)}`,
    numbers: [outer],
    units: rowsApart(request),
    emit: (target) => {
      const { code } = target;
      const total = new Running(target, "add", dtype);
      emitWalk(
        target,
        { dtype, length, inner, reverse, tensors: 3 },
        () => total.reset(),
        ([a, b], put) => {
          const [factor, summand] = [a!(), b!()];
          total.scale(factor);
          total.take(summand);
          release(code, factor);
          release(code, summand);
          put(total.read());
        },
      );
    },
  };
};

/** What was combined so far, four lanes: floats in float64, as sums are; integers wrap. */
class Running {
  readonly #target: Target;
  readonly #combine: Combine;
  readonly #dtype: DType;
  readonly #wide: DType;
  readonly #total: Lanes;

  constructor(target: Target, combine: Combine, dtype: DType) {
    this.#target = target;
    this.#combine = combine;
    this.#dtype = dtype;
    this.#wide = kindOf(dtype) === "i32" ? "int32" : "float64";
    const parts = Array.from({ length: this.#wide === "int32" ? 1 : 2 }, () => target.code.local("v128"));
    this.#total = { kind: kindOf(this.#wide), parts, shared: false };
  }

  reset(): void {
    const identity = this.#combine === "add" ? 0 : 1;
    for (const part of this.#total.parts)
      this.#target.code.splat(this.#wide === "int32" ? "i32x4" : "f64x2", identity).set(part);
  }

  take(value: Lanes): void {
    this.#apply(this.#combine, value);
  }

  scale(value: Lanes): void {
    this.#apply("mul", value);
  }

  #apply(combine: Combine, value: Lanes): void {
    const { code } = this.#target;
    const op: PlainInstruction = this.#wide === "int32" ? `i32x4.${combine}` : `f64x2.${combine}`;
    const wide = castLanes(this.#target, value, this.#dtype, this.#wide);
    for (const [i, part] of this.#total.parts.entries()) code.assign(part, op, part, wide.parts[i]);
    release(code, wide);
  }

  read(): Lanes {
    return castLanes(this.#target, this.#total, this.#wide, this.#dtype);
  }
}

/** Tensors of one shape, the last of which is written, and how their elements follow each other. */
interface Walk {
  readonly dtype: DType;
  readonly length: number;
  readonly inner: number;
  readonly reverse: boolean;
  readonly tensors: number;
}

/**
 * Runs along the axis, four lanes at a time: the inner elements, or, where there are none, four of the outer rows.
 * Parameters: the tensors, then the number of outer rows.
 */
function emitWalk(
  target: Target,
  { dtype, length, inner, reverse, tensors }: Walk,
  start: () => void,
  step: (loads: readonly (() => Lanes)[], put: (lanes: Lanes) => void) => void,
): void {
  const { code } = target;
  const outer = tensors;
  const bytes = storedBytes(dtype);
  const row = length * inner * bytes;
  const lane = inner === 1 ? row : bytes;
  const along = (reverse ? -inner : inner) * bytes;
  const cursor: Cursor = { role: "load", dtype, strides: [lane] };
  const pointers = Array.from({ length: tensors }, (_, i) => i);
  const lanes = (count: number): void => {
    start();
    const walking = pointers.map((pointer) => copyOf(code, pointer));
    if (reverse) for (const pointer of walking) move(code, pointer, (length - 1) * inner * bytes);
    const output = walking.at(-1)!;
    repeat(code, length, () => {
      const loads = walking
        .slice(0, -1)
        .map((pointer) => () => loadCursor(target, cursor, pointer, lane, 0, count));
      step(loads, (value) => {
        store(target, { ...cursor, role: "store" }, output, lane, value, 0, count);
        release(code, value);
      });
      for (const pointer of walking) move(code, pointer, along);
    });
    for (const pointer of walking) code.release(pointer);
  };
  const forward = (by: number): void => {
    for (const pointer of pointers) move(code, pointer, by);
  };
  if (inner === 1) {
    // Whole groups of four rows, then the rest one by one.
    const groups = code.local("i32");
    code.get(outer).i32(2).op("i32.shr_u").set(groups);
    repeat(code, { local: groups }, () => {
      lanes(4);
      forward(4 * row);
    });
    code.get(outer).i32(3).op("i32.and").set(groups);
    repeat(code, { local: groups }, () => {
      lanes(1);
      forward(row);
    });
    return;
  }
  repeat(code, { local: outer }, () => {
    const vectors = Math.floor(inner / 4);
    repeat(code, vectors, () => {
      lanes(4);
      forward(4 * bytes);
    });
    if (inner % 4 > 0) lanes(inner % 4);
    forward(row - vectors * 4 * bytes);
  });
}
