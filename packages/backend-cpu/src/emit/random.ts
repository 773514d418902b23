import type { DType } from "@polykeras/core";
import type { Local } from "../wasm/code.ts";
import type { Target } from "./expression.ts";
import type { Lanes } from "./lanes.ts";

const multipliers = [0xd2511f53 | 0, 0xcd9e8d57 | 0] as const;
const weyl = [0x9e3779b9 | 0, 0xbb67ae85 | 0] as const;
const rounds = 10;

/** Philox4x32-10, four blocks side by side: bit for bit the words of core's `philox`, sixteen a time. */
export class RandomBits {
  readonly #target: Target;
  /** Block numbers of the four lanes. */
  readonly #block: Local;
  readonly #key: readonly [Local, Local];
  readonly #call: readonly [Local, Local];

  /** `state` is the parameter that points to the key and the call counter. */
  constructor(target: Target, state: Local) {
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
    code.i32x4(0, 1, 2, 3).set(this.#block);
  }

  /** Four vectors of words, in locals that the caller releases; the block numbers move on. */
  draw(): readonly Local[] {
    const { code } = this.#target;
    const [c0, c1, c2, c3] = [0, 0, 0, 0].map(() => code.local("v128"));
    const words = [c0!, c1!, c2!, c3!] as const;
    const [k0, k1, high0, high1] = [0, 0, 0, 0].map(() => code.local("v128"));
    code.get(this.#block).set(words[0]).splat("i32x4", 0).set(words[1]);
    code.get(this.#call[0]).set(words[2]).get(this.#call[1]).set(words[3]);
    code.get(this.#key[0]).set(k0!).get(this.#key[1]).set(k1!);
    for (let round = 0; round < rounds; round++) {
      this.#multiplyHigh(words[0], multipliers[0], high0!);
      this.#multiplyHigh(words[2], multipliers[1], high1!);
      // The lower halves take the places of the factors once their upper halves are known.
      code.get(words[2]).constant("i32x4", multipliers[1]).op("i32x4.mul").set(words[2]);
      code.get(high1!).get(words[1]).op("v128.xor").get(k0!).op("v128.xor").set(high1!);
      code.get(words[2]).set(words[1]);
      code.get(high0!).get(words[3]).op("v128.xor").get(k1!).op("v128.xor").set(words[2]);
      code.get(words[0]).constant("i32x4", multipliers[0]).op("i32x4.mul").set(words[3]);
      code.get(high1!).set(words[0]);
      if (round === rounds - 1) break;
      code.get(k0!).constant("i32x4", weyl[0]).op("i32x4.add").set(k0!);
      code.get(k1!).constant("i32x4", weyl[1]).op("i32x4.add").set(k1!);
    }
    for (const local of [k0!, k1!, high0!, high1!]) code.release(local);
    code.get(this.#block).constant("i32x4", 4).op("i32x4.add").set(this.#block);
    return words;
  }

  #multiplyHigh(factor: Local, multiplier: number, into: Local): void {
    const { code } = this.#target;
    code.get(factor).constant("i32x4", multiplier).op("i64x2.extmul_low_i32x4_u");
    code.get(factor).constant("i32x4", multiplier).op("i64x2.extmul_high_i32x4_u");
    code.shuffle32([1, 3, 5, 7]).set(into);
  }

  /** Values in [0, 1): the upper 24 bits of a word, or the upper 11 for float16. */
  uniform(word: Local, dtype: DType): Lanes {
    const { code } = this.#target;
    const drop = dtype === "float16" ? 21 : 8;
    const local = code.local("v128");
    code.get(word).i32(drop).op("i32x4.shr_u").op("f32x4.convert_i32x4_s");
    code
      .constant("f32x4", 2 ** (drop - 32))
      .op("f32x4.mul")
      .set(local);
    return { kind: "f32", parts: [local], shared: false };
  }
}
