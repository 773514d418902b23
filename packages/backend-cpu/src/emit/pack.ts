import { move, repeat } from "../routines/loops.ts";
import type { Target } from "./expression.ts";
import type { Arithmetic } from "./tile.ts";

/** A block of B, `depth` rows of `columns`, as panels of `width` columns that stand one after the other. */
export interface Packing {
  readonly arithmetic: Arithmetic;
  readonly depth: number;
  /** Columns of this panel that exist; the rest is filled with zeros. */
  readonly columns: number;
  /** Columns of a whole panel. */
  readonly width: number;
  /** Bytes from one row to the next, as stored. */
  readonly rowStride: number;
  /** B is stored as columns: one panel is then `columns` rows of memory. */
  readonly transposed: boolean;
}

export function packingKey({ arithmetic, depth, columns, width, rowStride, transposed }: Packing): string {
  // Rows are copied one by one, however many there are; blocks of columns are turned by whole ones.
  return `pack:${arithmetic.shape}:${transposed ? depth : "n"},${columns},${width},${rowStride}:${transposed}`;
}

/** Parameters: where the panel starts in B, where it goes, and the depth. */
export function emitPacking(target: Target, packing: Packing): void {
  if (packing.transposed) emitTransposed(target, packing);
  else emitRows(target, packing);
}

/** Parameters: B as stored, by columns, and where its whole panels of `width` columns go. */
export function emitPanels(
  target: Target,
  arithmetic: Arithmetic,
  width: number,
  n: number,
  k: number,
): void {
  const { code, module } = target;
  const rowStride = k * arithmetic.bytes;
  const packing: Packing = { arithmetic, depth: k, columns: width, width, rowStride, transposed: true };
  const callee = module.shared(packingKey(packing), ["i32", "i32", "i32"], (inner) =>
    emitPacking({ ...target, code: inner }, packing),
  );
  repeat(code, n / width, () => {
    code.get(0).get(1).i32(k).call(callee);
    move(code, 0, width * rowStride);
    move(code, 1, width * rowStride);
  });
}

function emitRows({ code }: Target, { arithmetic, columns, width, rowStride }: Packing): void {
  const [source, panel] = [0, 1];
  const { bytes } = arithmetic;
  const counter = 2;
  const vectors = (width * bytes) / 16;
  const perVector = 16 / bytes;
  code.loop(() => {
    for (let v = 0; v < vectors; v++) {
      const left = columns - v * perVector;
      if (left >= perVector)
        code
          .get(panel)
          .get(source)
          .mem("v128.load", v * 16)
          .mem("v128.store", v * 16);
      else
        for (let i = 0; i < perVector; i++) {
          code.get(panel);
          if (i < left) element(source, v * 16 + i * bytes);
          else zero();
          put(v * 16 + i * bytes);
        }
    }
    code.get(source).i32(rowStride).op("i32.add").set(source);
    code
      .get(panel)
      .i32(width * bytes)
      .op("i32.add")
      .set(panel);
    code.get(counter).i32(-1).op("i32.add").tee(counter).brIf(0);
  });
  function element(from: number, at: number): void {
    code.get(from).mem(bytes === 8 ? "i64.load" : "i32.load", at);
  }
  function zero(): void {
    if (bytes === 8) code.i64(0n);
    else code.i32(0);
  }
  function put(at: number): void {
    code.mem(bytes === 8 ? "i64.store" : "i32.store", at);
  }
}

/** Blocks of 4x4 (2x2 for float64) are turned in registers. */
function emitTransposed({ code }: Target, { arithmetic, depth, columns, width, rowStride }: Packing): void {
  const [source, panel] = [0, 1];
  const { bytes } = arithmetic;
  const side = 16 / bytes;
  const row = Array.from({ length: side }, () => code.local("v128"));
  const turned = Array.from({ length: side }, () => code.local("v128"));
  const panelBytes = width * bytes;
  const blocks = Math.floor(depth / side);
  const forward = (count: number): void => {
    code
      .get(source)
      .i32(count * bytes)
      .op("i32.add")
      .set(source);
    code
      .get(panel)
      .i32(count * panelBytes)
      .op("i32.add")
      .set(panel);
  };
  if (blocks > 0) {
    const counter = code.local("i32");
    code.i32(blocks).set(counter);
    code.loop(() => {
      for (let first = 0; first < width; first += side) {
        for (const [i, local] of row.entries()) {
          if (first + i < columns) code.get(source).mem("v128.load", (first + i) * rowStride);
          else code.splat("i32x4", 0);
          code.set(local);
        }
        turn();
        for (const [i, local] of turned.entries())
          code
            .get(panel)
            .get(local)
            .mem("v128.store", i * panelBytes + first * bytes);
      }
      forward(side);
      code.get(counter).i32(-1).op("i32.add").tee(counter).brIf(0);
    });
  }
  for (let k = 0; k < depth % side; k++)
    for (let column = 0; column < width; column++) {
      code.get(panel);
      if (column < columns)
        code.get(source).mem(bytes === 8 ? "i64.load" : "i32.load", column * rowStride + k * bytes);
      else if (bytes === 8) code.i64(0n);
      else code.i32(0);
      code.mem(bytes === 8 ? "i64.store" : "i32.store", k * panelBytes + column * bytes);
    }

  function turn(): void {
    if (side === 2) {
      code.get(row[0]!).get(row[1]!).shuffle32([0, 1, 4, 5]).set(turned[0]!);
      code.get(row[0]!).get(row[1]!).shuffle32([2, 3, 6, 7]).set(turned[1]!);
      return;
    }
    const [t0, t1, t2, t3] = turned;
    const [r0, r1, r2, r3] = row;
    // Interleave pairs, then pair the pairs; rows 0 and 1 are free once interleaved.
    code
      .get(r0!)
      .get(r1!)
      .shuffle32([0, 4, 1, 5])
      .set(t0!)
      .get(r0!)
      .get(r1!)
      .shuffle32([2, 6, 3, 7])
      .set(t2!);
    code
      .get(r2!)
      .get(r3!)
      .shuffle32([0, 4, 1, 5])
      .set(r0!)
      .get(r2!)
      .get(r3!)
      .shuffle32([2, 6, 3, 7])
      .set(r1!);
    code
      .get(t0!)
      .get(r0!)
      .shuffle32([2, 3, 6, 7])
      .set(t1!)
      .get(t0!)
      .get(r0!)
      .shuffle32([0, 1, 4, 5])
      .set(t0!);
    code
      .get(t2!)
      .get(r1!)
      .shuffle32([2, 3, 6, 7])
      .set(t3!)
      .get(t2!)
      .get(r1!)
      .shuffle32([0, 1, 4, 5])
      .set(t2!);
  }
}
