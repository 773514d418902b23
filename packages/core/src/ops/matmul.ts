import { ShapeError } from "../errors.ts";
import { build } from "../graph/build.ts";
import { definePrimitive } from "../graph/define.ts";
import type { Node } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import { formatShape } from "../tensor/spec.ts";
import { commonDType, requireNumber } from "./infer.ts";
import { transpose } from "./movement.ts";

/** Whether the last two axes of each operand are read in swapped order. */
export type MatmulAttributes = { readonly transposeA: boolean; readonly transposeB: boolean };

declare module "../graph/op.ts" {
  interface Primitives {
    matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  }
}

export const matmul: Op<MatmulAttributes> = definePrimitive("matmul", {
  doc: "Matrix products over the last two axes; leading axes are equal on both sides (no broadcasting). Empty sums are 0.",
  infer: (inputs, { transposeA, transposeB }) => {
    const dtype = commonDType("matmul", inputs);
    requireNumber("matmul", inputs[0]!);
    const [a, b] = [inputs[0]!.shape, inputs[1]!.shape];
    const [m, k] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
    const [kb, n] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
    const lead = a.slice(0, -2).map((dim, i) => dim ?? b[i]!);
    const fits = lead.every((dim, i) => dim === null || b[i] === null || b[i] === dim);
    if (a.length < 2 || a.length !== b.length || !fits || (k !== null && kb !== null && k !== kb))
      throw new ShapeError(
        `matmul: ${formatShape(a)}${transposeA ? " transposed" : ""} by ${formatShape(b)}${transposeB ? " transposed" : ""}: ` +
          `the inner dimensions (${k} and ${kb}) and all leading ones must be equal.`,
      );
    return { shape: [...lead, m, n], dtype };
  },
  // A transposed operand costs nothing inside of the product.
  simplify: ([a, b], { transposeA, transposeB }) => {
    const [swappedA, swappedB] = [swapped(a!), swapped(b!)];
    if (!swappedA && !swappedB) return null;
    return build(matmul, [swappedA ?? a!, swappedB ?? b!], {
      transposeA: transposeA !== (swappedA !== null),
      transposeB: transposeB !== (swappedB !== null),
    });
  },
  gradient: ({ inputs: [a, b], attributes: { transposeA, transposeB }, cotangent: g, needs }) => [
    needs[0]
      ? transposeA
        ? build(matmul, [b!, g], { transposeA: transposeB, transposeB: true })
        : build(matmul, [g, b!], { transposeA: false, transposeB: !transposeB })
      : null,
    needs[1]
      ? transposeB
        ? build(matmul, [g, a!], { transposeA: true, transposeB: transposeA })
        : build(matmul, [a!, g], { transposeA: !transposeA, transposeB: false })
      : null,
  ],
});

/** The operand of a transpose that swaps just the last two axes. */
function swapped(x: Node): Node | null {
  if (x.kind !== "op" || x.op !== transpose) return null;
  const { permutation } = x.attributes;
  const rank = x.shape.length;
  const wanted = (i: number): number => (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i);
  return Array.isArray(permutation) && permutation.every((axis, i) => axis === wanted(i))
    ? x.inputs[0]!
    : null;
}
