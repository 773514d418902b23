import type { Product } from "../plan/group.ts";
import { copyOf, move, repeat } from "../routines/loops.ts";
import type { Local } from "../wasm/code.ts";
import { type Count, inWholes, pushCount } from "./count.ts";
import { emitDots } from "./dot.ts";
import type { Target } from "./expression.ts";
import {
  type Epilogue,
  type MicroKernel,
  emitMicroKernel,
  epilogueCursors,
  microKernelKey,
  microKernelParameters,
} from "./micro-kernel.ts";
import type { OpenProduct } from "./open-product.ts";
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

/**
 * Emits a function of A, B, C, scratch, the epilogue's pointers and the open size, if there is one, for the whole product
 * or a part of it.
 */
export function emitProduct(
  target: Target,
  product: Product,
  epilogue: Epilogue | null,
  open: OpenProduct | null,
  part: Part = { ...shapeOf(product), batch: product.batch },
): void {
  const shape = shapeOf(product);
  const arithmetic = arithmeticOf(product.dtype, target.fma);
  const { code, choices } = target;
  const { m, n, k } = shape;
  const [a, b, c] = [0, 1, 2];
  const own = tileOf(shape, choices.tile, arithmetic);
  const local = 4 + (epilogue ? epilogueCursors(epilogue).length : 0);
  const size = (of: OpenProduct["size"], rest = 0): Count | null =>
    open?.size === of ? { local, rest } : null;
  const one = (): void => {
    if (isDot(shape)) {
      const columns = size("columns", n % dotRows) ?? part.n;
      emitDots(target, columns, { dtype: product.dtype, arithmetic, rows: 0, depth: k });
    } else if (isStreamed(product, shape, arithmetic, choices))
      emitRowProduct(target, product, shape, part.n);
    else {
      const rows = size("rows", m % own.rows) ?? part.m;
      const sizes: Sizes = { rows, columns: part.n, depth: size("depth") ?? k };
      new Blocks(target, product, shape, sizes, own, arithmetic, epilogue).emit();
    }
  };
  if (part.batch === 1) return one();
  const starts = [a, b, c].map((pointer) => copyOf(code, pointer));
  repeat(code, size("batch") ?? part.batch, () => {
    for (const [i, pointer] of [a, b, c].entries()) code.get(starts[i]!).set(pointer);
    one();
    for (const [i, elements] of [m * k, k * n, m * n].entries())
      move(code, starts[i]!, elements * arithmetic.bytes);
  });
}

/** What the blocks of a product go over. */
interface Sizes {
  readonly rows: Count;
  readonly columns: number;
  readonly depth: Count;
}

/** A block of k: so many rows of B, from where the pointers stand. */
interface DepthBlock {
  readonly a: () => void;
  readonly b: () => void;
  readonly depth: Count;
  /** Rows of A that all panels are multiplied with before the next ones; null for all. */
  readonly atOnce: number | null;
  readonly first: boolean;
  readonly last: boolean;
}

/** The loops around the micro-kernels: blocks of k, blocks of rows, panels of columns, tiles. */
class Blocks {
  readonly #target: Target;
  readonly #product: Product;
  readonly #shape: Shape;
  readonly #sizes: Sizes;
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
    sizes: Sizes,
    tile: Tile,
    arithmetic: Arithmetic,
    epilogue: Epilogue | null,
  ) {
    this.#target = target;
    this.#product = product;
    this.#shape = shape;
    this.#sizes = sizes;
    this.#tile = tile;
    this.#arithmetic = arithmetic;
    this.#epilogue = epilogue;
    this.#packed = isPacked(shape, tile, target.choices);
    this.#width = tile.vectors * arithmetic.width;
    const { m, n, k, transposeA, transposeB } = shape;
    const { bytes } = arithmetic;
    this.#strides = {
      rowA: m === 1 ? 0 : transposeA ? bytes : k * bytes,
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
    const { code, choices } = this.#target;
    const { k } = this.#shape;
    const { depth: open } = this.#sizes;
    const depth = this.#packed ? Math.min(k, choices.blockDepth) : k;
    const atOnce = this.#rowsAtOnce(depth);
    const push = (parameter: number, bytes: number) => (): void => {
      code.get(parameter);
      if (bytes !== 0) code.i32(bytes).op("i32.add");
    };
    if (typeof open === "number") {
      for (let from = 0; from < k; from += depth) {
        const length = Math.min(depth, k - from);
        const [a, b] = [push(0, from * this.#strides.depthA), push(1, from * this.#depthStepB)];
        // Where whole panels stay packed for several blocks of rows, a short last block may take all rows at once.
        const rows = atOnce === null ? null : this.#rowsAtOnce(length);
        this.#block(
          { a, b, depth: length, atOnce: rows, first: from === 0, last: from + length === k },
          atOnce,
        );
      }
      return;
    }
    if (k <= depth)
      return this.#block(
        { a: push(0, 0), b: push(1, 0), depth: open, atOnce, first: true, last: true },
        atOnce,
      );
    this.#openBlocks(open.local, depth, atOnce);
  }

  /** Blocks of a depth that is known to be more than one of them. */
  #openBlocks(left: Local, depth: number, atOnce: number | null): void {
    const { code } = this.#target;
    const [a, b, count] = [copyOf(code, 0), copyOf(code, 1), code.local("i32")];
    const block = (of: Count, first: boolean, last: boolean): void => {
      this.#block({ a: () => code.get(a), b: () => code.get(b), depth: of, atOnce, first, last }, atOnce);
      if (last) return;
      move(code, a, depth * this.#strides.depthA);
      move(code, b, depth * this.#depthStepB);
    };
    block(depth, true, false);
    // The blocks between the first and the last one, which is not empty.
    code
      .get(left)
      .i32(depth + 1)
      .op("i32.sub")
      .i32(depth)
      .op("i32.div_u")
      .set(count);
    repeat(code, { local: count }, () => block(depth, false, false));
    const last = copyOf(code, left);
    code.get(count).i32(1).op("i32.add").i32(depth).op("i32.mul").set(count);
    code.get(last).get(count).op("i32.sub").set(last);
    block({ local: last, rest: 0 }, false, true);
    for (const local of [a, b, count, last]) code.release(local);
  }

  /** The rows that are worked on at once; null if that is all of them. */
  #rowsAtOnce(depth: number): number | null {
    const { rows } = this.#sizes;
    const all = typeof rows === "number" ? rows : this.#shape.m;
    const found = rowsAtOnce(all, depth, this.#tile, this.#arithmetic, this.#target.choices);
    return found === all ? null : found;
  }

  /** Bytes from one row of B to the next, as it goes along k. */
  get #depthStepB(): number {
    return this.#shape.transposeB ? this.#arithmetic.bytes : this.#strides.rowB;
  }

  /** A local with what is pushed. */
  #pointer(push: () => void): Local {
    const { code } = this.#target;
    const local = code.local("i32");
    push();
    code.set(local);
    return local;
  }

  /** From the columns of one panel of B to those of the next, in bytes. */
  get #panelStep(): number {
    return this.#width * (this.#shape.transposeB ? this.#strides.rowB : this.#arithmetic.bytes);
  }

  /** Copies so many columns and rows of B into a panel. */
  #packPanel(source: Local, panel: Local, columns: number, depth: Count): void {
    const { code, module } = this.#target;
    const packing: Packing = {
      arithmetic: this.#arithmetic,
      // Of an open one the code knows nothing: rows are copied one by one.
      depth: typeof depth === "number" ? depth : 0,
      columns,
      width: this.#width,
      rowStride: this.#strides.rowB,
      transposed: this.#shape.transposeB,
    };
    const callee = module.shared(packingKey(packing), ["i32", "i32", "i32"], (inner) =>
      emitPacking({ ...this.#target, code: inner }, packing),
    );
    code.get(source).get(panel);
    pushCount(code, depth);
    code.call(callee);
  }

  /** Moves a pointer by a panel of so many rows. */
  #passPanel(pointer: Local, depth: Count): void {
    const { code } = this.#target;
    const row = this.#width * this.#arithmetic.bytes;
    if (typeof depth === "number") return move(code, pointer, row * depth);
    code.get(pointer).get(depth.local).i32(row).op("i32.mul").op("i32.add").set(pointer);
  }

  /** Copies the rows of B into panels in the scratch. */
  #pack({ b, depth }: DepthBlock): void {
    const { code } = this.#target;
    const { columns } = this.#sizes;
    const source = this.#pointer(b);
    const panel = copyOf(code, 3);
    repeat(code, Math.floor(columns / this.#width), () => {
      this.#packPanel(source, panel, this.#width, depth);
      move(code, source, this.#panelStep);
      this.#passPanel(panel, depth);
    });
    if (columns % this.#width > 0) this.#packPanel(source, panel, columns % this.#width, depth);
    code.release(source);
    code.release(panel);
  }

  /**
   * One block of k: rows in blocks that stay in the cache, all panels for each of them. Where the first one takes all rows
   * at once, each panel is read once, and packed just before its tiles, into the same place.
   */
  #block(of: DepthBlock, firstAtOnce: number | null): void {
    const { last, atOnce } = of;
    const panelwise = this.#packed && firstAtOnce === null;
    if (this.#packed && !panelwise) this.#pack(of);
    const { code } = this.#target;
    const { rows } = this.#sizes;
    const extras = last && this.#epilogue ? epilogueCursors(this.#epilogue) : [];
    // Pointers at the start of the row block: A, C and the epilogue's cursors.
    const starts = [this.#pointer(of.a), ...[2, ...extras.map((_, i) => 4 + i)].map((i) => copyOf(code, i))];
    const steps = [
      this.#strides.rowA,
      this.#strides.rowC,
      ...extras.map((i) => this.#epilogue!.dimensions.cursors[i]!.strides[0] ?? 0),
    ];
    const panels = (count: Count): void => this.#panels(starts, steps, extras, count, of, panelwise);
    if (atOnce === null) panels(rows);
    else {
      const rest = inWholes(code, rows, atOnce, () => {
        panels(atOnce);
        for (const [i, local] of starts.entries()) move(code, local, steps[i]! * atOnce);
      });
      if (typeof rows === "number") {
        if (rest > 0) panels(rest);
      } else {
        const left = code.local("i32");
        code.get(rows.local).i32(atOnce).op("i32.rem_u").tee(left);
        code.if(() => panels({ local: left, rest }));
        code.release(left);
      }
    }
    for (const local of starts) code.release(local);
  }

  #panels(
    starts: readonly Local[],
    steps: readonly number[],
    extras: readonly number[],
    rows: Count,
    { b: pushB, depth, first, last }: DepthBlock,
    panelwise: boolean,
  ): void {
    const { code } = this.#target;
    const { columns: n } = this.#sizes;
    const { bytes } = this.#arithmetic;
    const b = this.#packed ? copyOf(code, 3) : this.#pointer(pushB);
    const source = panelwise ? this.#pointer(pushB) : null;
    // B's pointer, then the column starts of C and the epilogue's cursors.
    const columns = starts.slice(1).map((start) => {
      const local = code.local("i32");
      code.get(start).set(local);
      return local;
    });
    const columnSteps = [bytes, ...extras.map((i) => this.#epilogue!.dimensions.cursors[i]!.strides[1] ?? 0)];
    const run = (count: number): void => {
      if (source !== null) this.#packPanel(source, b, count, depth);
      this.#tiles([starts[0]!, ...columns], b, steps, rows, depth, (tileRows) =>
        this.#kernel(tileRows, count, first, last),
      );
    };
    repeat(code, Math.floor(n / this.#width), () => {
      run(this.#width);
      if (source !== null) move(code, source, this.#panelStep);
      else if (this.#packed) this.#passPanel(b, depth);
      else move(code, b, this.#width * bytes);
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
    rows: Count,
    depth: Count,
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
      pushCount(code, depth);
      if (wanted.epilogue) for (const pointer of pointers.slice(2)) code.get(pointer);
      code.call(callee);
    };
    const rest = inWholes(code, rows, this.#tile.rows, () => {
      call(this.#tile.rows);
      for (const [i, pointer] of pointers.entries()) move(code, pointer, steps[i]! * this.#tile.rows);
    });
    if (rest > 0) call(rest);
    for (const pointer of pointers) code.release(pointer);
  }
}
