import { ProgramError } from "../errors.ts";
import type { Attributes } from "../program/program.ts";
import { type DType, type TypedArray, allocate, carries, dtypeInfo } from "../tensor/dtype.ts";
import { type Shape, type Spec, type TensorSpec, isConcrete, sizeOf } from "../tensor/spec.ts";
import { attributeKey, numberKey } from "./key.ts";
import type { Op } from "./op.ts";

/** What a leaf stands for; the runtime keeps its state behind this object. */
export interface Leaf {
  readonly kind: "placeholder" | "variable";
  readonly name: string;
  /** The scalar value of a placeholder that a function does not feed; without it that is an error. */
  readonly fallback?: number;
  /** The value after a run that read it, for the state of random ops: such a run draws anew. */
  readonly advance?: ((state: Node) => Node) | null;
}

/** Small integer and scalar values are followed while building, so that shapes can be computed from them. */
const maxKnown = 64;

/**
 * A vertex of the graph: an op over nodes, one output of a multi-output op (`index`), a leaf or a constant.
 * Nodes are immutable. Equal calls give the same node, except for random ops and leaves.
 */
export class Node implements Spec {
  readonly id: number;
  readonly kind: "op" | "output" | "leaf" | "constant";
  readonly inputs: readonly Node[];
  readonly attributes: Attributes;
  readonly specs: readonly Spec[];
  readonly known: readonly number[] | undefined;
  /** The specs, if every dimension is a number: what programs are made of. */
  readonly tensors: readonly TensorSpec[] | null;
  readonly #op: Op | undefined;
  readonly #leaf: Leaf | undefined;
  readonly #data: TypedArray | undefined;

  constructor(fields: {
    kind: Node["kind"];
    specs: readonly Spec[];
    inputs?: readonly Node[];
    attributes?: Attributes;
    op?: Op;
    leaf?: Leaf;
    data?: TypedArray;
    known?: readonly number[] | undefined;
  }) {
    this.id = nextId++;
    this.kind = fields.kind;
    this.specs = fields.specs;
    this.tensors = allConcrete(fields.specs);
    this.inputs = fields.inputs ?? none;
    this.attributes = fields.attributes ?? noAttributes;
    this.#op = fields.op;
    this.#leaf = fields.leaf;
    this.#data = fields.data;
    this.known = fields.known;
  }

  get shape(): Shape {
    return this.specs[0]!.shape;
  }

  get dtype(): DType {
    return this.specs[0]!.dtype;
  }

  /** The op of an `op` node. */
  get op(): Op {
    if (!this.#op) throw new ProgramError(`Node ${this.id} is a ${this.kind} and has no op.`);
    return this.#op;
  }

  get leaf(): Leaf {
    if (!this.#leaf) throw new ProgramError(`Node ${this.id} is a ${this.kind} and has no leaf.`);
    return this.#leaf;
  }

  /** The elements of a `constant` node. */
  get data(): TypedArray {
    if (!this.#data) throw new ProgramError(`Node ${this.id} is a ${this.kind} and has no data.`);
    return this.#data;
  }
}

function allConcrete(specs: readonly Spec[]): readonly TensorSpec[] | null {
  return specs.every(isConcrete) ? specs : null;
}

const none: readonly Node[] = Object.freeze([]);
const noAttributes: Attributes = Object.freeze({});
let nextId = 0;

/** Nodes built from now on have ids of at least this. */
export function nextNodeId(): number {
  return nextId;
}

/** Nodes by key. The process's table holds them weakly; passes use one of their own for a while. */
interface Table {
  get(key: string): Node | undefined;
  set(key: string, made: Node): unknown;
}

/** Dead entries are swept out whenever the table has doubled since the last sweep. */
class WeakTable implements Table {
  readonly #entries = new Map<string, WeakRef<Node>>();
  #sweepAt = 4096;

  get(key: string): Node | undefined {
    return this.#entries.get(key)?.deref();
  }

  set(key: string, made: Node): void {
    this.#entries.set(key, new WeakRef(made));
    if (this.#entries.size < this.#sweepAt) return;
    for (const [of, ref] of this.#entries) if (ref.deref() === undefined) this.#entries.delete(of);
    this.#sweepAt = Math.max(4096, this.#entries.size * 2);
  }
}

const shared = new WeakTable();
let table: Table = shared;

/**
 * Runs a synchronous pass whose nodes live no longer than its result: they are interned among themselves, in
 * a plain table that is dropped afterwards.
 */
export function withOwnTable<T>(pass: () => T): T {
  const before = table;
  table = new Map<string, Node>();
  try {
    return pass();
  } finally {
    table = before;
  }
}

/** Makes a node that later calls of that key find. */
function intern(key: string, made: Node, within: Table): Node {
  within.set(key, made);
  return made;
}

/** Builds `op(inputs)`: infers the specs, and returns the node that an equal call made before. */
export function node<A extends Attributes>(op: Op<A>, inputs: readonly Node[], attributes: A): Node {
  if (op.traits.random || op.traits.effect) return make(op, inputs, attributes);
  let key = op.name;
  for (let i = 0; i < inputs.length; i++) key += `,${inputs[i]!.id}`;
  key += `;${attributeKey(attributes)}`;
  return table.get(key) ?? intern(key, make(op, inputs, attributes), table);
}

function make<A extends Attributes>(op: Op<A>, inputs: readonly Node[], attributes: A): Node {
  const inferred = op.infer(inputs, attributes);
  const specs = isList(inferred) ? inferred : [inferred];
  const elements = op.known?.(inputs, attributes);
  const known = elements && elements.length <= maxKnown ? elements : undefined;
  return new Node({ kind: "op", op, inputs, attributes, specs, known });
}

function isList(value: Spec | readonly Spec[]): value is readonly Spec[] {
  return Array.isArray(value);
}

/** Output `index` of a multi-output op. */
export function output(of: Node, index: number): Node {
  if (of.specs.length === 1) return of;
  const spec = of.specs[index];
  if (!spec) throw new ProgramError(`Op '${of.op.name}' has ${of.specs.length} outputs, not ${index + 1}.`);
  const key = `output,${of.id};${index}`;
  const attributes = { index };
  return (
    table.get(key) ??
    intern(key, new Node({ kind: "output", inputs: [of], attributes, specs: [spec] }), table)
  );
}

/** A placeholder or variable. Never interned. */
export function leaf(of: Leaf, spec: Spec): Node {
  return new Node({ kind: "leaf", leaf: of, specs: [spec] });
}

/** A tensor whose elements are part of the graph. Scalars are interned; the data must not change afterwards. */
export function constant(spec: TensorSpec, data: TypedArray): Node {
  if (!carries(spec.dtype, data) || data.length !== sizeOf(spec.shape))
    throw new ProgramError(
      `A constant of [${spec.shape.join(", ")}] ${spec.dtype} cannot hold ${data.length} elements.`,
    );
  const value = data[0];
  if (spec.shape.length > 0 || value === undefined) return makeConstant(spec, data);
  const key = `constant;${spec.dtype}${numberKey(value)}`;
  return shared.get(key) ?? intern(key, makeConstant(spec, data), shared);
}

function makeConstant(spec: TensorSpec, data: TypedArray): Node {
  return new Node({ kind: "constant", specs: [spec], data, known: knownOf(spec, data) });
}

/** A scalar constant, rounded to `dtype`. */
export function scalar(value: number, dtype: DType): Node {
  const data = allocate(dtype, 1);
  data[0] = dtype === "bool" ? Number(value !== 0) : value;
  return constant({ shape: [], dtype }, data);
}

function knownOf(spec: TensorSpec, data: TypedArray): readonly number[] | undefined {
  const follow = data.length <= maxKnown && (spec.shape.length === 0 || dtypeInfo(spec.dtype).kind === "int");
  return follow ? Array.from(data) : undefined;
}
