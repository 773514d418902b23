import { type Tensor, ArgumentError, K } from "@polykeras/core";
import { type NameOf, lookUp } from "../base/names.ts";

/** A function of a tensor that keeps its shape. */
export type Activation = (x: Tensor) => Tensor;

/** x. Source: Keras `activations.linear`. */
export function linear(x: Tensor): Tensor {
  return x;
}
/** max(x, 0). Source: Keras `activations.relu`. */
export function relu(x: Tensor): Tensor {
  return K.relu(x);
}
/** x where positive, else e^x - 1. Source: Keras `activations.elu`. */
export function elu(x: Tensor): Tensor {
  return K.elu(x);
}
/** Scaled exponential linear unit (Klambauer et al., 2017). Source: Keras `activations.selu`. */
export function selu(x: Tensor): Tensor {
  return K.elu(x, { alpha: 1.6732632423543772 }).multiply(1.0507009873554805);
}
/** 1 / (1 + e^-x). Source: Keras `activations.sigmoid`. */
export function sigmoid(x: Tensor): Tensor {
  return K.sigmoid(x);
}
/** 0.2 x + 0.5, limited to [0, 1]. Source: Keras `activations.hard_sigmoid`. */
export function hardSigmoid(x: Tensor): Tensor {
  return K.hardSigmoid(x);
}
/** Probabilities along the last axis; tensors of rank 1 raise. Source: Keras `activations.softmax`. */
export function softmax(x: Tensor): Tensor {
  if (x.ndim < 2)
    throw new ArgumentError(
      "Cannot apply softmax to a tensor that is 1D. Give it a batch axis: K.expandDims(x, { axis: 0 }).",
    );
  return K.softmax(x);
}
/** log(1 + e^x). Source: Keras `activations.softplus`. */
export function softplus(x: Tensor): Tensor {
  return K.softplus(x);
}
/** x / (1 + |x|). Source: Keras `activations.softsign`. */
export function softsign(x: Tensor): Tensor {
  return K.softsign(x);
}
/** x sigmoid(x). Source: Keras `activations.swish`. */
export function swish(x: Tensor): Tensor {
  return x.multiply(K.sigmoid(x));
}
/** The hyperbolic tangent. Source: Keras `activations.tanh`. */
export function tanh(x: Tensor): Tensor {
  return K.tanh(x);
}
/** e^x. Source: Keras `activations.exponential`. */
export function exponential(x: Tensor): Tensor {
  return K.exp(x);
}

type Key =
  | "linear"
  | "relu"
  | "elu"
  | "selu"
  | "sigmoid"
  | "hardSigmoid"
  | "softmax"
  | "softplus"
  | "softsign"
  | "swish"
  | "tanh"
  | "exponential";
const table: Readonly<Record<Key, Activation>> = {
  linear,
  relu,
  elu,
  selu,
  sigmoid,
  hardSigmoid,
  softmax,
  softplus,
  softsign,
  swish,
  tanh,
  exponential,
};

export type ActivationName = NameOf<Key>;

/** The activation of a name, the function itself, or `linear` for nothing. Source: Keras `activations.get`. */
export function get(of: ActivationName | Activation | null | undefined): Activation {
  if (of === null || of === undefined) return linear;
  if (typeof of === "function") return of;
  if (typeof of === "string") return lookUp<Activation>("activation", table, of);
  throw new ArgumentError(`An activation is a name, such as 'relu', or a function; got ${String(of)}.`);
}
