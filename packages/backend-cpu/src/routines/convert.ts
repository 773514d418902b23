import { type DType, dtypeInfo, isFloat, sizeOf } from "@polykeras/core";
import { Expressions, type Target } from "../emit/expression.ts";
import { storedBytes } from "../emit/lanes.ts";
import { roundHalf } from "../kernels/half.ts";
import { laneKind } from "../kernels/rule.ts";
import type { Code, Local } from "../wasm/code.ts";
import { move, repeat } from "./loops.ts";
import { type Routine, elementTime } from "./routine.ts";

/** Whether a cast is from or to a dtype that only stores, which no lanes hold. */
export function isStorageCast(...dtypes: readonly (DType | undefined)[]): boolean {
  return dtypes.some((dtype) => dtype !== undefined && laneKind(dtype) === null);
}

/** Casts from and to int8, int16, uint16 and uint32, one element after the other. */
export const convert: Routine = ({ inputs: [x], outputs: [y] }) => ({
  key: `convert:${x!.dtype}:${y!.dtype}`,
  numbers: [sizeOf(y!.shape)],
  units: { steps: [storedBytes(x!.dtype), storedBytes(y!.dtype)], time: 5 * elementTime },
  emit: (target) => {
    const { code } = target;
    const [from, to, count] = [0, 1, 2];
    const value = code.local("f64");
    repeat(code, { local: count }, () => {
      read(code, from, x!.dtype);
      code.set(value);
      write(target, to, y!.dtype, value);
      move(code, from, storedBytes(x!.dtype));
      move(code, to, storedBytes(y!.dtype));
    });
  },
});

/** Pushes an element as a float64, which holds all of them. */
function read(code: Code, pointer: Local, dtype: DType): void {
  code.get(pointer);
  if (dtype === "float64") code.mem("f64.load");
  else if (isFloat(dtype)) code.mem("f32.load").op("f64.promote_f32");
  else if (dtype === "uint32") code.mem("i32.load").op("f64.convert_i32_u");
  else {
    const signed = dtype.startsWith("int");
    const { bytes } = dtypeInfo(dtype);
    if (bytes === 4) code.mem("i32.load");
    else if (bytes === 2) code.mem(signed ? "i32.load16_s" : "i32.load16_u");
    else code.mem(signed ? "i32.load8_s" : "i32.load8_u");
    code.op("f64.convert_i32_s");
  }
}

function write(target: Target, pointer: Local, dtype: DType, value: Local): void {
  const { code } = target;
  if (dtype === "float16") {
    // Every integer below half precision's largest number is a float32: it is rounded once.
    const lanes = code.local("v128");
    code.get(value).op("f32.demote_f64").op("f32x4.splat").set(lanes);
    const e = new Expressions(target, "f32x4");
    roundHalf(e, () => code.get(lanes))();
    code.set(lanes);
    e.done();
    code.get(pointer).get(lanes).memLane("v128.store32_lane", 0, 0);
    code.release(lanes);
    return;
  }
  code.get(pointer).get(value);
  if (dtype === "float64") code.mem("f64.store");
  else if (dtype === "float32") code.op("f32.demote_f64").mem("f32.store");
  else if (dtype === "bool") code.f64(0).op("f64.ne").mem("i32.store8");
  else {
    // Toward zero, modulo 2^32; infinities become NaN here, and NaN 0.
    code
      .op("f64.trunc")
      .tee(value)
      .get(value)
      .f64(2 ** -32)
      .op("f64.mul")
      .op("f64.floor")
      .f64(2 ** 32)
      .op("f64.mul");
    code.op("f64.sub").op("i32.trunc_sat_f64_u");
    const { bytes } = dtypeInfo(dtype);
    code.mem(bytes === 4 ? "i32.store" : bytes === 2 ? "i32.store16" : "i32.store8");
  }
}
