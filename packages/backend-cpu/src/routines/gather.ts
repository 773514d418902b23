import { formatShape, sizeOf } from "@polykeras/core";
import { storedBytes } from "../emit/lanes.ts";
import { copyBytes, move, repeat } from "./loops.ts";
import { type Routine, elementTime } from "./routine.ts";

/** Rows at int32 indices, copied one after the other; an index that is out of range is a fault. */
export const gather: Routine = ({ inputs: [x, indices] }) => {
  const [rows, ...row] = x!.shape;
  const bytes = sizeOf(row) * storedBytes(x!.dtype);
  return {
    key: `gather:${bytes}`,
    numbers: [sizeOf(indices!.shape), rows!],
    units: { steps: [0, 4, bytes], time: elementTime * (4 + bytes / 16) },
    fault: (index) =>
      `gather: index ${index} is out of range for a tensor of shape ${formatShape(x!.shape)}; use 0 to ${rows! - 1}.`,
    emit: ({ code }) => {
      const [from, at, to, count, limit, fault] = [0, 1, 2, 3, 4, 5];
      const [index, source] = [code.local("i32"), code.local("i32")];
      code.block(() =>
        repeat(code, { local: count }, () => {
          code.get(at).mem("i32.load").tee(index).get(limit).op("i32.ge_u");
          code.if(() => code.get(fault).i32(1).mem("i32.store").get(fault).get(index).mem("i32.store", 4));
          // Out of the `if` that guards the loop, and of the loop.
          code.get(index).get(limit).op("i32.ge_u").brIf(2);
          code.get(from).get(index).i32(bytes).op("i32.mul").op("i32.add").set(source);
          copyBytes(code, to, source, bytes);
          move(code, at, 4);
          move(code, to, bytes);
        }),
      );
    },
  };
};
