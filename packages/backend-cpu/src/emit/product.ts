import type { Product } from "../plan/group.ts";
import { copyOf, move, repeat } from "../routines/loops.ts";
import type { Local } from "../wasm/code.ts";
import { type DotKernel, emitDot } from "./dot.ts";
import type { Target } from "./expression.ts";
import {
  type Epilogue,
  type MicroKernel,
  emitMicroKernel,
  epilogueCursors,
  microKernelKey,
  microKernelParameters,
} from "./micro-kernel.ts";
import { type Packing, emitPacking, packingKey } from "./pack.ts";
import {
  type Part,
  type Shape,
  dotRows,
  isDot,
  isPacked,
  isStreamed,
  rowsAtOnce,
  shapeOf,
  tileOf,
} from "./product-shape.ts";
import { emitRowProduct } from "./row-product.ts";
import { type Arithmetic, type Tile, arithmeticOf } from "./tile.ts";

/** Emits a function of A, B, C, scratch and the epilogue's pointers, for the whole product or a part of it. */
export function emitProduct(
  target: Target,
  product: Product,
  epilogue: Epilogue | null,
  part: Part = { ...shapeOf(product), batch: product.batch },
): void {
  const shape = shapeOf(product);
  const arithmetic = arithmeticOf(product.dtype, target.fma);
  const { code, choices } = target;
  const { m, n, k } = shape;
  const [a, b, c] = [0, 1, 2];
  const own = tileOf(shape, choices.tile, arithmetic);
  const one = (): void => {
    if (isDot(shape)) emitDots(target, part, { dtype: product.dtype, arithmetic, rows: 0, depth: k });
    else if (isStreamed(product, shape, arithmetic, choices)) emitRowProduct(target, product, shape, part.n);
    else new Blocks(target, product, shape, part, own, arithmetic, epilogue).emit();
  };
  if (part.batch === 1) return one();
  const starts = [a, b, c].map((pointer) => copyOf(code, pointer));
  repeat(code, part.batch, () => {
    for (const [i, pointer] of [a, b, c].entries()) code.get(starts[i]!).set(pointer);
    one();
    for (const [i, elements] of [m * k, k * n, m * n].entries())
      move(code, starts[i]!, elements * arithmetic.bytes);
  });
}

/** B has the rows that are multiplied with the one row of A. */
function emitDots(target: Target, { n }: Part, kernel: DotKernel): void {
  const { code } = target;
  const [a, b, c] = [0, 1, 2];
  const call = (rows: number): void => {
    const key = `dot:${kernel.dtype}:${rows},${kernel.depth}`;
    const callee = target.module.shared(key, ["i32", "i32", "i32"], (inner) =>
      emitDot({ ...target, code: inner }, { ...kernel, rows }),
    );
    code.get(b).get(a).get(c).call(callee);
  };
  repeat(code, Math.floor(n / dotRows), () => {
    call(dotRows);
    move(code, b, dotRows * kernel.depth * kernel.arithmetic.bytes);
    move(code, c, dotRows * kernel.arithmetic.bytes);
  });
  if (n % dotRows > 0) call(n % dotRows);
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

/** A block of k: rows of B from row `from` on. */
interface DepthBlock {
  readonly from: number;
  readonly depth: number;
  /** Each panel is packed just before its tiles. */
  readonly panelwise: boolean;
  readonly first: boolean;
  readonly last: boolean;
}

/** The loops around the micro-kernels: blocks of k, blocks of rows, panels of columns, tiles. */
class Blocks {
  readonly #target: Target;
  readonly #product: Product;
  readonly #shape: Shape;
  readonly #part: Part;
  readonly #tile: Tile;
  readonly #arithmetic: Arithmetic;
  readonly #epilogue: Epilogue | null;
  readonly #packed: boolean;
  readonly #width: number;
  readonly #strides: {
    readonly rowA: number;
    readonly depthA: number;
    readonly rowB: number;
    readonly rowC: number;
  };

  constructor(
    target: Target,
    product: Product,
    shape: Shape,
    part: Part,
    tile: Tile,
    arithmetic: Arithmetic,
    epilogue: Epilogue | null,
  ) {
    this.#target = target;
    this.#product = product;
    this.#shape = shape;
    this.#part = part;
    this.#tile = tile;
    this.#arithmetic = arithmetic;
    this.#epilogue = epilogue;
    this.#packed = isPacked(shape, tile, target.choices);
    this.#width = tile.vectors * arithmetic.width;
    const { m, n, k, transposeA, transposeB } = shape;
    const { bytes } = arithmetic;
    this.#strides = {
      rowA: transposeA ? bytes : k * bytes,
      depthA: transposeA ? m * bytes : bytes,
      rowB: (transposeB ? k : n) * bytes,
      rowC: n * bytes,
    };
  }

  #kernel(rows: number, columns: number, first: boolean, last: boolean): MicroKernel {
    const { rowA, depthA, rowB, rowC } = this.#strides;
    return {
      dtype: this.#product.dtype,
      arithmetic: this.#arithmetic,
      rows,
      columns,
      rowStrideA: rowA,
      depthStrideA: depthA,
      depthStrideB: this.#packed ? this.#width * this.#arithmetic.bytes : rowB,
      rowStrideC: rowC,
      continues: !first,
      last,
      epilogue: last ? this.#epilogue : null,
    };
  }

  emit(): void {
    const { k } = this.#shape;
    const depth = this.#packed ? Math.min(k, this.#target.choices.blockDepth) : k;
    const panelwise = this.#packsPanels(depth);
    for (let from = 0; from < k; from += depth) {
      const length = Math.min(depth, k - from);
      if (this.#packed && !panelwise) this.#pack(from, length);
      this.#block({ from, depth: length, panelwise, first: from === 0, last: from + length === k });
    }
  }

  /** True if one block of rows reads each panel once: it is packed just before, into the same place. */
  #packsPanels(depth: number): boolean {
    const { m } = this.#part;
    return this.#packed && this.#rowsAtOnce(depth) === m;
  }

  #rowsAtOnce(depth: number): number {
    return rowsAtOnce(this.#part.m, depth, this.#tile, this.#arithmetic, this.#target.choices);
  }

  /** A pointer to row `from` of B. */
  #sourceAt(from: number): Local {
    const { code } = this.#target;
    const source = code.local("i32");
    code.get(1);
    if (from > 0)
      code.i32(from * (this.#shape.transposeB ? this.#arithmetic.bytes : this.#strides.rowB)).op("i32.add");
    code.set(source);
    return source;
  }

  /** From the columns of one panel of B to those of the next, in bytes. */
  get #panelStep(): number {
    return this.#width * (this.#shape.transposeB ? this.#strides.rowB : this.#arithmetic.bytes);
  }

  /** Copies so many columns and rows of B into a panel. */
  #packPanel(source: Local, panel: Local, columns: number, depth: number): void {
    const { code, module } = this.#target;
    const packing: Packing = {
      arithmetic: this.#arithmetic,
      depth,
      columns,
      width: this.#width,
      rowStride: this.#strides.rowB,
      transposed: this.#shape.transposeB,
    };
    const callee = module.shared(packingKey(packing), ["i32", "i32", "i32"], (inner) =>
      emitPacking({ ...this.#target, code: inner }, packing),
    );
    code.get(source).get(panel).i32(depth).call(callee);
  }

  /** Copies `depth` rows of B from row `from` on into panels in the scratch. */
  #pack(from: number, depth: number): void {
    const { code } = this.#target;
    const { n } = this.#part;
    const source = this.#sourceAt(from);
    const panel = code.local("i32");
    code.get(3).set(panel);
    repeat(code, Math.floor(n / this.#width), () => {
      this.#packPanel(source, panel, this.#width, depth);
      move(code, source, this.#panelStep);
      move(code, panel, this.#width * depth * this.#arithmetic.bytes);
    });
    if (n % this.#width > 0) this.#packPanel(source, panel, n % this.#width, depth);
    code.release(source);
    code.release(panel);
  }

  /** One block of k: rows in blocks that stay in the cache, all panels for each of them. */
  #block(of: DepthBlock): void {
    const { from, depth, panelwise, last } = of;
    const { code } = this.#target;
    const { m } = this.#part;
    const rows = panelwise ? m : this.#rowsAtOnce(depth);
    const fullBlocks = Math.floor(m / rows);
    const [a, c] = [0, 2];
    const extras = last && this.#epilogue ? epilogueCursors(this.#epilogue) : [];
    // Pointers at the start of the row block: A, C and the epilogue's cursors.
    const starts = [a, c, ...extras.map((_, i) => 4 + i)].map((parameter) => {
      const local = code.local("i32");
      code.get(parameter);
      if (parameter === a && from > 0) code.i32(from * this.#strides.depthA).op("i32.add");
      code.set(local);
      return local;
    });
    const steps = [
      this.#strides.rowA,
      this.#strides.rowC,
      ...extras.map((i) => this.#epilogue!.dimensions.cursors[i]!.strides[0] ?? 0),
    ];
    const panels = (count: number): void => this.#panels(starts, steps, extras, count, of);
    repeat(code, fullBlocks, () => {
      panels(rows);
      for (const [i, local] of starts.entries()) move(code, local, steps[i]! * rows);
    });
    if (m % rows > 0) panels(m % rows);
    for (const local of starts) code.release(local);
  }

  #panels(
    starts: readonly Local[],
    steps: readonly number[],
    extras: readonly number[],
    rows: number,
    { from, depth, panelwise, first, last }: DepthBlock,
  ): void {
    const { code } = this.#target;
    const { n } = this.#part;
    const { bytes } = this.#arithmetic;
    const b = code.local("i32");
    const source = panelwise ? this.#sourceAt(from) : null;
    // B's pointer, then the column starts of C and the epilogue's cursors.
    const columns = starts.slice(1).map((start) => {
      const local = code.local("i32");
      code.get(start).set(local);
      return local;
    });
    const columnSteps = [bytes, ...extras.map((i) => this.#epilogue!.dimensions.cursors[i]!.strides[1] ?? 0)];
    code.get(this.#packed ? 3 : 1).set(b);
    const run = (count: number): void => {
      if (source !== null) this.#packPanel(source, b, count, depth);
      this.#tiles([starts[0]!, ...columns], b, steps, rows, depth, (tileRows) =>
        this.#kernel(tileRows, count, first, last),
      );
    };
    repeat(code, Math.floor(n / this.#width), () => {
      run(this.#width);
      if (source !== null) move(code, source, this.#panelStep);
      else move(code, b, this.#packed ? this.#width * depth * bytes : this.#width * bytes);
      for (const [i, local] of columns.entries()) move(code, local, columnSteps[i]! * this.#width);
    });
    if (n % this.#width > 0) run(n % this.#width);
    for (const local of [b, ...columns, ...(source === null ? [] : [source])]) code.release(local);
  }

  /** One panel of columns: tiles from top to bottom. `origins` are A, C and the epilogue's cursors. */
  #tiles(
    origins: readonly Local[],
    b: Local,
    steps: readonly number[],
    rows: number,
    depth: number,
    kernel: (rows: number) => MicroKernel,
  ): void {
    const { code, module } = this.#target;
    const pointers = origins.map((origin) => {
      const local = code.local("i32");
      code.get(origin).set(local);
      return local;
    });
    const call = (count: number): void => {
      const wanted = kernel(count);
      const callee = module.shared(microKernelKey(wanted), microKernelParameters(wanted), (inner) =>
        emitMicroKernel({ ...this.#target, code: inner }, wanted),
      );
      code.get(pointers[0]!).get(b).get(pointers[1]!);
      code.i32(depth);
      if (wanted.epilogue) for (const pointer of pointers.slice(2)) code.get(pointer);
      code.call(callee);
    };
    repeat(code, Math.floor(rows / this.#tile.rows), () => {
      call(this.#tile.rows);
      for (const [i, pointer] of pointers.entries()) move(code, pointer, steps[i]! * this.#tile.rows);
    });
    if (rows % this.#tile.rows > 0) call(rows % this.#tile.rows);
    for (const pointer of pointers) code.release(pointer);
  }
}
