import { ShapeError } from "../errors.ts";
import { build, call } from "../graph/build.ts";
import { defineComposite } from "../graph/define.ts";
import { type Node, constant } from "../graph/node.ts";
import type { Op, Operand } from "../graph/op.ts";
import { normal } from "../random/normal.ts";
import { uniform } from "../random/uniform.ts";
import type { DType } from "../tensor/dtype.ts";
import { type Spec, formatSpec, sizeOf } from "../tensor/spec.ts";
import { add } from "./arithmetic.ts";

/** The first input is the state, int32 (4,): key, then call counter; an optional second one the shape. */
export type RandomAttributes = { readonly shape: readonly number[] | null; readonly dtype: DType };
export type NormalAttributes = RandomAttributes & { readonly truncated: boolean };

declare module "../graph/op.ts" {
  interface Composites {
    randomUniform: { readonly shape: readonly number[] | null; readonly dtype: DType };
    randomNormal: {
      readonly shape: readonly number[] | null;
      readonly dtype: DType;
      readonly truncated: boolean;
    };
  }
}

function infer(op: string, [state, shape]: readonly Operand[], attributes: RandomAttributes): Spec {
  if (state!.dtype !== "int32" || state!.shape.length !== 1 || state!.shape[0] !== 4)
    throw new ShapeError(`${op}: the state must be (4,) int32; got ${formatSpec(state!)}.`);
  const known = attributes.shape ?? shape!.known;
  const rank = shape?.shape[0] ?? 0;
  return { shape: known ?? Array.from({ length: rank }, () => null), dtype: attributes.dtype };
}

const traits = { random: true } as const;

export const randomUniform: Op<RandomAttributes> = defineComposite("randomUniform", {
  doc: "Uniform values in [0, 1) from the Philox stream of the state: the same bits on every engine.",
  traits,
  infer: (inputs, attributes) => infer("randomUniform", inputs, attributes),
  simplify: ([state, shape], attributes) =>
    shape?.known ? build(randomUniform, [state!], { ...attributes, shape: shape.known }) : null,
  evaluate: ([state], _attributes, [output]) => [uniform(state!.data, sizeOf(output!.shape), output!.dtype)],
  gradient: () => [null, null],
});

export const randomNormal: Op<NormalAttributes> = defineComposite("randomNormal", {
  doc: "Standard normal values, or those within two standard deviations: the same bits on every engine.",
  traits,
  infer: (inputs, attributes) => infer("randomNormal", inputs, attributes),
  simplify: ([state, shape], attributes) =>
    shape?.known ? build(randomNormal, [state!], { ...attributes, shape: shape.known }) : null,
  evaluate: ([state], { truncated }, [output]) => [
    normal(state!.data, sizeOf(output!.shape), output!.dtype, truncated),
  ],
  gradient: () => [null, null],
});

/** The state for the next call: the call counter, the third word, plus one; it wraps after 2^32 calls. */
export function advance(state: Node): Node {
  return call(add, state, constant({ shape: [4], dtype: "int32" }, Int32Array.of(0, 0, 1, 0)));
}
