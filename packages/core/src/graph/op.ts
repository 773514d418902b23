import type { Attributes } from "../program/program.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import type { Spec, TensorSpec } from "../tensor/spec.ts";
import type { Body } from "./body.ts";
import type { Node } from "./node.ts";

/** The attributes of an op that takes none. */
export type NoAttributes = Readonly<Record<string, never>>;

/**
 * The ops every engine must run, by name, with the type of their attributes. The op files add to it, and so
 * can other packages: `declare module "@polykeras/core" { interface Primitives { ... } }`.
 */
// eslint-disable-next-line typescript/no-empty-interface -- filled by declaration merging
export interface Primitives {}
/** The ops an engine may run with a kernel of its own; without one they are decomposed. */
// eslint-disable-next-line typescript/no-empty-interface -- filled by declaration merging
export interface Composites {}

/** Ops that only look at the same elements with another shape. Core handles them; no engine sees them. */
// eslint-disable-next-line typescript/no-empty-interface -- filled by declaration merging
export interface Views {}

/** The ops with several outputs, by name: their kernels give one handle for each. */
// eslint-disable-next-line typescript/no-empty-interface -- filled by declaration merging
export interface MultipleOutputs {}

export type PrimitiveName = keyof Primitives;
export type CompositeName = keyof Composites;
export type ViewName = keyof Views;
export type KernelName = PrimitiveName | CompositeName;

/** A graph input of `infer`: its spec, and its elements where they are known while building (small integers). */
export interface Operand extends Spec {
  readonly known?: readonly number[] | undefined;
}

/** What passes need to know of an op beyond its rules. */
export interface Traits {
  /** Output element i depends on element i of the (broadcast) inputs alone. */
  readonly elementwise?: boolean;
  readonly reduction?: boolean;
  /** The output is the first input, repeated by the rules of broadcasting. */
  readonly repeats?: boolean;
  readonly commutative?: boolean;
  /** The output is the sum of the inputs with these signs. */
  readonly sum?: readonly (1 | -1)[];
  /** The inputs in each of which the op is linear, element by element, while the others stay. */
  readonly linear?: readonly number[];
  /** Two equal calls are two different nodes. */
  readonly random?: boolean;
  /** Does something besides its result: each call runs once, in every function whose results depend on it. */
  readonly effect?: boolean;
  /** Core runs it on the host, whatever the engine is: it may refuse values, or no engine does it faster. */
  readonly host?: boolean;
}

export interface GradientContext<A> {
  readonly inputs: readonly Node[];
  /** The op's outputs, one node each. */
  readonly outputs: readonly Node[];
  readonly attributes: A;
  /** One per output, of its spec; null where the loss does not depend on that output. */
  readonly cotangents: readonly (Node | null)[];
  /** The cotangent of a single-output op. */
  readonly cotangent: Node;
  /** False for an input whose gradient nobody asked for: its entry may be null. */
  readonly needs: readonly boolean[];
}

/** Host data of a tensor, for ops whose values core defines itself. */
export interface HostTensor {
  readonly spec: TensorSpec;
  readonly data: TypedArray;
}

/** A node with fewer outputs, and where each output of the former node is among them, or -1. */
export interface Narrowed {
  readonly node: Node;
  readonly outputs: readonly number[];
}

/**
 * What is added to rows of zeros: `updates` has one for each of the int32 indices, which may repeat. Indices out of
 * range count for nothing.
 */
export interface Rows {
  readonly indices: Node;
  readonly updates: Node;
}

/** Everything polykeras knows of one op. Passes read it and never ask for the name. */
export interface Op<A extends Attributes = Attributes> {
  readonly name: string;
  readonly doc: string;
  /**
   * Primitives run on every engine; composites are decomposed where an engine has no kernel; views have no step;
   * core drives control ops, which run a body, where an engine does not take them whole.
   */
  readonly category: "primitive" | "composite" | "view" | "control";
  readonly traits: Traits;
  /** Output specs. Throws ShapeError, DTypeError or ArgumentError naming the op and the specs. */
  infer(inputs: readonly Operand[], attributes: A): Spec | readonly Spec[];
  /**
   * Cotangents of the inputs. They may still carry the broadcast shape of the output: what sums it away is
   * done once, by `gradients`. Without it the op is differentiated through its decomposition.
   */
  gradient?(context: GradientContext<A>): readonly (Node | null)[];
  /** The op in simpler ones. Shapes are concrete when lowering asks; they may hold nulls when `gradients` does. */
  decompose?(inputs: readonly Node[], attributes: A): Node | readonly Node[];
  /** A simpler node of the same value and spec, or null. Must be exact, for NaN, infinities and -0 too. */
  simplify?(inputs: readonly Node[], attributes: A): Node | null;
  /** The elementwise function on numbers, in float64; core rounds to the dtype. For constants and known shapes. */
  scalar?(...values: number[]): number;
  /** The rows that the output is made of, where it is zeros plus some rows. */
  rows?(inputs: readonly Node[]): Rows;
  /** The graph that a control op runs. Each body has its op object, with rules that know it. */
  readonly body?: Body;
  /** The same node with other results of its body: what legalising makes of them. */
  withResults?(inputs: readonly Node[], attributes: A, results: readonly Node[]): Node;
  /** The op without outputs that nobody reads (`used` is false), or null if it needs them all. */
  narrow?(inputs: readonly Node[], attributes: A, used: readonly boolean[]): Narrowed | null;
  /** Elements of the output where those of the inputs are known while building. */
  known?(inputs: readonly Operand[], attributes: A): readonly number[] | undefined;
  /** Exact values, defined by core (random bits): the way that serves engines without a kernel of their own. */
  evaluate?(
    inputs: readonly HostTensor[],
    attributes: A,
    outputs: readonly TensorSpec[],
  ): readonly TypedArray[];
}
