import { type Tensor, ArgumentError, K } from "@polykeras/core";
import { type NameOf, lookUp } from "../base/names.ts";

/** A scalar penalty of a weight, added to the loss. */
export type Regularizer = (weight: Tensor) => Tensor;

/** 0.01 sum |w|. Source: Keras `regularizers.L1`. */
export function l1(options: { readonly l1?: number } = {}): Regularizer {
  return l1l2({ l1: options.l1 ?? 0.01 });
}

/** 0.01 sum w². Source: Keras `regularizers.L2`. */
export function l2(options: { readonly l2?: number } = {}): Regularizer {
  return l1l2({ l2: options.l2 ?? 0.01 });
}

/** l1 sum |w| + l2 sum w². Source: Keras `regularizers.L1L2`. */
export function l1l2(options: { readonly l1?: number; readonly l2?: number } = {}): Regularizer {
  const { l1: absolute = 0, l2: squared = 0 } = options;
  return (weight) => {
    const parts: Tensor[] = [];
    if (absolute !== 0) parts.push(K.sum(K.abs(weight)).multiply(absolute));
    if (squared !== 0) parts.push(K.sum(K.square(weight)).multiply(squared));
    const [first = K.constant(0, { dtype: weight.dtype }), second] = parts;
    return second ? first.add(second) : first;
  };
}

type Key = "l1" | "l2" | "l1l2";
const table: Readonly<Record<Key, () => Regularizer>> = {
  l1,
  l2,
  l1l2: () => l1l2({ l1: 0.01, l2: 0.01 }),
};

export type RegularizerName = NameOf<Key> | "l1_l2";

/** The regularizer of a name, or the function itself. Source: Keras `regularizers.get`. */
export function get(of: RegularizerName | Regularizer): Regularizer {
  if (typeof of === "function") return of;
  if (typeof of === "string")
    return lookUp<() => Regularizer>("regularizer", table, of === "l1_l2" ? "l1l2" : of)();
  throw new ArgumentError(`A regularizer is a name, such as 'l2', or a function; got ${String(of)}.`);
}
