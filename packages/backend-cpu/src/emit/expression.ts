import type { Choices } from "../choices.ts";
import type { Code, FunctionReference, Local } from "../wasm/code.ts";
import type { PlainInstruction } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module.ts";

/** Emits code that leaves one v128 on the operand stack. */
export type Vector = () => void;

export type FloatShape = "f32x4" | "f64x2";
type FloatOp = "add" | "sub" | "mul" | "div" | "min" | "max" | "pmin" | "pmax";
type FloatUnary = "abs" | "sqrt" | "floor" | "nearest" | "trunc" | "ceil";
type FloatCompare = "eq" | "ne" | "lt" | "le" | "gt" | "ge";
type IntOp = "add" | "sub" | "mul" | "min_s" | "max_s";

/** What is emitted into: function, module (for helpers), whether multiply-add is fused, and what is chosen. */
export interface Target {
  readonly code: Code;
  readonly module: ModuleBuilder;
  readonly fma: boolean;
  readonly choices: Choices;
}

/** Vector expressions of one lane shape. Operands are evaluated where they are written: `keep` what is used twice. */
export class Expressions {
  readonly code: Code;
  readonly module: ModuleBuilder;
  readonly fma: boolean;
  readonly choices: Choices;
  readonly shape: FloatShape;
  #kept: Local[] = [];

  constructor(target: Target, shape: FloatShape) {
    this.code = target.code;
    this.module = target.module;
    this.fma = target.fma;
    this.choices = target.choices;
    this.shape = shape;
  }

  /** The same target with lanes of another shape. */
  as(shape: FloatShape): Expressions {
    return new Expressions(this, shape);
  }

  op(name: PlainInstruction, ...operands: readonly Vector[]): Vector {
    return () => {
      for (let i = 0; i < operands.length; i++) operands[i]!();
      this.code.op(name);
    };
  }

  /** Evaluates now, into a local that lives until `done`. */
  keep(value: Vector): Vector {
    const local = this.keepLocal(value);
    return () => this.code.get(local);
  }

  /** Like `keep`, for what may be set anew. */
  keepLocal(value: Vector): Local {
    const local = this.code.local("v128");
    value();
    this.code.set(local);
    this.#kept.push(local);
    return local;
  }

  /** Releases what was kept, once the result has been emitted. */
  done(): void {
    for (const local of this.#kept) this.code.release(local);
    this.#kept = [];
  }

  float(op: FloatOp, a: Vector, b: Vector): Vector {
    return this.op(`${this.shape}.${op}`, a, b);
  }

  unary(op: FloatUnary, a: Vector): Vector {
    return this.op(`${this.shape}.${op}`, a);
  }

  /**
   * In float64 by its sign bits: V8 13 joins two f64x2.neg to one that flips the exponent as well, where what it negates
   * is used again.
   */
  negate(a: Vector): Vector {
    return this.shape === "f64x2" ? this.op("v128.xor", a, this.bits(-(2 ** 31))) : this.op("f32x4.neg", a);
  }

  compare(op: FloatCompare, a: Vector, b: Vector): Vector {
    return this.op(`${this.shape}.${op}`, a, b);
  }

  add(a: Vector, b: Vector): Vector {
    return this.float("add", a, b);
  }

  sub(a: Vector, b: Vector): Vector {
    return this.float("sub", a, b);
  }

  mul(a: Vector, b: Vector): Vector {
    return this.float("mul", a, b);
  }

  div(a: Vector, b: Vector): Vector {
    return this.float("div", a, b);
  }

  /** a * b + c, fused where the engine has it. */
  mad(a: Vector, b: Vector, c: Vector): Vector {
    return this.fma
      ? this.op(`${this.shape}.relaxed_madd`, a, b, c)
      : this.float("add", this.float("mul", a, b), c);
  }

  /** c - a * b, fused where the engine has it. */
  nmad(a: Vector, b: Vector, c: Vector): Vector {
    return this.fma
      ? this.op(`${this.shape}.relaxed_nmadd`, a, b, c)
      : this.float("sub", c, this.float("mul", a, b));
  }

  /** A polynomial by Horner's rule; the coefficient of the highest power comes first. */
  polynomial(x: Vector, coefficients: readonly number[]): Vector {
    const [first, ...rest] = coefficients;
    let value = this.number(first!);
    for (const coefficient of rest) value = this.keep(this.mad(value, x, this.number(coefficient)));
    return value;
  }

  /** A constant of this float shape. */
  number(value: number): Vector {
    return () => this.code.constant(this.shape, value);
  }

  /** Integer constant in 32-bit lanes. */
  integer(value: number): Vector {
    return () => this.code.constant("i32x4", value);
  }

  /** A bit pattern per lane of this float shape, given by its upper 32 bits; the lower ones of f64 are `low`. */
  bits(high: number, low = 0): Vector {
    if (this.shape === "f32x4") return this.integer(high);
    scratch.setInt32(4, high, true);
    scratch.setInt32(0, low, true);
    const value = scratch.getFloat64(0, true);
    return () => this.code.constant("f64x2", value);
  }

  int(op: IntOp, a: Vector, b: Vector): Vector {
    return this.op(`i32x4.${op}`, a, b);
  }

  /** Shifts the integer lanes that are as wide as the float ones. */
  shift(op: "shl" | "shr_s" | "shr_u", a: Vector, count: number): Vector {
    const name: PlainInstruction = this.shape === "f32x4" ? `i32x4.${op}` : `i64x2.${op}`;
    return () => {
      a();
      this.code.i32(count).op(name);
    };
  }

  and(a: Vector, b: Vector): Vector {
    return this.op("v128.and", a, b);
  }

  andnot(a: Vector, b: Vector): Vector {
    return this.op("v128.andnot", a, b);
  }

  or(a: Vector, b: Vector): Vector {
    return this.op("v128.or", a, b);
  }

  xor(a: Vector, b: Vector): Vector {
    return this.op("v128.xor", a, b);
  }

  /** `a` where the mask is set, else `b`. */
  select(mask: Vector, a: Vector, b: Vector): Vector {
    return this.op("v128.bitselect", a, b, mask);
  }

  /** The magnitude of `a` with the sign bit of `b`. */
  copysign(a: Vector, b: Vector): Vector {
    return this.select(this.signBit(), b, a);
  }

  signBit(): Vector {
    return this.shape === "f32x4" ? this.integer(-0x80000000) : this.number(-0);
  }

  /**
   * Where a lane of the mask is set, calls a function on vectors and takes such lanes of its results into locals:
   * for arguments so rare that others need not wait for them.
   */
  replace(mask: Vector, callee: FunctionReference, operand: Vector, into: readonly Local[]): void {
    const { code } = this;
    const chosen = this.keep(mask);
    chosen();
    code.op("v128.any_true").if(() => {
      operand();
      code.call(callee);
      for (const local of into.toReversed()) {
        code.get(local);
        chosen();
        code.op("v128.bitselect").set(local);
      }
    });
  }

  /** Calls a scalar function for every lane, for what has no vector form. */
  perLane(kind: "f32" | "f64", callee: FunctionReference, ...operands: readonly Vector[]): Vector {
    const lanes = kind === "f64" ? 2 : 4;
    const [extract, replace, splat] = laneNames[kind];
    return () => {
      const kept = operands.map((operand) => {
        const local = this.code.local("v128");
        operand();
        this.code.set(local);
        return local;
      });
      for (let i = 0; i < lanes; i++) {
        for (const local of kept) this.code.get(local).lane(extract, i);
        this.code.call(callee);
        if (i === 0) this.code.op(splat);
        else this.code.lane(replace, i);
      }
      for (const local of kept) this.code.release(local);
    };
  }
}

const scratch = new DataView(new ArrayBuffer(8));
const laneNames = {
  f32: ["f32x4.extract_lane", "f32x4.replace_lane", "f32x4.splat"],
  f64: ["f64x2.extract_lane", "f64x2.replace_lane", "f64x2.splat"],
} as const;
