import type { DType } from "@polykeras/core";
import { maximum, minimum } from "../kernels/arithmetic.ts";
import { equal, less, where } from "../kernels/logic.ts";
import type { Elementwise } from "../kernels/rule.ts";
import type { Reduction } from "../plan/group.ts";
import type { Local } from "../wasm/code.ts";
import { castLanes } from "./cast.ts";
import type { PlainInstruction } from "../wasm/instructions.ts";
import { Expressions, type Target } from "./expression.ts";
import { type Lanes, apply, constantLanes, kindOf, release } from "./lanes.ts";

/** Lanes that take in four elements at a time; each lane is a reduction of its own until `finish`. */
export interface Accumulator {
  /** Sets the identity. */
  reset(): void;
  /** Takes several vectors, combined in a fixed order. `index` holds their positions, for argmax. */
  add(values: readonly Lanes[], index: readonly Lanes[]): void;
  /** The result per lane, or of all lanes in each. The caller releases it. */
  finish(across: boolean): Lanes;
  dispose(): void;
}

/** The value that changes nothing, for lanes that hold no element. */
export function identityOf(reduce: Reduction["reduce"], dtype: DType): number {
  if (reduce === "sum" || reduce === "mean") return 0;
  if (reduce === "prod") return 1;
  if (dtype.startsWith("float")) return reduce === "min" ? Infinity : -Infinity;
  if (dtype === "uint8") return reduce === "min" ? 255 : 0;
  return reduce === "min" ? 0x7fffffff : -0x80000000;
}

/** How many elements a mean is of: known, or in a local. */
type Count = number | { readonly local: Local };

/** `many` says that there are at least `manyElements`. */
export function accumulator(
  target: Target,
  { reduce, dtype }: Pick<Reduction, "reduce" | "dtype">,
  count: Count,
  many: boolean,
): Accumulator {
  if (reduce === "argmax") return new ArgMax(target, dtype);
  if (reduce === "max" || reduce === "min")
    return kindOf(dtype) !== "i32" && many
      ? new FloatExtremum(target, reduce, dtype)
      : new Extremum(target, reduce, dtype);
  if (reduce === "prod") return new Fold(target, dtype, "mul", 1);
  return new Fold(target, dtype, "add", reduce === "mean" ? count : 1);
}

/** So many elements are worth some code at the end that makes each of them cheaper. */
export const manyElements = 32;
const halves = [2, 3, 0, 1] as const;
const neighbours = [1, 0, 3, 2] as const;

/** The lanes in another order: upper and lower two swapped, or neighbours. */
function swapped({ code }: Target, { kind, parts }: Lanes, order: typeof halves | typeof neighbours): Lanes {
  const copies = parts.map((_, i) => {
    const local = code.local("v128");
    const from = kind === "f64" && order === halves ? parts[1 - i]! : parts[i]!;
    code.get(from);
    // Neighbouring float64 lanes are the halves of their part.
    if (kind === "f64") {
      if (order === neighbours) code.get(from).shuffle32(halves);
    } else code.get(from).shuffle32(order);
    code.set(local);
    return local;
  });
  return { kind, parts: copies, shared: false };
}

function move({ code }: Target, into: Lanes, from: Lanes): void {
  for (const [i, part] of from.parts.entries()) code.get(part).set(into.parts[i]!);
  release(code, from);
}

/** Sums or products of floats in float64, whose rounding does not show in float32; integers wrap. */
class Fold implements Accumulator {
  readonly #target: Target;
  readonly #dtype: DType;
  readonly #combine: "add" | "mul";
  readonly #count: Count;
  readonly #parts: readonly Local[];

  constructor(target: Target, dtype: DType, combine: "add" | "mul", count: Count) {
    this.#target = target;
    this.#dtype = dtype;
    this.#combine = combine;
    this.#count = count;
    const parts = kindOf(dtype) === "i32" ? 1 : 2;
    this.#parts = Array.from({ length: parts }, () => target.code.local("v128"));
  }

  reset(): void {
    const shape = kindOf(this.#dtype) === "i32" ? "i32x4" : "f64x2";
    for (const part of this.#parts) this.#target.code.splat(shape, this.#combine === "add" ? 0 : 1).set(part);
  }

  add(values: readonly Lanes[]): void {
    const { code } = this.#target;
    const kind = kindOf(this.#dtype);
    const total = this.#parts;
    if (kind === "f64" || kind === "i32") {
      for (const lanes of values)
        for (const [i, part] of total.entries())
          code
            .get(part)
            .get(lanes.parts[i]!)
            .op(kind === "f64" ? `f64x2.${this.#combine}` : `i32x4.${this.#combine}`)
            .set(part);
      return;
    }
    // A tree of a few float32 additions first, then one step in float64. Products may leave float32's range.
    let level = values.map((lanes) => (): unknown => code.get(lanes.parts[0]!));
    const apart = this.#combine === "mul" ? level.length : 1;
    while (level.length > apart)
      level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => {
        const [a, b] = [level[2 * i]!, level[2 * i + 1]];
        return b
          ? (): unknown => {
              a();
              b();
              return code.op("f32x4.add");
            }
          : a;
      });
    const local = code.local("v128");
    for (const value of level) {
      value();
      code.set(local);
      code
        .get(total[0]!)
        .get(local)
        .op("f64x2.promote_low_f32x4")
        .op(`f64x2.${this.#combine}`)
        .set(total[0]!);
      code
        .get(total[1]!)
        .get(local)
        .get(local)
        .shuffle32(halves)
        .op("f64x2.promote_low_f32x4")
        .op(`f64x2.${this.#combine}`)
        .set(total[1]!);
    }
    code.release(local);
  }

  finish(across: boolean): Lanes {
    const { code } = this.#target;
    const integer = kindOf(this.#dtype) === "i32";
    const add = integer ? (`i32x4.${this.#combine}` as const) : (`f64x2.${this.#combine}` as const);
    if (across) {
      const [low, high] = this.#parts;
      if (high !== undefined) code.get(low!).get(high).op(add).set(low!);
      else code.get(low!).get(low!).get(low!).shuffle32(halves).op(add).set(low!);
      code
        .get(low!)
        .get(low!)
        .get(low!)
        .shuffle32(integer ? neighbours : halves)
        .op(add)
        .set(low!);
      if (high !== undefined) code.get(low!).set(high);
    }
    if (integer) {
      const result = code.local("v128");
      code.get(this.#parts[0]!);
      if (this.#dtype === "uint8") code.constant("i32x4", 255).op("v128.and");
      code.set(result);
      return { kind: "i32", parts: [result], shared: false };
    }
    if (this.#count !== 1)
      for (const part of this.#parts) {
        code.get(part);
        if (typeof this.#count === "number") code.splat("f64x2", this.#count);
        else code.get(this.#count.local).op("f64.convert_i32_u").op("f64x2.splat");
        code.op("f64x2.div").set(part);
      }
    return castLanes(this.#target, { kind: "f64", parts: this.#parts, shared: true }, "float64", this.#dtype);
  }

  dispose(): void {
    for (const part of this.#parts) this.#target.code.release(part);
  }
}

class Extremum implements Accumulator {
  readonly #target: Target;
  readonly #reduce: "max" | "min";
  readonly #dtype: DType;
  readonly #best: Lanes;

  constructor(target: Target, reduce: "max" | "min", dtype: DType) {
    this.#target = target;
    this.#reduce = reduce;
    this.#dtype = dtype;
    const kind = kindOf(dtype);
    const parts = Array.from({ length: kind === "f64" ? 2 : 1 }, () => target.code.local("v128"));
    this.#best = { kind, parts, shared: false };
  }

  reset(): void {
    const identity = constantLanes(this.#target.code, identityOf(this.#reduce, this.#dtype), this.#dtype);
    move(this.#target, this.#best, identity);
  }

  #combine(a: Lanes, b: Lanes): Lanes {
    return apply(this.#target, this.#reduce === "max" ? maximum : minimum, [a, b], this.#dtype);
  }

  add(values: readonly Lanes[]): void {
    for (const lanes of values) move(this.#target, this.#best, this.#combine(this.#best, lanes));
  }

  finish(across: boolean): Lanes {
    if (!across) return apply(this.#target, maximum, [this.#best, this.#best], this.#dtype);
    let best = this.#best;
    for (const order of [halves, neighbours]) {
      const other = swapped(this.#target, best, order);
      const next = this.#combine(best, other);
      release(this.#target.code, other);
      if (best !== this.#best) release(this.#target.code, best);
      best = next;
    }
    return best;
  }

  dispose(): void {
    release(this.#target.code, this.#best);
  }
}

/**
 * The same for many floats, of which f32x4.max takes several instructions each: pmax ignores NaN and the sign of 0, so
 * beside it stand whether there was NaN, and the signs. Where the result is 0, none of the elements lies beyond: it is
 * -0 if all signs of a maximum, or any of a minimum, are set.
 */
class FloatExtremum implements Accumulator {
  readonly #target: Target;
  readonly #shape: "f32x4" | "f64x2";
  readonly #largest: boolean;
  readonly #dtype: DType;
  readonly #parts: readonly { readonly best: Local; readonly unordered: Local; readonly signs: Local }[];

  constructor(target: Target, reduce: "max" | "min", dtype: DType) {
    this.#target = target;
    this.#largest = reduce === "max";
    this.#dtype = dtype;
    const wide = kindOf(dtype) === "f64";
    this.#shape = wide ? "f64x2" : "f32x4";
    const local = (): Local => target.code.local("v128");
    this.#parts = Array.from({ length: wide ? 2 : 1 }, () => ({
      best: local(),
      unordered: local(),
      signs: local(),
    }));
  }

  reset(): void {
    const { code } = this.#target;
    for (const { best, unordered, signs } of this.#parts) {
      code.splat(this.#shape, this.#largest ? -Infinity : Infinity).set(best);
      code.splat("i32x4", 0).set(unordered);
      code.splat("i32x4", this.#largest ? -1 : 0).set(signs);
    }
  }

  add(values: readonly Lanes[]): void {
    const { code } = this.#target;
    for (const [i, { best, unordered, signs }] of this.#parts.entries()) {
      const of = values.map(({ parts }) => parts[i]!);
      // A tree of its own for each, so that only one step waits for the vectors before.
      const fold = (into: Local, op: PlainInstruction, each: (value: Local) => void): void => {
        const tree = (from: number, to: number): void => {
          if (to - from === 1) return each(of[from]!);
          const middle = (from + to) >> 1;
          tree(from, middle);
          tree(middle, to);
          code.op(op);
        };
        code.get(into);
        tree(0, of.length);
        code.op(op).set(into);
      };
      fold(best, `${this.#shape}.${this.#largest ? "pmax" : "pmin"}`, (value) => code.get(value));
      fold(unordered, "v128.or", (value) => code.get(value).get(value).op(`${this.#shape}.ne`));
      fold(signs, this.#largest ? "v128.and" : "v128.or", (value) => code.get(value));
    }
  }

  finish(across: boolean): Lanes {
    const { code } = this.#target;
    const e = new Expressions(this.#target, this.#shape);
    for (const { best, unordered, signs } of this.#parts) {
      const [value, sign] = [(): void => void code.get(best), (): void => void code.get(signs)];
      const zero = e.keep(e.compare("eq", value, e.number(0)));
      const signed = e.or(e.andnot(value, e.and(zero, e.signBit())), e.and(e.and(sign, e.signBit()), zero));
      e.or(signed, () => void code.get(unordered))();
      code.set(best);
      e.done();
    }
    const found: Lanes = {
      kind: kindOf(this.#dtype),
      parts: this.#parts.map(({ best }) => best),
      shared: true,
    };
    const last = new Extremum(this.#target, this.#largest ? "max" : "min", this.#dtype);
    last.reset();
    last.add([found]);
    const result = last.finish(across);
    last.dispose();
    return result;
  }

  dispose(): void {
    for (const { best, unordered, signs } of this.#parts)
      for (const local of [best, unordered, signs]) this.#target.code.release(local);
  }
}

/** The first index of the largest element; NaN counts as the largest. */
class ArgMax implements Accumulator {
  readonly #target: Target;
  readonly #dtype: DType;
  readonly #best: Lanes;
  readonly #index: Lanes;

  constructor(target: Target, dtype: DType) {
    this.#target = target;
    this.#dtype = dtype;
    const kind = kindOf(dtype);
    const parts = Array.from({ length: kind === "f64" ? 2 : 1 }, () => target.code.local("v128"));
    this.#best = { kind, parts, shared: false };
    this.#index = { kind: "i32", parts: [target.code.local("v128")], shared: false };
  }

  reset(): void {
    const { code } = this.#target;
    move(this.#target, this.#best, constantLanes(code, identityOf("argmax", this.#dtype), this.#dtype));
    move(this.#target, this.#index, constantLanes(code, 0x7fffffff, "int32"));
  }

  add(values: readonly Lanes[], index: readonly Lanes[]): void {
    for (const [i, lanes] of values.entries()) this.#take(this.#best, this.#index, lanes, index[i]!);
  }

  /** Replaces best and its index where the candidate is larger, or equal and earlier. */
  #take(best: Lanes, bestIndex: Lanes, value: Lanes, index: Lanes): void {
    const { code } = this.#target;
    const test = (rule: Elementwise, a: Lanes, b: Lanes): Local =>
      apply(this.#target, rule, [a, b], "bool").parts[0]!;
    const larger = test(less, best, value);
    const ties = test(equal, best, value);
    const [valueIs, bestIs] = [test(equal, value, value), test(equal, best, best)];
    // NaN is unequal to itself: it beats what is not NaN and ties with itself.
    code.get(larger).get(bestIs).get(valueIs).op("v128.andnot").op("v128.or").set(larger);
    code.get(ties).get(valueIs).get(bestIs).op("v128.or").op("v128.not").op("v128.or").set(ties);
    code.get(larger).get(ties).get(index.parts[0]!).get(bestIndex.parts[0]!).op("i32x4.lt_s").op("v128.and");
    code.op("v128.or").set(larger);
    for (const local of [ties, valueIs, bestIs]) code.release(local);
    const mask: Lanes = { kind: "mask", parts: [larger], shared: false };
    move(this.#target, best, apply(this.#target, where, [mask, value, best], this.#dtype));
    move(this.#target, bestIndex, apply(this.#target, where, [mask, index, bestIndex], "int32"));
    release(code, mask);
  }

  finish(across: boolean): Lanes {
    if (across)
      for (const order of [halves, neighbours]) {
        const value = swapped(this.#target, this.#best, order);
        const index = swapped(this.#target, this.#index, order);
        this.#take(this.#best, this.#index, value, index);
        release(this.#target.code, value);
        release(this.#target.code, index);
      }
    const { code } = this.#target;
    const result = code.local("v128");
    code.get(this.#index.parts[0]!).set(result);
    return { kind: "i32", parts: [result], shared: false };
  }

  dispose(): void {
    release(this.#target.code, this.#best);
    release(this.#target.code, this.#index);
  }
}
