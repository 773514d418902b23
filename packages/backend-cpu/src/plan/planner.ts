import {
  type Program,
  type Step,
  type TensorSpec,
  type ValueId,
  sizeOf,
  specOf,
  stridesOf,
} from "@polykeras/core";
import type { Bounds } from "../choices.ts";
import { type Kernel, findKernel } from "../kernels.ts";
import { copy } from "../kernels/logic.ts";
import { number, numbers } from "../kernels/rule.ts";
import { convert, isStorageCast } from "../routines/convert.ts";
import type { Group, Matrix, Product, Reduction, Reference, RoutineCall, Scan } from "./group.ts";
import { Grouping } from "./grouping.ts";
import { Signs } from "./signs.ts";
import { schedule } from "./schedule.ts";
import { isWhole, matrixOrder, squeeze } from "./source.ts";

const reductionLimit = 4;

type KernelOf<K extends Kernel["kind"]> = Extract<Kernel, { readonly kind: K }>;

/** Turns steps into groups, in one pass over the steps; each kind of kernel has its own way into them. */
export class Planner {
  readonly #in: Grouping;
  readonly #choices: Bounds;
  readonly #signs: Signs;

  constructor(program: Program, choices: Bounds) {
    this.#choices = choices;
    this.#in = new Grouping(program);
    this.#signs = new Signs(program);
    for (const step of schedule(program)) this.#step(step);
    for (const id of program.outputs) this.#in.finish(this.#in.root(id));
    for (const { value } of program.updates) this.#in.finish(this.#in.root(value));
  }

  get groups(): readonly Group[] {
    return this.#in.groups;
  }

  #step(step: Step): void {
    const kernel = findKernel(step.op);
    if (!kernel) throw new RangeError(`backend-cpu has no kernel '${step.op}'; check supports() first.`);
    const [id] = step.outputs;
    const output = id!;
    switch (kernel.kind) {
      case "elementwise": {
        const rule = this.#signs.ruleOf(kernel, step);
        const op = rule === kernel ? step.op : `${step.op}.nonPositive`;
        return this.#in.compute(op, rule, step.inputs, output, step.attributes);
      }
      case "cast":
        if (isStorageCast(this.#in.dtype(step.inputs[0]!), this.#in.dtype(output)))
          return this.#routine({ kind: "routine", routine: convert }, step);
        return this.#in.compute(step.op, "cast", step.inputs, output, step.attributes);
      case "layout":
        return this.#layout(kernel, step, output);
      case "iota": {
        const strides = this.#in.shape(output).map((_, i) => (i === kernel.axis(step.attributes) ? 1 : 0));
        this.#in.setSource(output, { kind: "iota", strides });
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
      case "routine":
        return this.#routine(kernel, step);
      case "scan":
        return this.#scan(step);
    }
  }

  #layout(kernel: KernelOf<"layout">, step: Step, output: ValueId): void {
    const input = step.inputs[0]!;
    let source = this.#in.source(input);
    if (source.kind === "iota") {
      this.#in.materialize(this.#in.root(input));
      source = this.#in.source(input);
    }
    if (source.kind !== "storage") {
      this.#in.setSource(output, source);
      return;
    }
    const layout = kernel.layout(source, this.#in.shape(input), step.attributes, this.#in.shape(output));
    this.#in.setSource(output, { kind: "storage", storage: source.storage, ...layout });
  }

  #reduction(kernel: KernelOf<"reduction">, step: Step, output: ValueId): void {
    const input = step.inputs[0]!;
    const shape = this.#in.shape(input);
    const axes = kernel.axes(step.attributes);
    const reduced = shape.flatMap((dim, i) => (dim === 1 ? [] : [axes.includes(i)]));
    const dtype = this.#in.dtype(input);
    if (!reduced.includes(true)) {
      if (kernel.reduce === "argmax")
        this.#in.setSource(output, { kind: "constant", value: 0, storage: null });
      else this.#in.compute("copy", copy, [input], output, {}, shape);
      return;
    }
    if (sizeOf(shape) === 0) {
      this.#in.setSource(output, {
        kind: "constant",
        value: emptyReduction(kernel.reduce, dtype),
        storage: null,
      });
      return;
    }
    const source = this.#in.source(input);
    if (source.kind === "constant" && kernel.reduce === "sum" && dtype === "float32") {
      const count = shape.reduce((size, dim, i) => (axes.includes(i) ? size * dim : size), 1);
      this.#in.setSource(output, {
        kind: "constant",
        value: Math.fround(source.value * count),
        storage: null,
      });
      return;
    }
    const extents = squeeze(shape);
    const group = this.#in.groups[this.#in.producer(input)];
    const fits =
      group?.kind === "loop" &&
      group.random === null &&
      this.#in.register(group, input) !== null &&
      (group.reductions.length === 0 ||
        (group.reductions.length < reductionLimit && group.reduced.every((flag, i) => flag === reduced[i])));
    const loop = fits ? group : this.#in.loop(extents);
    const from = this.#in.reference(loop, input, shape);
    const reduction: Reduction = { reduce: kernel.reduce, from, dtype, storage: output };
    loop.reduced = reduced;
    this.#in.reduce(loop, reduction);
  }

  /** An operand of a product: in row-major order, or with its last two axes swapped. */
  #matrix(id: ValueId, transposed: boolean): Matrix {
    const source = this.#in.source(id);
    const order = source.kind === "storage" ? matrixOrder(source, this.#in.shape(id)) : null;
    if (source.kind === "storage" && order) {
      this.#in.need(source.storage);
      return {
        storage: source.storage,
        offset: source.offset,
        transposed: transposed !== (order === "swapped"),
      };
    }
    const root = this.#in.root(id);
    if (source.kind === "constant" && source.storage !== null && sizeOf(this.#in.shape(id)) === 1)
      return { storage: source.storage, offset: 0, transposed };
    this.#in.materialize(root);
    return { storage: root, offset: 0, transposed };
  }

  #matmul(step: Step, output: ValueId): void {
    const [aId, bId] = [step.inputs[0]!, step.inputs[1]!];
    const { shape, dtype } = specOf(this.#in.program, output);
    const transposeA = step.attributes["transposeA"] === true;
    const k = this.#in.shape(aId).at(transposeA ? -2 : -1)!;
    if (k === 0) {
      this.#in.setSource(output, { kind: "constant", value: 0, storage: null });
      return;
    }
    const a = this.#matrix(aId, transposeA);
    const b = this.#matrix(bId, step.attributes["transposeB"] === true);
    const product: Product = {
      kind: "product",
      index: this.#in.groups.length,
      dtype,
      batch: sizeOf(shape.slice(0, -2)),
      m: shape.at(-2)!,
      n: shape.at(-1)!,
      k,
      a,
      b,
      storage: output,
      epilogue: null,
    };
    this.#in.push(product, output);
  }

  /** Copies a value into a box of a larger storage. */
  #place(input: ValueId, output: ValueId, begin: readonly number[]): void {
    const shape = this.#in.shape(input);
    const strides = stridesOf(this.#in.shape(output));
    // Resolved first: the input may need a copy, and groups run in the order in which they are made.
    this.#in.source(input);
    const loop = this.#in.loop(squeeze(shape));
    const from = this.#in.reference(loop, input, shape);
    const offset = begin.reduce((at, first, i) => at + first * strides[i]!, 0);
    this.#in.store(
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
    const begin = this.#in.shape(output).map(() => 0);
    for (const input of step.inputs) {
      this.#place(input, output, begin);
      begin[axis]! += this.#in.shape(input)[axis]!;
    }
    this.#in.setWhole(output);
  }

  #pad(step: Step, output: ValueId): void {
    const input = step.inputs[0]!;
    const { shape, dtype } = specOf(this.#in.program, output);
    const fill = this.#in.loop(squeeze(shape));
    const value: Reference = { kind: "constant", value: number(step.attributes, "value"), dtype };
    this.#in.store(fill, output, value, stridesOf(fill.extents), 0, false);
    this.#place(input, output, numbers(step.attributes, "before"));
    this.#in.setWhole(output);
  }

  #random(step: Step, output: ValueId): void {
    const state = step.inputs[0]!;
    const source = this.#in.source(state);
    if (source.kind !== "storage" || source.offset !== 0 || !isWhole(source, this.#in.shape(state)))
      this.#in.materialize(this.#in.root(state));
    const place = this.#in.source(state);
    if (place.kind !== "storage") throw new RangeError("The random state has no storage.");
    this.#in.need(place.storage);
    const { shape, dtype } = specOf(this.#in.program, output);
    const loop = this.#in.loop(squeeze(shape));
    loop.random = place.storage;
    this.#in.instruct(loop, output, {
      op: step.op,
      rule: "random",
      inputs: [],
      inputTypes: [],
      dtype,
      attributes: {},
    });
  }

  #routine({ routine }: KernelOf<"routine">, { op, inputs, outputs, attributes }: Step): void {
    const specs = (ids: readonly ValueId[]): TensorSpec[] => ids.map((id) => specOf(this.#in.program, id));
    const reads = inputs.map((id) => this.#in.whole(id));
    const call: RoutineCall = {
      kind: "routine",
      index: this.#in.groups.length,
      op,
      code: routine({ inputs: specs(inputs), outputs: specs(outputs), attributes, choices: this.#choices }),
      reads,
      writes: outputs,
      empty: outputs.every((id) => sizeOf(this.#in.shape(id)) === 0),
    };
    this.#in.push(call, ...outputs);
  }

  #scan({ inputs, outputs, attributes, bodies }: Step): void {
    const body = bodies?.[0];
    if (!body) throw new RangeError("A step 'scan' needs a body.");
    const reads = inputs.map((id) => this.#in.whole(id));
    const group: Scan = {
      kind: "scan",
      index: this.#in.groups.length,
      body,
      length: number(attributes, "length"),
      reverse: attributes["reverse"] === true,
      states: number(attributes, "states"),
      sequences: number(attributes, "sequences"),
      saved: numbers(attributes, "saved"),
      reads,
      writes: outputs,
    };
    this.#in.push(group, ...outputs);
  }
}

function emptyReduction(reduce: KernelOf<"reduction">["reduce"], dtype: string): number {
  const float = dtype.startsWith("float");
  if (reduce === "mean") return float ? Number.NaN : 0;
  if (reduce === "sum" || reduce === "argmax") return 0;
  if (reduce === "prod") return 1;
  if (float) return reduce === "max" ? -Infinity : Infinity;
  if (dtype === "uint8") return reduce === "max" ? 0 : 255;
  return reduce === "max" ? -0x80000000 : 0x7fffffff;
}
