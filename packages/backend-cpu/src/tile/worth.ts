import type { Choices } from "../choices.ts";
import { shapeOf, tileOf } from "../emit/product-shape.ts";
import { smallKernelOf } from "../emit/small-product.ts";
import { arithmeticOf } from "../emit/tile.ts";
import type { Product } from "../plan/group.ts";
import type { Plan } from "../plan/plan.ts";
import { timeOfProduct } from "../plan/time.ts";

/** Estimated time, in nanoseconds, of the products of a run that take the tile of the choices. */
export function timeInTiles({ groups, bodies }: Plan, fma: boolean, choices: Choices): number {
  let time = 0;
  for (const group of groups) {
    if (group.kind === "product" && takesTile(group, fma, choices)) time += timeOfProduct(group);
    else if (group.kind === "scan")
      time += group.length * timeInTiles(bodies.get(group.index)!.plan, fma, choices);
  }
  return time;
}

/** Small products, row vectors and narrow ones have code of their own. */
function takesTile(product: Product, fma: boolean, choices: Choices): boolean {
  const shape = shapeOf(product);
  const arithmetic = arithmeticOf(product.dtype, fma);
  return (
    tileOf(shape, choices.tile, arithmetic) === choices.tile &&
    smallKernelOf(product, shape, arithmetic, choices) === null
  );
}
