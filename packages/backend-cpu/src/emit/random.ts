import type { DType } from "@polykeras/core";
import type { Local } from "../wasm/code.ts";
import type { Target } from "./expression.ts";
import type { Lanes } from "./lanes.ts";

const multipliers = [0xd2511f53 | 0, 0xcd9e8d57 | 0] as const;
const weyl = [0x9e3779b9 | 0, 0xbb67ae85 | 0] as const;
const rounds = 10;

/** Blocks that are drawn at once. */
export const blocksAtOnce = 8;

/** Philox4x32-10, four blocks side by side: bit for bit the words of core's `philox`, thirty-two a time. */
export class RandomBits {
  readonly #target: Target;
  /** Block numbers of the four lanes. */
  readonly #block: Local;
  readonly #key: readonly [Local, Local];
  readonly #call: readonly [Local, Local];

  /** `state` points to the key and the call counter; `first` is the number of the first block that is drawn. */
  constructor(target: Target, state: Local, first: Local) {
    const { code } = target;
    this.#target = target;
    const word = (i: number): Local => {
      const local = code.local("v128");
      code
        .get(state)
        .mem("v128.load32_splat", 4 * i)
        .set(local);
      return local;
    };
    this.#key = [word(0), word(1)];
    this.#call = [word(2), word(3)];
    this.#block = code.local("v128");
    code.get(first).op("i32x4.splat").i32x4(0, 1, 2, 3).op("i32x4.add").set(this.#block);
  }

  /** Eight vectors of words, in locals that the caller releases; the block numbers move on. */
  draw(): readonly Local[] {
    const { code } = this.#target;
    const [k0, k1] = [code.local("v128"), code.local("v128")];
    // Two chains side by side: one alone would wait for its own products.
    const chains = [0, 1].map(() => [0, 0, 0, 0].map(() => code.local("v128")));
    for (const [c0, c1, c2, c3] of chains) {
      code.get(this.#block).set(c0!).splat("i32x4", 0).set(c1!);
      code.get(this.#call[0]).set(c2!).get(this.#call[1]).set(c3!);
      code.get(this.#block).constant("i32x4", 4).op("i32x4.add").set(this.#block);
    }
    code.get(this.#key[0]).set(k0).get(this.#key[1]).set(k1);
    const counter = code.local("i32");
    code.i32(rounds).set(counter);
    code.loop(() => {
      for (const chain of chains) this.#round(chain, k0, k1);
      code.get(k0).constant("i32x4", weyl[0]).op("i32x4.add").set(k0);
      code.get(k1).constant("i32x4", weyl[1]).op("i32x4.add").set(k1);
      code.get(counter).i32(-1).op("i32.add").tee(counter).brIf(0);
    });
    for (const local of [k0, k1, counter]) code.release(local);
    return chains.flat();
  }

  /** c0, c1, c2, c3 = high(c2) ^ c1 ^ k0, low(c2), high(c0) ^ c3 ^ k1, low(c0) of their products. */
  #round([c0, c1, c2, c3]: readonly Local[], k0: Local, k1: Local): void {
    const { code } = this.#target;
    const [low0, low2, high0] = [code.local("v128"), code.local("v128"), code.local("v128")];
    this.#multiply(c0!, multipliers[0], low0);
    this.#multiply(c2!, multipliers[1], low2);
    code.get(c0!).set(high0);
    code.get(c2!).get(c1!).get(k0).op("v128.xor").op("v128.xor").set(c0!);
    code.get(low2).set(c1!);
    code.get(high0).get(c3!).get(k1).op("v128.xor").op("v128.xor").set(c2!);
    code.get(low0).set(c3!);
    for (const local of [low0, low2, high0]) code.release(local);
  }

  /** The 64-bit products: their lower halves in `low`, the upper ones in place of the factor. */
  #multiply(factor: Local, multiplier: number, low: Local): void {
    const { code } = this.#target;
    const upper = code.local("v128");
    code.get(factor).constant("i32x4", multiplier).op("i64x2.extmul_low_i32x4_u").set(low);
    code.get(factor).constant("i32x4", multiplier).op("i64x2.extmul_high_i32x4_u").set(upper);
    code.get(low).get(upper).shuffle32([1, 3, 5, 7]);
    code.get(factor).constant("i32x4", multiplier).op("i32x4.mul").set(low).set(factor);
    code.release(upper);
  }

  /** Four values in [0, 1) of the words drawn: the upper 24 bits of one each, 11 for float16, 53 of two for float64. */
  uniform(words: readonly Local[], vector: number, dtype: DType): Lanes {
    const { code } = this.#target;
    if (dtype === "float64") {
      const parts = [words[2 * vector]!, words[2 * vector + 1]!].map((pair) => this.#fraction53(pair));
      return { kind: "f64", parts, shared: false };
    }
    const drop = dtype === "float16" ? 21 : 8;
    const local = code.local("v128");
    code.get(words[vector]!).i32(drop).op("i32x4.shr_u").op("f32x4.convert_i32x4_s");
    code
      .constant("f32x4", 2 ** (drop - 32))
      .op("f32x4.mul")
      .set(local);
    return { kind: "f32", parts: [local], shared: false };
  }

  /** Two float64 values of four words: 27 bits of the first of each pair, 26 of the second. */
  #fraction53(pair: Local): Local {
    const { code } = this.#target;
    const local = code.local("v128");
    code.get(pair).get(pair).shuffle32([0, 2, 0, 2]).i32(5).op("i32x4.shr_u").op("f64x2.convert_low_i32x4_u");
    code.constant("f64x2", 2 ** 26).op("f64x2.mul");
    code.get(pair).get(pair).shuffle32([1, 3, 1, 3]).i32(6).op("i32x4.shr_u").op("f64x2.convert_low_i32x4_u");
    code
      .op("f64x2.add")
      .constant("f64x2", 2 ** -53)
      .op("f64x2.mul")
      .set(local);
    return local;
  }
}
