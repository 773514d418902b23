import type { Attributes, DType, Program, ValueId } from "@polykeras/core";
import type { Elementwise } from "../kernels/rule.ts";
import type { Code } from "../routines/routine.ts";

/** Elements of a storage as a loop reads or writes them; strides per dimension of the loop, in elements. */
interface Access {
  readonly storage: ValueId;
  readonly dtype: DType;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** What feeds a loop: elements of a storage, the index along the dimensions whose stride is not 0, or a float32 number. */
export type Operand =
  | ({ readonly kind: "load" } & Access)
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "iota"; readonly strides: readonly number[] };

/** Where an instruction's operand comes from. */
export type Reference =
  | { readonly kind: "operand"; readonly index: number }
  | { readonly kind: "result"; readonly index: number }
  | { readonly kind: "constant"; readonly value: number; readonly dtype: DType };

/** One op of a loop's body. */
export interface Instruction {
  readonly op: string;
  /** Null for a cast. Random bits take no operands: the state is the loop's `random`. */
  readonly rule: Elementwise | "cast" | "random";
  readonly inputs: readonly Reference[];
  readonly inputTypes: readonly DType[];
  readonly dtype: DType;
  readonly attributes: Attributes;
}

interface Store {
  readonly from: Reference;
  readonly access: Access;
  /** True where elements beyond the last one must not be written: the storage holds more than this loop stores. */
  readonly partial: boolean;
}

export interface Reduction {
  readonly reduce: "sum" | "mean" | "prod" | "max" | "min" | "argmax";
  readonly from: Reference;
  /** Of the elements that are reduced. */
  readonly dtype: DType;
  /** Written contiguously over the kept dimensions. */
  readonly storage: ValueId;
}

/**
 * A fused loop nest: for every index of `extents` the body runs in registers. Dimensions of 1 are left out of
 * `extents`, so that shapes which differ only in those fuse.
 */
export interface Loop {
  readonly kind: "loop";
  readonly index: number;
  readonly extents: readonly number[];
  readonly operands: Operand[];
  readonly body: Instruction[];
  readonly stores: Store[];
  readonly reductions: Reduction[];
  /** Per dimension, whether the reductions remove it. */
  reduced: readonly boolean[];
  /** The storage of the random state, if the body draws bits. */
  random: ValueId | null;
  cost: number;
  /** Plain ops in the body. */
  size: number;
}

export interface Matrix {
  readonly storage: ValueId;
  readonly offset: number;
  readonly transposed: boolean;
}

/** `batch` products (m, k) by (k, n). */
export interface Product {
  readonly kind: "product";
  readonly index: number;
  readonly dtype: DType;
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Matrix;
  readonly b: Matrix;
  readonly storage: ValueId;
  /** Loop that runs on the tiles in registers, over (m, n) or their product; its operand `product` is the result. */
  epilogue: Loop | null;
}

/** A whole storage from an element on. */
export interface Whole {
  readonly storage: ValueId;
  readonly dtype: DType;
  readonly offset: number;
}

/** One call of a routine, which no other group joins. */
export interface RoutineCall {
  readonly kind: "routine";
  readonly index: number;
  readonly op: string;
  readonly code: Code;
  readonly reads: readonly Whole[];
  readonly writes: readonly ValueId[];
  /** True if it writes no element. */
  readonly empty: boolean;
}

/** A step `scan`: its body, a program of its own, is run for each step of time. */
export interface Scan {
  readonly kind: "scan";
  readonly index: number;
  readonly body: Program;
  readonly length: number;
  /** From the last step to the first. */
  readonly reverse: boolean;
  readonly states: number;
  readonly sequences: number;
  /** The states of which the value before each step is stacked. */
  readonly saved: readonly number[];
  /** Initial states, sequences, constants. */
  readonly reads: readonly Whole[];
  /** Last states, stacked outputs, stacked earlier states. */
  readonly writes: readonly ValueId[];
}

export type Group = Loop | Product | RoutineCall | Scan;

/** Storages that a group reads. */
export function readsOf(group: Group): readonly ValueId[] {
  if (group.kind === "routine" || group.kind === "scan") return group.reads.map(({ storage }) => storage);
  if (group.kind === "product") {
    const others = group.epilogue ? readsOf(group.epilogue).filter((id) => id !== group.storage) : [];
    return [group.a.storage, group.b.storage, ...others];
  }
  const reads: ValueId[] = group.random === null ? [] : [group.random];
  for (let i = 0; i < group.operands.length; i++) {
    const operand = group.operands[i]!;
    if (operand.kind === "load") reads.push(operand.storage);
  }
  return reads;
}

/** Storages that a group writes; a product with an epilogue is written only if that stores it. */
export function writesOf(group: Group): readonly ValueId[] {
  if (group.kind === "routine" || group.kind === "scan") return group.writes;
  if (group.kind === "product") return group.epilogue ? writesOf(group.epilogue) : [group.storage];
  return [
    ...group.stores.map(({ access }) => access.storage),
    ...group.reductions.map(({ storage }) => storage),
  ];
}
