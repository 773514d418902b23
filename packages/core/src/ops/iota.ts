import { definePrimitive } from "../graph/define.ts";
import type { Op } from "../graph/op.ts";

/** An int32 tensor of `shape`; its elements count along `axis`. */
export type IotaAttributes = { readonly shape: readonly number[]; readonly axis: number };

declare module "../graph/op.ts" {
  interface Primitives {
    iota: { readonly shape: readonly number[]; readonly axis: number };
  }
}

export const iota: Op<IotaAttributes> = definePrimitive("iota", {
  doc: "int32 indices 0, 1, 2, ... along an axis, repeated along the others.",
  infer: (_inputs, { shape }) => ({ shape, dtype: "int32" }),
  gradient: () => [],
});
