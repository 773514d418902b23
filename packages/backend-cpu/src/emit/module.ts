import { sizeOf } from "@polykeras/core";
import type { Group, Loop, Product, RoutineCall, Scan } from "../plan/group.ts";
import type { Fault, Plan } from "../plan/plan.ts";
import { align } from "../memory/allocator.ts";
import { parameterCount } from "../routines/routine.ts";
import type { Code } from "../wasm/code.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import type { Identity } from "../wasm/run-library.ts";
import type { ValueType } from "../wasm/types.ts";
import type { Cut } from "./cut.ts";
import { cutFlat, cutNest, cutProduct, cutRoutine, withExtent } from "./cuts.ts";
import { emitFlat, emitNest, flatUnroll, isFlat } from "./elementwise-loop.ts";
import type { Target } from "./expression.ts";
import { epilogueOf } from "./epilogue.ts";
import { Jobs, type Kernel } from "./jobs.ts";
import { storedBytes } from "./lanes.ts";
import { loopKey } from "./loop-key.ts";
import { withNumbers } from "./loop-numbers.ts";
import { epilogueCursors } from "./micro-kernel.ts";
import { type Dimensions, dimensionsOf, hasOpenExtent, withPositions } from "./nest.ts";
import { type Frame, Numbers, Table } from "./numbers.ts";
import { openNestOf } from "./open-form.ts";
import { openCursors } from "./open-nest.ts";
import { type Part, type Shape, scratchBytes, shapeOf, tileOf } from "./product-shape.ts";
import { emitPanels } from "./pack.ts";
import { openProductOf } from "./open-product.ts";
import type { EmitOptions } from "./options.ts";
import { emitProduct } from "./product.ts";
import { emitReduction } from "./reduction-loop.ts";
import { reductionForm } from "./reduction-shape.ts";
import { type Body, type ScanContext, emitScan } from "./scan.ts";
import {
  type SmallKernel,
  emitSmallKernel,
  smallKernelKey,
  smallKernelOf,
  smallKernelParameters,
} from "./small-product.ts";
import { arithmeticOf, tileKey } from "./tile.ts";

export interface Emitted {
  /** What it does, whatever the numbers in its table. */
  readonly identity: Identity;
  /** The binary module, which is put together once. */
  readonly finish: () => Uint8Array<ArrayBuffer>;
  /** Arena with the scratch of kernels behind it. */
  readonly arenaBytes: number;
  /** What the table has behind the slots of the plan. */
  readonly numbers: Numbers;
  /** Import the memory under `e`, and these. */
  readonly imports: () => WebAssembly.Imports;
  /** Takes the instance, so that later modules share its kernels. */
  readonly keep: (instance: WebAssembly.Instance) => void;
  /** What is done in chunks, if anything is. */
  readonly jobs: Jobs | null;
}

/** One module for a plan: `run(table)` calls the kernel of every group. Equal kernels are one function. */
export function emitModule(plan: Plan, options: EmitOptions): Emitted {
  const { threads } = options;
  const module = new ModuleBuilder({ ...options, isShared: threads !== undefined });
  const jobs = threads ? new Jobs(threads.team, threads.library, module, options) : null;
  const numbers = new Numbers(plan.slots);
  const { run, arenaBytes } = emitRun(plan, options, module, jobs, { numbers, slot: 0, arena: 0 });
  module.export("run", run);
  return {
    identity: module.identity(),
    finish: () => module.finish(),
    arenaBytes,
    numbers,
    imports: () => module.imports,
    keep: (instance) => module.keep(instance),
    jobs: jobs && !jobs.isEmpty ? jobs : null,
  };
}

/** The function that runs a program, or a body, of the module. */
function emitRun(
  plan: Plan,
  options: EmitOptions,
  module: ModuleBuilder,
  jobs: Jobs | null,
  frame: Frame,
): Body {
  let needed = 0;
  const run = module.function(["i32"], [], (code) => {
    const table = new Table(code, plan, frame);
    const emitter = new Calls(plan, options, module, code, jobs, table);
    const all = (): void => {
      for (const [at, group] of plan.groups.entries()) emitter.group(group, plan.scratch[at]!);
      for (const { from, to, bytes } of plan.copies) {
        table.address(to, 0);
        table.address(from, 0);
        table.number(bytes);
        code.memoryCopy();
      }
    };
    // A fault leaves the block: what comes after it would compute with nothing.
    if (plan.faults.length > 0) code.block(all);
    else all();
    needed = emitter.needed;
  });
  return { run, arenaBytes: Math.max(plan.arenaBytes, align(needed)) };
}

/** Emits the body of `run`: addresses, then a call, for each group. */
class Calls {
  readonly #plan: Plan;
  readonly #options: EmitOptions;
  readonly #module: ModuleBuilder;
  readonly #code: Code;
  readonly #jobs: Jobs | null;
  readonly #table: Table;
  /** Where the scratch of the group at hand begins in the arena. */
  #scratch = 0;
  /** Bytes of the arena up to the end of the scratch that reaches farthest. */
  needed = 0;

  constructor(
    plan: Plan,
    options: EmitOptions,
    module: ModuleBuilder,
    code: Code,
    jobs: Jobs | null,
    table: Table,
  ) {
    this.#plan = plan;
    this.#options = options;
    this.#module = module;
    this.#code = code;
    this.#jobs = jobs;
    this.#table = table;
  }

  #target(code: Code): Target {
    const { fma, choices } = this.#options;
    return { code, module: this.#module, fma, choices };
  }

  /** Calls a kernel, whose parameters are on the stack. */
  #call({ key, parameters, emit }: Kernel): void {
    this.#code.call(this.#module.kernel(key, parameters, (code) => emit(this.#target(code))));
  }

  #worth(time: number): number | null {
    return this.#options.threads?.worth(time) ?? null;
  }

  #needs(bytes: number): void {
    this.needed = Math.max(this.needed, this.#scratch + bytes);
  }

  /** The same in chunks; the kernel is that of so many units, where it does not take them as a parameter. */
  #share(cut: Cut, kernel: (units: number) => Kernel): void {
    this.#jobs?.call(this.#code, cut, kernel, this.#table);
    if (cut.scratch) this.#needs(cut.scratch.bytes * (this.#options.threads?.team.threads ?? 1));
  }

  /** Pushes the address of so many bytes behind the start of the group's scratch. */
  #scratchAddress(offset: number): void {
    this.#table.arena(this.#scratch + offset);
  }

  /** Its scratch begins at that offset of the arena. */
  group(group: Group, scratch: number): void {
    this.#scratch = scratch;
    if (group.kind === "product") this.#product(group);
    else if (group.kind === "routine") this.#routine(group);
    else if (group.kind === "scan") this.#scan(group);
    else this.#loop(group);
  }

  #routine(call: RoutineCall): void {
    const { index, code, reads, writes } = call;
    const fault = this.#plan.faults.find(({ group }) => group === index);
    const parameters = Array.from(
      { length: parameterCount(code, reads.length + writes.length) },
      (): ValueType => "i32",
    );
    const kernel: Kernel = { key: code.key, parameters, emit: code.emit };
    const cut = cutRoutine(code, reads.length + writes.length, (time) => this.#worth(time));
    const own = align(code.scratchBytes ?? 0) * (cut ? (this.#options.threads?.team.threads ?? 1) : 1);
    this.#needs(own + (code.sharedBytes ?? 0));
    const push = (): void => this.#routineParameters(call, own, fault);
    push();
    if (cut) this.#share(cut, () => kernel);
    else this.#call(kernel);
    if (code.finish) {
      push();
      this.#call({ ...code.finish, parameters });
    }
    if (!fault) return;
    const isSet = (): Code => this.#code.get(0).mem("i32.load", 4 * fault.slot);
    // Which of its faults a cut routine meets first is chance: it runs again as a whole, and meets the first one.
    if (cut)
      isSet().if(() => {
        push();
        this.#call(kernel);
      });
    isSet().brIf(0);
  }

  #scan(scan: Scan): void {
    const { reads, writes } = scan;
    const code = this.#code;
    const planned = this.#plan.bodies.get(scan.index);
    if (!planned) throw new RangeError(`The scan of group ${scan.index} has no body.`);
    const context: ScanContext = {
      code,
      table: 0,
      input: (i) => {
        const { storage, dtype, offset } = reads[i]!;
        this.#table.address(storage, offset * storedBytes(dtype));
      },
      output: (i) => this.#table.address(writes[i]!, 0),
      scratch: (offset) => this.#scratchAddress(offset),
      number: (value) => this.#table.number(value),
      run: (offset) => {
        const frame = this.#table.inner(planned.slot, this.#scratch + offset);
        return emitRun(planned.plan, this.#options, this.#module, this.#jobs, frame);
      },
    };
    this.#needs(emitScan(context, scan, planned));
    for (const { group, slot } of this.#plan.faults)
      if (group === scan.index)
        code
          .get(0)
          .mem("i32.load", 4 * slot)
          .brIf(0);
  }

  /** Scratch starts with what each participant has of its own, `own` bytes in all. */
  #routineParameters({ code, reads, writes }: RoutineCall, own: number, fault: Fault | undefined): void {
    for (const { storage, dtype, offset } of reads) this.#table.address(storage, offset * storedBytes(dtype));
    for (const storage of writes) this.#table.address(storage, 0);
    for (const number of code.numbers) this.#table.number(number);
    if (code.scratchBytes) this.#scratchAddress(0);
    if (code.sharedBytes) this.#scratchAddress(own);
    if (fault)
      this.#code
        .get(0)
        .i32(4 * fault.slot)
        .op("i32.add");
  }

  #pointers(loop: Loop, skip = -1): number {
    let count = 0;
    const left = loop.operands[skip];
    for (const operand of loop.operands) {
      if (operand.kind === "iota" || operand === left) continue;
      count++;
      if (operand.kind === "number") this.#table.float(operand.value);
      else this.#table.address(operand.storage, operand.offset * storedBytes(operand.dtype));
    }
    for (const { access } of loop.stores)
      this.#table.address(access.storage, access.offset * storedBytes(access.dtype));
    for (const { storage } of loop.reductions) this.#table.address(storage, 0);
    return count + loop.stores.length + loop.reductions.length;
  }

  #loop(group: Loop): void {
    const loop = withPositions(withNumbers(group));
    const dimensions = dimensionsOf(loop);
    const flat = isFlat(loop, dimensions);
    const elements = sizeOf(loop.extents);
    const unroll = flatUnroll(loop, elements, this.#options.choices);
    const iterations = Math.ceil(elements / (4 * unroll));
    const open = !flat && hasOpenExtent(loop, dimensions);
    if (flat) this.#table.number(iterations);
    if (open) this.#table.number(dimensions.extents[0]!);
    const worth = (time: number): number | null => this.#worth(time);
    const nestCut = flat ? null : cutNest(loop, dimensions, open, worth);
    // Parts of rows move differently from whole ones.
    const isInRows = nestCut !== null && nestCut.count === null;
    const openNest = flat || isInRows ? null : openNestOf(loop, dimensions, this.#options.choices);
    const pointers = this.#pointers(loop);
    for (const number of openNest?.numbers ?? []) this.#table.number(number);
    const count = pointers + (flat || open ? 1 : 0) + (openNest?.numbers.length ?? 0);
    if (loop.random !== null) {
      this.#table.address(loop.random, 0);
      this.#code.i32(0);
    }
    const parameters = Array.from({ length: count + (loop.random === null ? 0 : 2) }, (): ValueType => "i32");
    if (flat) {
      const kernel: Kernel = {
        key: `flat:${unroll}:${loopKey(loop, dimensions, [])}`,
        parameters,
        emit: (target) => emitFlat(target, loop, dimensions, unroll),
      };
      const cut = cutFlat(loop, dimensions, unroll, iterations, worth);
      if (cut) this.#share(cut, () => kernel);
      else this.#call(kernel);
      return;
    }
    const form = loop.reductions.length > 0 ? reductionForm(loop, dimensions, this.#options.choices) : "nest";
    const nest = (of: Dimensions): Kernel => ({
      key: openNest
        ? `open:${form}:${loopKey(loop, { ...of, cursors: openCursors(of.cursors, openNest) }, of.extents.slice(-1))}`
        : `${form}:${loopKey(loop, of, open ? of.extents.slice(1) : of.extents)}`,
      parameters,
      emit: (target) => (loop.reductions.length > 0 ? emitReduction : emitNest)(target, loop, of, openNest),
    });
    if (!nestCut) this.#call(nest(dimensions));
    else if (nestCut.count === null)
      this.#share(nestCut, (units) => nest(withExtent(dimensions, nestCut.axis, units)));
    else {
      const still = openNest?.numbers.map(() => 0) ?? [];
      this.#share({ ...nestCut, steps: [...nestCut.steps, ...still] }, () => nest(dimensions));
    }
  }

  #product(product: Product): void {
    const shape = shapeOf(product);
    const { swapped } = shape;
    const { fma, choices } = this.#options;
    const arithmetic = arithmeticOf(product.dtype, fma);
    const epilogue = product.epilogue && epilogueOf(product, product.epilogue);
    const cursors = epilogue ? epilogueCursors(epilogue) : [];
    const steps = cursors.map((i) => {
      const { strides } = epilogue!.dimensions.cursors[i]!;
      return [strides[0] ?? 0, strides[1] ?? 0] as const;
    });
    const cut = cutProduct(product, shape, choices, arithmetic, steps, (time) => this.#worth(time));
    const small = smallKernelOf(product, shape, arithmetic, choices);
    if (small && !cut) return this.#smallProduct(product, shape, small);
    const bytes = storedBytes(product.dtype);
    const [left, right] = swapped ? [product.b, product.a] : [product.a, product.b];
    for (const { storage, offset } of [left, right]) this.#table.address(storage, offset * bytes);
    if (epilogue) this.#code.i32(0);
    else this.#table.address(product.storage, 0);
    this.#scratchAddress(0);
    if (epilogue) this.#pointers(epilogue.loop, epilogue.product);
    const { batch, m, n, k, dtype } = product;
    const tile = tileOf(shape, choices.tile, arithmetic);
    const open = cut ? null : openProductOf(product, shape, tile, arithmetic, choices);
    if (open) this.#table.number(open.value);
    const sizes = open?.key ?? `${batch},${m},${n},${k}`;
    // Libraries outlive a change of the tile, on which the scratch depends, too.
    const shown = `${dtype}:${sizes}:${shape.transposeA}:${shape.transposeB}:${tileKey(tile)}`;
    const key = `product:${shown}:${epilogue?.key ?? ""}`;
    const count = 4 + cursors.length + (open ? 1 : 0);
    const parameters = Array.from({ length: count }, (): ValueType => "i32");
    const kernel = (part?: Part): Kernel => ({
      key: part ? `${key}:${part.batch},${part.m},${part.n}` : key,
      parameters,
      emit: (target) => emitProduct(target, product, epilogue, open, part),
    });
    if (cut) return this.#share(cut, (units) => kernel(cut.part(units)));
    this.#call(kernel());
    this.#needs(scratchBytes(product, choices, arithmetic));
  }

  #smallProduct(
    product: Product,
    { m, n, k, swapped, transposeA, transposeB }: Shape,
    kernel: SmallKernel,
  ): void {
    const code = this.#code;
    const { arithmetic, rows, vectors } = kernel;
    const { bytes } = arithmetic;
    const width = vectors * arithmetic.width;
    const [left, right] = swapped ? [product.b, product.a] : [product.a, product.b];
    if (transposeB) {
      this.#needs(n * k * bytes);
      this.#table.address(right.storage, right.offset * bytes);
      this.#scratchAddress(0);
      const panels = this.#module.kernel(
        `panels:${arithmetic.shape}:${width}:${n},${k}`,
        ["i32", "i32"],
        (inner) => emitPanels(this.#target(inner), arithmetic, width, n, k),
      );
      code.call(panels);
    }
    this.#table.address(left.storage, left.offset * bytes);
    if (transposeB) this.#scratchAddress(0);
    else this.#table.address(right.storage, right.offset * bytes);
    this.#table.address(product.storage, 0);
    const strideB = transposeB ? width : n;
    const panelB = transposeB ? width * k : width;
    for (const number of [k, m / rows, n / width]) this.#table.number(number);
    for (const elements of [transposeA ? m : k, strideB, n, panelB]) this.#table.number(elements * bytes);
    const callee = this.#module.kernel(smallKernelKey(kernel), smallKernelParameters, (inner) =>
      emitSmallKernel(this.#target(inner), kernel),
    );
    code.call(callee);
  }
}
