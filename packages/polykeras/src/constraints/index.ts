import { type Tensor, ArgumentError, K } from "@polykeras/core";
import { type NameOf, lookUp } from "../base/names.ts";

/** What a weight becomes after each update. */
export type Constraint = (weight: Tensor) => Tensor;

interface NormOptions {
  /** Over which axes norms are taken: 0, the input axis of Dense, by default. */
  readonly axis?: number | readonly number[];
}

function norms(weight: Tensor, axis: NormOptions["axis"]): Tensor {
  return K.sqrt(K.sum(K.square(weight), { axis: axis ?? 0, keepdims: true }));
}

/** Norms of at most `maxValue`, 2 by default. Source: Keras `constraints.MaxNorm`. */
export function maxNorm(options: NormOptions & { readonly maxValue?: number } = {}): Constraint {
  return (weight) => {
    const norm = norms(weight, options.axis);
    return weight.multiply(K.clip(norm, 0, options.maxValue ?? 2).divide(norm.add(K.epsilon())));
  };
}

/** Negative elements become 0. Source: Keras `constraints.NonNeg`. */
export function nonNeg(): Constraint {
  return (weight) => K.relu(weight);
}

/** Norms of 1. Source: Keras `constraints.UnitNorm`. */
export function unitNorm(options: NormOptions = {}): Constraint {
  return (weight) => weight.divide(norms(weight, options.axis).add(K.epsilon()));
}

/**
 * Norms between `minValue` (0) and `maxValue` (1); `rate` (1) says how far towards them a step goes. Source:
 * Keras `constraints.MinMaxNorm`.
 */
export function minMaxNorm(
  options: NormOptions & {
    readonly minValue?: number;
    readonly maxValue?: number;
    readonly rate?: number;
  } = {},
): Constraint {
  const { minValue = 0, maxValue = 1, rate = 1 } = options;
  return (weight) => {
    const norm = norms(weight, options.axis);
    const desired = K.clip(norm, minValue, maxValue)
      .multiply(rate)
      .add(norm.multiply(1 - rate));
    return weight.multiply(desired.divide(norm.add(K.epsilon())));
  };
}

type Key = "maxNorm" | "nonNeg" | "unitNorm" | "minMaxNorm";
const table: Readonly<Record<Key, () => Constraint>> = { maxNorm, nonNeg, unitNorm, minMaxNorm };

export type ConstraintName = NameOf<Key>;

/** The constraint of a name, or the function itself. Source: Keras `constraints.get`. */
export function get(of: ConstraintName | Constraint): Constraint {
  if (typeof of === "function") return of;
  if (typeof of === "string") return lookUp<() => Constraint>("constraint", table, of)();
  throw new ArgumentError(`A constraint is a name, such as 'nonNeg', or a function; got ${String(of)}.`);
}
