import {
  type Attributes,
  type Program,
  type Step,
  type TypedArray,
  type ValueId,
  sizeOf,
  specOf,
  storageOf,
  stridesOf,
} from "@polykeras/core";
import { type Kernel, findKernel } from "../kernels.ts";
import { copy } from "../kernels/logic.ts";
import { numbers, number } from "../kernels/rule.ts";
import type { Group, Instruction, Loop, Matrix, Operand, Reference, Reduction } from "./group.ts";
import {
  type Source,
  isContiguous,
  isWhole,
  matrixOrder,
  sameExtents,
  squeeze,
  stridesOver,
} from "./source.ts";

/** Above this the body of a loop is split: locals and code size stay bounded. */
const bodyLimit = 48;
const reductionLimit = 4;

type KernelOf<K extends Kernel["kind"]> = Extract<Kernel, { readonly kind: K }>;

/**
 * Turns steps into groups, in one pass over the steps. Groups run in the order in which they were made; a step
 * may join any group that is not before the last producer of its operands.
 */
export class Planner {
  readonly program: Program;
  readonly groups: Group[] = [];
  readonly #sources = new Map<ValueId, Source>();
  /** The group that completes a storage; inputs and constants have none. */
  readonly #producers = new Map<ValueId, number>();
  /** Values that a loop holds in registers. */
  readonly #results = new Map<ValueId, { readonly loop: Loop; readonly from: Reference }>();
  readonly #stored = new Set<ValueId>();
  readonly #recent = new Map<string, Loop>();

  constructor(program: Program) {
    this.program = program;
    for (const { value } of program.inputs) this.#setWhole(value);
    for (const { value, data } of program.constants) {
      this.#setWhole(value);
      if (data.length === 1)
        this.#sources.set(value, { kind: "constant", value: scalarOf(data), storage: value });
    }
    for (const step of program.steps) this.#step(step);
    for (const id of program.outputs) this.#finish(storageOf(program, id));
    for (const { value } of program.updates) this.#finish(storageOf(program, value));
  }

  #shape(id: ValueId): readonly number[] {
    return specOf(this.program, id).shape;
  }

  #setWhole(id: ValueId): void {
    this.#sources.set(id, { kind: "storage", storage: id, offset: 0, strides: stridesOf(this.#shape(id)) });
  }

  #step(step: Step): void {
    const kernel = findKernel(step.op);
    if (!kernel) throw new RangeError(`backend-cpu has no kernel '${step.op}'; check supports() first.`);
    const [id] = step.outputs;
    const output = id!;
    switch (kernel.kind) {
      case "elementwise":
        return this.#compute(step.op, kernel, step.inputs, output, step.attributes);
      case "cast":
        return this.#compute(step.op, "cast", step.inputs, output, step.attributes);
      case "layout":
        return this.#layout(kernel, step, output);
      case "iota": {
        const strides = this.#shape(output).map((_, i) => (i === kernel.axis(step.attributes) ? 1 : 0));
        this.#sources.set(output, { kind: "iota", strides });
        return;
      }
      case "reduction":
        return this.#reduction(kernel, step, output);
      case "matmul":
        return this.#matmul(step, output);
      case "concatenate":
        return this.#concatenate(step, output);
      case "pad":
        return this.#pad(step, output);
      case "random":
        return this.#random(step, output);
    }
  }

  /** Where a value stands; a view of elements that do not stand in order is copied first. */
  #source(id: ValueId): Source {
    const root = storageOf(this.program, id);
    const source = this.#sources.get(root);
    if (!source) throw new RangeError(`Value ${id} is read before a step makes it.`);
    if (root === id || source.kind === "constant") return source;
    if (source.kind === "storage" && isContiguous(source, this.#shape(root)))
      return { ...source, strides: stridesOf(this.#shape(id)) };
    this.#materialize(root);
    return this.#source(id);
  }

  /** Copies a value that is only a layout of another storage into its own. */
  #materialize(root: ValueId): void {
    const loop = this.#loop(squeeze(this.#shape(root)));
    const from = this.#reference(loop, root, this.#shape(root));
    this.#store(loop, root, from, stridesOf(this.#shape(root)), 0, false);
    this.#setWhole(root);
  }

  #producer(id: ValueId): number {
    const source = this.#source(id);
    return source.kind === "storage" ? (this.#producers.get(source.storage) ?? -1) : -1;
  }

  #loop(extents: readonly number[]): Loop {
    const loop: Loop = {
      kind: "loop",
      index: this.groups.length,
      extents,
      operands: [],
      body: [],
      stores: [],
      reductions: [],
      reduced: extents.map(() => false),
      random: null,
      cost: 0,
    };
    this.groups.push(loop);
    this.#recent.set(extents.join(), loop);
    return loop;
  }

  /** The register that already holds a value in this loop, at the same index. */
  #register(loop: Loop, id: ValueId): Reference | null {
    const held = this.#results.get(storageOf(this.program, id));
    return held && held.loop === loop && sameExtents(squeeze(this.#shape(id)), loop.extents)
      ? held.from
      : null;
  }

  /** A value as an operand of the loop, which runs over `shape` without its dimensions of 1. */
  #reference(loop: Loop, id: ValueId, shape: readonly number[]): Reference {
    const held = this.#register(loop, id);
    if (held) return held;
    const source = this.#source(id);
    if (source.kind === "constant")
      return { kind: "constant", value: source.value, dtype: specOf(this.program, id).dtype };
    const strides = stridesOver(source.strides, this.#shape(id), shape);
    if (source.kind === "iota") return this.#operand(loop, { kind: "iota", strides });
    const { storage, offset } = source;
    this.#need(storage);
    return this.#operand(loop, {
      kind: "load",
      storage,
      offset,
      strides,
      dtype: specOf(this.program, storage).dtype,
    });
  }

  #operand(loop: Loop, operand: Operand): Reference {
    const same = (other: Operand): boolean =>
      other.kind === operand.kind &&
      sameExtents(other.strides, operand.strides) &&
      (other.kind !== "load" ||
        operand.kind !== "load" ||
        (other.storage === operand.storage && other.offset === operand.offset));
    const known = loop.operands.findIndex(same);
    return { kind: "operand", index: known >= 0 ? known : loop.operands.push(operand) - 1 };
  }

  /** Whether the step's operands can be had inside of the loop. */
  #admits(loop: Loop, ids: readonly ValueId[], shape: readonly number[]): boolean {
    if (loop.body.length >= bodyLimit) return false;
    return ids.every((id) => {
      if (this.#register(loop, id)) return true;
      const source = this.#source(id);
      if (source.kind === "constant") return true;
      if (source.kind === "storage" && this.#producers.get(source.storage) === loop.index) return false;
      if (loop.random === null) return true;
      // Random bits come sixteen at a time: everything beside them stands in order, or is one element.
      const strides = stridesOver(source.strides, this.#shape(id), shape);
      return (
        source.kind === "storage" &&
        (strides.every((stride) => stride === 0) || sameExtents(strides, stridesOf(loop.extents)))
      );
    });
  }

  #compute(
    op: string,
    rule: Instruction["rule"],
    ids: readonly ValueId[],
    output: ValueId,
    attributes: Attributes,
    shape: readonly number[] = this.#shape(output),
  ): void {
    const extents = squeeze(shape);
    const latest = Math.max(-1, ...ids.map((id) => this.#producer(id)));
    const candidates = [this.groups[latest], this.#recent.get(extents.join())];
    const found = candidates.find(
      (group) =>
        group?.kind === "loop" &&
        group.index >= latest &&
        sameExtents(group.extents, extents) &&
        this.#admits(group, ids, shape),
    );
    const loop = found?.kind === "loop" ? found : this.#loop(extents);
    const inputs = ids.map((id) => this.#reference(loop, id, shape));
    this.#instruct(loop, output, {
      op,
      rule,
      inputs,
      inputTypes: ids.map((id) => specOf(this.program, id).dtype),
      dtype: specOf(this.program, output).dtype,
      attributes,
    });
  }

  #instruct(loop: Loop, output: ValueId, instruction: Instruction): void {
    loop.body.push(instruction);
    loop.cost += typeof instruction.rule === "string" ? 2 : instruction.rule.cost;
    this.#results.set(output, { loop, from: { kind: "result", index: loop.body.length - 1 } });
    this.#setWhole(output);
    this.#producers.set(output, loop.index);
  }

  /** Has a loop write a value that until now stays in its registers. */
  #need(storage: ValueId): void {
    const held = this.#results.get(storage);
    if (!held || this.#stored.has(storage)) return;
    this.#store(held.loop, storage, held.from, stridesOf(this.#shape(storage)), 0, false);
  }

  #store(
    loop: Loop,
    storage: ValueId,
    from: Reference,
    strides: readonly number[],
    offset: number,
    partial: boolean,
  ): void {
    const { dtype } = specOf(this.program, storage);
    // The strides are those of the stored shape; its dimensions of 1 are none of the loop's.
    const kept = strides.length === loop.extents.length ? strides : stridesOf(loop.extents);
    loop.stores.push({ from, partial, access: { storage, dtype, offset, strides: kept } });
    this.#stored.add(storage);
    this.#producers.set(storage, loop.index);
  }

  /** Outputs and updates have a storage of their own. */
  #finish(root: ValueId): void {
    const source = this.#sources.get(root);
    if (source?.kind === "storage" && source.storage === root) this.#need(root);
    else this.#materialize(root);
  }

  #layout(kernel: KernelOf<"layout">, step: Step, output: ValueId): void {
    const input = step.inputs[0]!;
    let source = this.#source(input);
    if (source.kind === "iota") {
      this.#materialize(storageOf(this.program, input));
      source = this.#source(input);
    }
    if (source.kind !== "storage") {
      this.#sources.set(output, source);
      return;
    }
    const layout = kernel.layout(source, this.#shape(input), step.attributes, this.#shape(output));
    this.#sources.set(output, { kind: "storage", storage: source.storage, ...layout });
  }

  #reduction(kernel: KernelOf<"reduction">, step: Step, output: ValueId): void {
    const input = step.inputs[0]!;
    const shape = this.#shape(input);
    const axes = kernel.axes(step.attributes);
    const reduced = shape.flatMap((dim, i) => (dim === 1 ? [] : [axes.includes(i)]));
    const { dtype } = specOf(this.program, input);
    if (!reduced.includes(true)) {
      if (kernel.reduce === "argmax")
        this.#sources.set(output, { kind: "constant", value: 0, storage: null });
      else this.#compute("copy", copy, [input], output, {}, shape);
      return;
    }
    if (sizeOf(shape) === 0) {
      this.#sources.set(output, {
        kind: "constant",
        value: emptyReduction(kernel.reduce, dtype),
        storage: null,
      });
      return;
    }
    const extents = squeeze(shape);
    const group = this.groups[this.#producer(input)];
    const fits =
      group?.kind === "loop" &&
      group.random === null &&
      this.#register(group, input) !== null &&
      (group.reductions.length === 0 ||
        (group.reductions.length < reductionLimit && group.reduced.every((flag, i) => flag === reduced[i])));
    const loop = fits ? group : this.#loop(extents);
    const from = this.#reference(loop, input, shape);
    const reduction: Reduction = { reduce: kernel.reduce, from, dtype, storage: output };
    loop.reduced = reduced;
    loop.reductions.push(reduction);
    this.#setWhole(output);
    this.#producers.set(output, loop.index);
    this.#stored.add(output);
  }

  /** An operand of a product: in row-major order, or with its last two axes swapped. */
  #matrix(id: ValueId, transposed: boolean): Matrix {
    const source = this.#source(id);
    const order = source.kind === "storage" ? matrixOrder(source, this.#shape(id)) : null;
    if (source.kind === "storage" && order) {
      this.#need(source.storage);
      return {
        storage: source.storage,
        offset: source.offset,
        transposed: transposed !== (order === "swapped"),
      };
    }
    const root = storageOf(this.program, id);
    if (source.kind === "constant" && source.storage !== null)
      return { storage: source.storage, offset: 0, transposed };
    this.#materialize(root);
    return { storage: root, offset: 0, transposed };
  }

  #matmul(step: Step, output: ValueId): void {
    const [aId, bId] = [step.inputs[0]!, step.inputs[1]!];
    const { shape, dtype } = specOf(this.program, output);
    const transposeA = step.attributes["transposeA"] === true;
    const k = this.#shape(aId).at(transposeA ? -2 : -1)!;
    if (k === 0) {
      this.#sources.set(output, { kind: "constant", value: 0, storage: null });
      return;
    }
    const a = this.#matrix(aId, transposeA);
    const b = this.#matrix(bId, step.attributes["transposeB"] === true);
    this.#producers.set(output, this.groups.length);
    this.groups.push({
      kind: "product",
      index: this.groups.length,
      dtype,
      batch: sizeOf(shape.slice(0, -2)),
      m: shape.at(-2)!,
      n: shape.at(-1)!,
      k,
      a,
      b,
      storage: output,
      epilogue: null,
    });
    this.#setWhole(output);
  }

  /** Copies a value into a box of a larger storage. */
  #place(input: ValueId, output: ValueId, begin: readonly number[]): void {
    const shape = this.#shape(input);
    const strides = stridesOf(this.#shape(output));
    // Resolved first: the input may need a copy, and groups run in the order in which they are made.
    this.#source(input);
    const loop = this.#loop(squeeze(shape));
    const from = this.#reference(loop, input, shape);
    const offset = begin.reduce((at, first, i) => at + first * strides[i]!, 0);
    this.#store(
      loop,
      output,
      from,
      strides.filter((_, i) => shape[i] !== 1),
      offset,
      true,
    );
  }

  #concatenate(step: Step, output: ValueId): void {
    const axis = number(step.attributes, "axis");
    const begin = this.#shape(output).map(() => 0);
    for (const input of step.inputs) {
      this.#place(input, output, begin);
      begin[axis]! += this.#shape(input)[axis]!;
    }
    this.#setWhole(output);
  }

  #pad(step: Step, output: ValueId): void {
    const input = step.inputs[0]!;
    const { shape, dtype } = specOf(this.program, output);
    const fill = this.#loop(squeeze(shape));
    const value: Reference = { kind: "constant", value: number(step.attributes, "value"), dtype };
    this.#store(fill, output, value, stridesOf(fill.extents), 0, false);
    this.#place(input, output, numbers(step.attributes, "before"));
    this.#setWhole(output);
  }

  #random(step: Step, output: ValueId): void {
    const state = step.inputs[0]!;
    const source = this.#source(state);
    if (source.kind !== "storage" || source.offset !== 0 || !isWhole(source, this.#shape(state)))
      this.#materialize(storageOf(this.program, state));
    const place = this.#source(state);
    if (place.kind !== "storage") throw new RangeError("The random state has no storage.");
    this.#need(place.storage);
    const { shape, dtype } = specOf(this.program, output);
    const loop = this.#loop(squeeze(shape));
    loop.random = place.storage;
    this.#instruct(loop, output, {
      op: step.op,
      rule: "random",
      inputs: [],
      inputTypes: [],
      dtype,
      attributes: {},
    });
  }
}

function scalarOf(data: TypedArray): number {
  return data[0]!;
}

function emptyReduction(reduce: KernelOf<"reduction">["reduce"], dtype: string): number {
  const float = dtype.startsWith("float");
  if (reduce === "mean") return float ? Number.NaN : 0;
  if (reduce === "sum" || reduce === "argmax") return 0;
  if (float) return reduce === "max" ? -Infinity : Infinity;
  if (dtype === "uint8") return reduce === "max" ? 0 : 255;
  return reduce === "max" ? -0x80000000 : 0x7fffffff;
}
