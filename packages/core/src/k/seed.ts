import { advance } from "../ops/random.ts";
import { philox } from "../random/philox.ts";
import { Variable } from "../symbolic/variable.ts";

let stream = { seed: Math.floor(Math.random() * 2 ** 32), drawn: 0 };

/**
 * Seeds everything that draws a seed of its own from now on: random functions, initializers, dropout and
 * shuffling. Source: `keras.utils.set_random_seed`.
 */
export function setRandomSeed(seed: number): void {
  stream = { seed, drawn: 0 };
}

/** A fresh 32-bit seed from the process's stream. */
export function nextSeed(): number {
  const { seed, drawn } = stream;
  stream = { seed, drawn: drawn + 1 };
  return philox([seed | 0, Math.floor(seed / 2 ** 32) | 0, drawn, 0x5eed], 1)[0]!;
}

/** The state of a random stream: it advances whenever a function that reads it runs. */
export function seedState(seed: number | undefined, name = "seed_state"): Variable {
  const key = seed ?? nextSeed();
  const words = Int32Array.of(key | 0, Math.floor(key / 2 ** 32) | 0, 0, 0);
  const state = new Variable(name, { shape: [4], dtype: "int32" }, words);
  state.state.advance = advance;
  return state;
}
