import { type DType, dtypeInfo } from "@polykeras/core";
import { roundHalf } from "../kernels/half.ts";
import { type Elementwise, type LaneKind, laneKind } from "../kernels/rule.ts";
import type { Code, Local } from "../wasm/code.ts";
import { AssemblerError } from "../wasm/types.ts";
import { Expressions, type Target, type Vector } from "./expression.ts";

/** Four elements in registers: one v128, or two for float64; bool is a mask of 32-bit lanes. */
export interface Lanes {
  readonly kind: LaneKind;
  readonly parts: readonly Local[];
  /** Constants and hoisted values stay where they are; others are released after their last use. */
  readonly shared: boolean;
}

/** Bytes of an element in memory. float16 is kept as float32 words. */
export function storedBytes(dtype: DType): number {
  return dtype === "float16" ? 4 : dtypeInfo(dtype).bytes;
}

export function kindOf(dtype: DType): LaneKind {
  const kind = laneKind(dtype);
  if (!kind) throw new AssemblerError(`No lanes hold ${dtype}; supports() refuses it.`);
  return kind;
}

function fresh(code: Code, kind: LaneKind): Lanes {
  const parts = kind === "f64" ? [code.local("v128"), code.local("v128")] : [code.local("v128")];
  return { kind, parts, shared: false };
}

export function release(code: Code, lanes: Lanes): void {
  // Both halves of a float64 splat are one local.
  if (lanes.shared) return;
  // By index, here and below: this runs for every instruction of a body.
  const low = lanes.parts[0]!;
  const high = lanes.parts[1];
  code.release(low);
  if (high !== undefined && high !== low) code.release(high);
}

/** The value in all lanes, in locals set once per function. */
export function constantLanes(code: Code, value: number, dtype: DType): Lanes {
  const kind = kindOf(dtype);
  const local =
    kind === "f32" || kind === "f64"
      ? code.constantLocal(kind === "f32" ? "f32x4" : "f64x2", value)
      : code.constantLocal("i32x4", kind === "mask" ? (value === 0 ? 0 : -1) : value);
  return { kind, parts: kind === "f64" ? [local, local] : [local], shared: true };
}

/** The one element at the pointer plus offset in all lanes; it stays in its local for the rest of the function. */
export function loadSplat(code: Code, pointer: Local, dtype: DType, offset = 0): Lanes {
  const kind = kindOf(dtype);
  const local = code.local("v128");
  code.get(pointer);
  if (storedBytes(dtype) === 8) code.mem("v128.load64_splat", offset);
  else if (storedBytes(dtype) === 4) code.mem("v128.load32_splat", offset);
  else code.mem("i32.load8_u", offset).op("i32x4.splat");
  if (kind === "mask") code.op("i32x4.neg");
  code.set(local);
  return { kind, parts: kind === "f64" ? [local, local] : [local], shared: true };
}

/** Four neighbours. It may read past the storage: the heap keeps a guard. */
export function loadVector(code: Code, pointer: Local, dtype: DType, offset: number): Lanes {
  const lanes = fresh(code, kindOf(dtype));
  if (storedBytes(dtype) === 1) {
    code.get(pointer).mem("v128.load32_zero", offset);
    code.op("i16x8.extend_low_i8x16_u").op("i32x4.extend_low_i16x8_u");
    if (lanes.kind === "mask") code.op("i32x4.neg");
    code.set(lanes.parts[0]!);
  } else {
    for (let i = 0; i < lanes.parts.length; i++)
      code.loadTo(lanes.parts[i]!, "v128.load", pointer, offset + 16 * i);
  }
  return lanes;
}

/** `count` elements that are `stride` bytes apart, from the pointer plus offset on. */
export function loadStrided(
  code: Code,
  pointer: Local,
  dtype: DType,
  stride: number,
  offset: number,
  count: number,
): Lanes {
  const lanes = fresh(code, kindOf(dtype));
  const perPart = lanes.kind === "f64" ? 2 : 4;
  for (let i = 0; i < 4; i++) {
    const part = lanes.parts[Math.floor(i / perPart)]!;
    if (i >= count) {
      if (i % perPart === 0) code.splat("i32x4", 0).set(part);
      continue;
    }
    const at = offset + i * stride;
    if (storedBytes(dtype) === 1) {
      if (i > 0) code.get(part);
      code.get(pointer).mem("i32.load8_u", at);
      if (lanes.kind === "mask") code.i32(-1).op("i32.mul");
      if (i > 0) code.lane("i32x4.replace_lane", i);
      else code.op("i32x4.splat");
    } else {
      code.get(pointer);
      if (i % perPart === 0) code.mem(perPart === 2 ? "v128.load64_zero" : "v128.load32_zero", at);
      else code.get(part).memLane(perPart === 2 ? "v128.load64_lane" : "v128.load32_lane", at, i % perPart);
    }
    code.set(part);
  }
  return lanes;
}

/** Like `loadStrided` for a negative stride: the last element, whose address is the lowest, is the first in memory. */
export function loadBackward(
  code: Code,
  pointer: Local,
  dtype: DType,
  stride: number,
  offset: number,
  count: number,
): Lanes {
  const last = code.local("i32");
  code
    .get(pointer)
    .i32(offset + (count - 1) * stride)
    .op("i32.add")
    .set(last);
  const lanes =
    -stride === storedBytes(dtype)
      ? loadVector(code, last, dtype, 0)
      : loadStrided(code, last, dtype, -stride, 0, count);
  code.release(last);
  const at = (i: number): number => Math.max(0, count - 1 - i);
  const [low, high] = lanes.parts;
  if (high === undefined) {
    code
      .get(low!)
      .get(low!)
      .shuffle32([at(0), at(1), at(2), at(3)])
      .set(low!);
    return lanes;
  }
  const turned = [0, 2].map((i) => {
    const part = code.local("v128");
    const [a, b] = [2 * at(i), 2 * at(i + 1)];
    code
      .get(low!)
      .get(high)
      .shuffle32([a, a + 1, b, b + 1])
      .set(part);
    return part;
  });
  release(code, lanes);
  return { ...lanes, parts: turned };
}

/** Writes the first `count` lanes at the pointer plus offset, one after the other. */
export function storeVector(
  code: Code,
  pointer: Local,
  dtype: DType,
  lanes: Lanes,
  offset: number,
  count: number,
): void {
  if (storedBytes(dtype) === 1) {
    const packed = code.local("v128");
    code.get(lanes.parts[0]!);
    if (lanes.kind === "mask") code.constant("i32x4", 1).op("v128.and");
    code
      .tee(packed)
      .get(packed)
      .op("i16x8.narrow_i32x4_u")
      .tee(packed)
      .get(packed)
      .op("i8x16.narrow_i16x8_u")
      .set(packed);
    if (count === 4) code.get(pointer).get(packed).memLane("v128.store32_lane", offset, 0);
    else
      for (let i = 0; i < count; i++)
        code
          .get(pointer)
          .get(packed)
          .memLane("v128.store8_lane", offset + i, i);
    code.release(packed);
    return;
  }
  const perPart = lanes.kind === "f64" ? 2 : 4;
  for (let i = 0; i < lanes.parts.length; i++) {
    const part = lanes.parts[i]!;
    const left = Math.min(perPart, count - i * perPart);
    if (left === perPart)
      code
        .get(pointer)
        .get(part)
        .mem("v128.store", offset + 16 * i);
    else
      for (let at = 0; at < left; at++)
        code
          .get(pointer)
          .get(part)
          .memLane(
            perPart === 2 ? "v128.store64_lane" : "v128.store32_lane",
            offset + 16 * i + at * (16 / perPart),
            at,
          );
  }
}

/** One half of a mask as a mask of two 64-bit lanes. */
function widen(code: Code, mask: Local, part: number): void {
  code.get(mask).op(part === 0 ? "i64x2.extend_low_i32x4_s" : "i64x2.extend_high_i32x4_s");
}

/** Runs an elementwise rule; the result is in locals of its own. */
export function apply(target: Target, rule: Elementwise, inputs: readonly Lanes[], dtype: DType): Lanes {
  const { code } = target;
  const data = inputs.at(-1)!.kind;
  const emit = data === "i32" ? rule.int : data === "mask" ? rule.bool : rule.float;
  if (!emit) throw new AssemblerError(`A kernel has no rule for ${data} lanes; supports() refuses it.`);
  const e = new Expressions(target, data === "f64" ? "f64x2" : "f32x4");
  const parts: Local[] = [];
  for (let part = 0; part < (data === "f64" ? 2 : 1); part++) {
    const operand = (i: number): Vector => {
      const lanes = inputs[i]!;
      if (lanes.kind === "mask" && data === "f64") return () => widen(code, lanes.parts[0]!, part);
      return () => code.get(lanes.parts[part] ?? lanes.parts[0]!);
    };
    let value = emit(e, ...inputs.map((_, i) => operand(i)));
    if (!rule.exact && dtype === "float16") value = roundHalf(e, e.keep(value));
    if (!rule.exact && dtype === "uint8") value = e.and(value, e.integer(255));
    const result = code.local("v128");
    value();
    code.set(result);
    e.done();
    parts.push(result);
  }
  if (parts.length === 2 && dtype === "bool") {
    code.get(parts[0]!).get(parts[1]!).shuffle32([0, 2, 4, 6]).set(parts[0]!);
    code.release(parts.pop()!);
  }
  return { kind: kindOf(dtype), parts, shared: false };
}
