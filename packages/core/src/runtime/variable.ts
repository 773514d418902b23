import type { Backend, MaybePromise, Variable } from "../backend/contract.ts";
import { isBranded, stamp } from "../brand.ts";
import { DisposedError } from "../errors.ts";
import { type Leaf, type Node, leaf } from "../graph/node.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import type { TensorSpec } from "../tensor/spec.ts";
import { chain } from "./maybe.ts";

type Place = { readonly host: TypedArray } | { readonly owner: Backend; readonly buffer: Variable };

let moves = 0;

/** How many times variables have got a buffer of an engine, or have lost it: buffers got earlier hold until it changes. */
export function variableMoves(): number {
  return moves;
}

/** Frees the engine's memory of variables that nobody can reach any more. */
const forgotten = new FinalizationRegistry<Variable>((buffer) => buffer.dispose());

/**
 * State behind a variable's node. One engine owns it at a time; it moves when another engine uses it. Until
 * the first use the value waits on the host.
 */
export class VariableState implements Leaf {
  readonly kind = "variable";
  readonly name: string;
  readonly spec: TensorSpec;
  readonly node: Node;
  /** For the state of random ops: the value it takes in every run of a function that reads it. */
  advance: ((state: Node) => Node) | null = null;
  #place: Place | "disposed";

  constructor(name: string, spec: TensorSpec, value: TypedArray) {
    this.name = name;
    this.spec = spec;
    this.#place = { host: value };
    this.node = leaf(this, spec);
  }

  get disposed(): boolean {
    return this.#place === "disposed";
  }

  /** The buffer on `backend`, moved there if it is elsewhere. */
  on(backend: Backend): MaybePromise<Variable> {
    const place = this.#live();
    if ("owner" in place && place.owner === backend) return place.buffer;
    const move = (data: TypedArray): MaybePromise<Variable> =>
      chain(backend.variable(this.spec, data), (buffer) => {
        if ("buffer" in place) place.buffer.dispose();
        this.#place = { owner: backend, buffer };
        moves++;
        forgotten.unregister(this);
        forgotten.register(this, buffer, this);
        return buffer;
      });
    return "host" in place ? move(place.host) : chain(place.buffer.read(), move);
  }

  /** A copy of the value. */
  read(): MaybePromise<TypedArray> {
    const place = this.#live();
    return "host" in place ? place.host.slice() : place.buffer.read();
  }

  /** Replaces the value; the data must have the variable's array class and size, and is copied. */
  write(data: TypedArray): MaybePromise<void> {
    const place = this.#live();
    if ("host" in place) this.#place = { host: data.slice() };
    else return place.buffer.write(data);
  }

  dispose(): void {
    forgotten.unregister(this);
    if (this.#place !== "disposed" && "buffer" in this.#place) this.#place.buffer.dispose();
    this.#place = "disposed";
    moves++;
  }

  #live(): Place {
    if (this.#place === "disposed")
      throw new DisposedError(
        `Variable '${this.name}' was used after its dispose(). Create it again with K.variable.`,
      );
    return this.#place;
  }
}
stamp(VariableState, "VariableState");

/** The state behind a variable's node, or undefined for other nodes. */
export function stateOf(node: Node): VariableState | undefined {
  return node.kind === "leaf" && isBranded<VariableState>(node.leaf, "VariableState") ? node.leaf : undefined;
}
