import type { Loop, Product } from "../plan/group.ts";
import { storedBytes } from "./lanes.ts";
import { loopKey } from "./loop-key.ts";
import type { Epilogue } from "./micro-kernel.ts";
import type { Dimensions } from "./nest.ts";

/** What follows a product, as its tiles take it. */
export function epilogueOf(product: Product, loop: Loop): Epilogue {
  const dimensions = matrixDimensions(loop);
  const index = loop.operands.findIndex(
    (operand) => operand.kind === "load" && operand.storage === product.storage,
  );
  return { loop, dimensions, product: index, key: loopKey(loop, dimensions, dimensions.extents) };
}

/** The cursors of a loop over (m, n), whose dimensions are not merged. */
function matrixDimensions(loop: Loop): Dimensions {
  const cursors = [
    ...loop.operands.map((operand) =>
      operand.kind === "iota"
        ? { role: "iota" as const, dtype: "int32" as const, strides: operand.strides }
        : {
            role: "load" as const,
            dtype: operand.dtype,
            strides: operand.strides.map((s) => s * storedBytes(operand.dtype)),
          },
    ),
    ...loop.stores.map(({ access }) => ({
      role: "store" as const,
      dtype: access.dtype,
      strides: access.strides.map((s) => s * storedBytes(access.dtype)),
    })),
  ];
  return { extents: loop.extents, reduced: loop.reduced, cursors };
}
