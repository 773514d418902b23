import {
  type Attributes,
  type DType,
  type Program,
  type TypedArray,
  type ValueId,
  sizeOf,
  specOf,
  storageOf,
  stridesOf,
} from "@polykeras/core";
import type { Group, Instruction, Loop, Operand, Reduction, Reference, Whole } from "./group.ts";
import { type Source, isContiguous, sameExtents, squeeze, stridesOver } from "./source.ts";

/** Above this the body of a loop is split: locals and code size stay bounded. */
const bodyLimit = 48;
/** Above this nothing is begun in a loop that it has no part of yet: what is begun there finds room to its end. */
const beginLimit = 24;

/**
 * Groups as they are made, and where every value stands meanwhile. Groups run in the order in which they were
 * made; an instruction may join any loop that is not before the last producer of its operands.
 */
export class Grouping {
  readonly program: Program;
  readonly groups: Group[] = [];
  readonly #sources = new Map<ValueId, Source>();
  /** The group that completes a storage; inputs and constants have none. */
  readonly #producers = new Map<ValueId, number>();
  /** Values that a loop holds in registers. */
  readonly #results = new Map<ValueId, { readonly loop: Loop; readonly from: Reference }>();
  /** Of these the ones that no instruction has read yet, though they are no results of the program. */
  readonly #awaited = new Map<Loop, Set<ValueId>>();
  readonly #finals: ReadonlySet<ValueId>;
  /** By value, once it was asked for: its shape without dimensions of 1, and the strides of all its dimensions. */
  readonly #extents: (readonly number[] | null)[];
  readonly #strides: (readonly number[] | null)[];
  readonly #stored = new Set<ValueId>();
  readonly #recent = new Map<string, Loop>();

  constructor(program: Program) {
    this.program = program;
    this.#extents = program.values.map(() => null);
    this.#strides = program.values.map(() => null);
    const finals = [...program.outputs, ...program.updates.map(({ value }) => value)];
    this.#finals = new Set(finals.map((id) => this.root(id)));
    for (const { value } of program.inputs) this.setWhole(value);
    for (const { value, data } of program.constants) {
      this.setWhole(value);
      if (data.length === 1)
        this.setSource(value, { kind: "constant", value: scalarOf(data), storage: value });
    }
  }

  setSource(id: ValueId, source: Source): void {
    this.#sources.set(id, source);
  }

  shape(id: ValueId): readonly number[] {
    return specOf(this.program, id).shape;
  }

  dtype(id: ValueId): DType {
    return specOf(this.program, id).dtype;
  }

  /** The value that owns its storage. */
  root(id: ValueId): ValueId {
    return storageOf(this.program, id);
  }

  extents(id: ValueId): readonly number[] {
    return (this.#extents[id] ??= squeeze(this.shape(id)));
  }

  strides(id: ValueId): readonly number[] {
    return (this.#strides[id] ??= stridesOf(this.shape(id)));
  }

  setWhole(id: ValueId): void {
    this.#sources.set(id, { kind: "storage", storage: id, offset: 0, strides: this.strides(id) });
  }

  /** Where a value stands; a view of elements that do not stand in order is copied first. */
  source(id: ValueId): Source {
    const root = this.root(id);
    const source = this.#sources.get(root);
    if (!source) throw new RangeError(`Value ${id} is read before a step makes it.`);
    if (root === id || source.kind === "constant") return source;
    if (source.kind === "storage" && isContiguous(source, this.shape(root)))
      return { ...source, strides: this.strides(id) };
    // One element, repeated: in whatever shape.
    if (source.kind === "storage" && source.strides.every((stride) => stride === 0))
      return { ...source, strides: this.shape(id).map(() => 0) };
    this.materialize(root);
    return this.source(id);
  }

  /** Copies a value that is only a layout of another storage into its own. */
  materialize(root: ValueId): void {
    const loop = this.loop(this.extents(root));
    const from = this.reference(loop, root, this.shape(root));
    this.store(loop, root, from, this.strides(root), 0, false);
    this.setWhole(root);
  }

  producer(id: ValueId): number {
    const source = this.source(id);
    return source.kind === "storage" ? (this.#producers.get(source.storage) ?? -1) : -1;
  }

  loop(extents: readonly number[]): Loop {
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
      size: 0,
    };
    this.groups.push(loop);
    this.#recent.set(extents.join(), loop);
    return loop;
  }

  /** The register that already holds a value in this loop, at the same index. */
  register(loop: Loop, id: ValueId): Reference | null {
    const held = this.#results.get(this.root(id));
    return held && held.loop === loop && sameExtents(this.extents(id), loop.extents) ? held.from : null;
  }

  /** A value as an operand of the loop, which runs over `shape` without its dimensions of 1. */
  reference(loop: Loop, id: ValueId, shape: readonly number[]): Reference {
    const held = this.register(loop, id);
    if (held) return held;
    const source = this.source(id);
    if (source.kind === "constant") return { kind: "constant", value: source.value, dtype: this.dtype(id) };
    const strides = stridesOver(source.strides, this.shape(id), shape);
    if (source.kind === "iota") return this.operand(loop, { kind: "iota", strides });
    const { storage, offset } = source;
    this.need(storage);
    return this.operand(loop, {
      kind: "load",
      storage,
      offset,
      strides,
      dtype: this.dtype(storage),
    });
  }

  operand(loop: Loop, operand: Operand): Reference {
    const { operands } = loop;
    for (let index = 0; index < operands.length; index++)
      if (isSameOperand(operands[index]!, operand)) return { kind: "operand", index };
    return { kind: "operand", index: operands.push(operand) - 1 };
  }

  /** Whether the step's operands can be had inside of the loop. */
  admits(loop: Loop, ids: readonly ValueId[], shape: readonly number[]): boolean {
    if (loop.size >= bodyLimit) return false;
    for (let i = 0; i < ids.length; i++) if (!this.#admitsOne(loop, ids[i]!, shape)) return false;
    return true;
  }

  #admitsOne(loop: Loop, id: ValueId, shape: readonly number[]): boolean {
    if (this.register(loop, id)) return true;
    const source = this.source(id);
    if (source.kind === "constant") return true;
    if (source.kind === "storage" && this.#producers.get(source.storage) === loop.index) return false;
    if (loop.random === null) return true;
    // Random bits come sixteen at a time: everything beside them stands in order, or is one element.
    const strides = stridesOver(source.strides, this.shape(id), shape);
    return (
      source.kind === "storage" &&
      (strides.every((stride) => stride === 0) || sameExtents(strides, stridesOf(loop.extents)))
    );
  }

  compute(
    op: string,
    rule: Instruction["rule"],
    ids: readonly ValueId[],
    output: ValueId,
    attributes: Attributes,
    shape: readonly number[] = this.shape(output),
  ): void {
    const extents = shape === this.shape(output) ? this.extents(output) : squeeze(shape);
    let latest = -1;
    for (const id of ids) latest = Math.max(latest, this.producer(id));
    const loop = this.#loopFor(ids, shape, extents, latest);
    const inputs: Reference[] = [];
    const inputTypes: DType[] = [];
    for (let i = 0; i < ids.length; i++) {
      inputs.push(this.reference(loop, ids[i]!, shape));
      this.#awaited.get(loop)?.delete(this.root(ids[i]!));
      inputTypes.push(this.dtype(ids[i]!));
    }
    this.instruct(loop, output, {
      op,
      rule,
      inputs,
      inputTypes,
      dtype: this.dtype(output),
      attributes,
    });
  }

  /** The loop that makes the last of the operands, else the last one over the same extents, else a new one. */
  #loopFor(
    ids: readonly ValueId[],
    shape: readonly number[],
    extents: readonly number[],
    latest: number,
  ): Loop {
    const producer = this.groups[latest];
    if (
      producer?.kind === "loop" &&
      sameExtents(producer.extents, extents) &&
      this.admits(producer, ids, shape)
    )
      return producer;
    const recent = this.#recent.get(extents.join());
    if (recent && recent.index >= latest && this.#mayBegin(recent) && this.admits(recent, ids, shape))
      return recent;
    return this.loop(extents);
  }

  /** Whether the loop takes what reads none of its registers: it has room, or is in the middle of something. */
  #mayBegin(loop: Loop): boolean {
    return loop.size < beginLimit || (this.#awaited.get(loop)?.size ?? 0) > 0;
  }

  instruct(loop: Loop, output: ValueId, instruction: Instruction): void {
    loop.body.push(instruction);
    if (!this.#finals.has(output)) {
      const awaited = this.#awaited.get(loop);
      if (awaited) awaited.add(output);
      else this.#awaited.set(loop, new Set([output]));
    }
    const { rule } = instruction;
    loop.cost += typeof rule === "string" ? 2 : rule.cost;
    loop.size += typeof rule === "string" ? 1 : (rule.size ?? 1);
    this.#results.set(output, { loop, from: { kind: "result", index: loop.body.length - 1 } });
    this.setWhole(output);
    this.#producers.set(output, loop.index);
  }

  /** Has a loop write a value that until now stays in its registers. */
  need(storage: ValueId): void {
    const held = this.#results.get(storage);
    if (!held || this.#stored.has(storage)) return;
    this.store(held.loop, storage, held.from, this.strides(storage), 0, false);
  }

  store(
    loop: Loop,
    storage: ValueId,
    from: Reference,
    strides: readonly number[],
    offset: number,
    partial: boolean,
  ): void {
    const dtype = this.dtype(storage);
    // The strides are those of the stored shape; its dimensions of 1 are none of the loop's.
    const kept = strides.length === loop.extents.length ? strides : stridesOf(loop.extents);
    loop.stores.push({ from, partial, access: { storage, dtype, offset, strides: kept } });
    this.#stored.add(storage);
    this.#producers.set(storage, loop.index);
  }

  /** Outputs and updates have a storage of their own. */
  finish(root: ValueId): void {
    const source = this.#sources.get(root);
    if (source?.kind === "storage" && source.storage === root) this.need(root);
    else this.materialize(root);
  }

  /** Adds a product, or another group with storages of its own. */
  push(group: Group, ...storages: readonly ValueId[]): void {
    this.groups.push(group);
    for (const storage of storages) {
      this.setWhole(storage);
      this.#producers.set(storage, group.index);
    }
  }

  /** The storage in which a value's elements stand one after the other; there is a copy where they did not. */
  whole(id: ValueId): Whole {
    const source = this.source(id);
    if (source.kind === "storage" && isContiguous(source, this.shape(id))) {
      this.need(source.storage);
      return this.#from(source.storage, source.offset);
    }
    if (source.kind === "constant" && source.storage !== null && sizeOf(this.shape(id)) === 1)
      return this.#from(source.storage, 0);
    const root = this.root(id);
    this.materialize(root);
    return this.#from(root, 0);
  }

  #from(storage: ValueId, offset: number): Whole {
    return { storage, offset, dtype: this.dtype(storage) };
  }

  /** A reduction of a loop has a storage, which the loop writes in any case. */
  reduce(loop: Loop, reduction: Reduction): void {
    loop.reductions.push(reduction);
    this.setWhole(reduction.storage);
    this.#producers.set(reduction.storage, loop.index);
    this.#stored.add(reduction.storage);
  }
}

function isSameOperand(a: Operand, b: Operand): boolean {
  if (a.kind === "number") return b.kind === "number" && Object.is(a.value, b.value);
  if (a.kind === "load" && b.kind === "load" && (a.storage !== b.storage || a.offset !== b.offset))
    return false;
  return a.kind === b.kind && sameExtents(a.strides, b.strides);
}

function scalarOf(data: TypedArray): number {
  return data[0]!;
}
