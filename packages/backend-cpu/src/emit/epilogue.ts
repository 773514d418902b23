import type { Loop, Product } from "../plan/group.ts";
import { loopKey } from "./loop-key.ts";
import type { Epilogue } from "./micro-kernel.ts";
import { type Dimensions, inBytes, walkOf } from "./nest.ts";

/** What follows a product, as its tiles take it. */
export function epilogueOf(product: Product, loop: Loop): Epilogue {
  const dimensions = matrixDimensions(loop);
  const index = loop.operands.findIndex(
    (operand) => operand.kind === "load" && operand.storage === product.storage,
  );
  return { loop, dimensions, product: index, key: loopKey(loop, dimensions, []) };
}

/** The cursors of a loop over (m, n), whose dimensions are not merged. */
function matrixDimensions(loop: Loop): Dimensions {
  const stores = loop.stores.map(({ access }) => ({ ...access, role: "store" as const }));
  const operands = loop.operands.map((operand) => walkOf(operand, loop.extents.length));
  const cursors = [...operands, ...stores].map(inBytes);
  return { extents: loop.extents, reduced: loop.reduced, cursors };
}
