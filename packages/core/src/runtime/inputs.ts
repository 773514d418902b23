import type { Backend, Buffer, MaybePromise, Placeholder } from "../backend/contract.ts";
import type { Node } from "../graph/node.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { all, chain } from "./maybe.ts";
import type { Temporary } from "./temporary.ts";
import { type VariableState, variableMoves } from "./variable.ts";

/** Where an input of a program comes from. */
export type Source =
  | { readonly kind: "fed"; readonly index: number; readonly slot: Placeholder }
  | { readonly kind: "variable"; readonly state: VariableState }
  | { readonly kind: "value"; readonly of: Node; readonly slot: Placeholder };

/** A value that a stage made, on the backend that holds it. */
export interface InFlight {
  readonly backend: Backend;
  readonly buffer: Buffer;
}

/**
 * The inputs of one program on a backend. Buffers of variables are kept from one run to the next: a training step asks
 * for those of all weights, which seldom move.
 */
export class Inputs {
  readonly #backend: Backend;
  readonly sources: readonly Source[];
  /** What comes anew with each run, and its position. */
  readonly #passing: readonly { readonly source: Source; readonly at: number }[];
  #kept: { readonly buffers: readonly Buffer[]; readonly moves: number } | null = null;

  constructor(backend: Backend, sources: readonly Source[]) {
    this.#backend = backend;
    this.sources = sources;
    this.#passing = sources.flatMap((source, at) => (source.kind === "variable" ? [] : [{ source, at }]));
  }

  /** One buffer for each input. Those made for this run alone are added to `temporary`. */
  gather(
    feeds: readonly TypedArray[],
    values: ReadonlyMap<Node, InFlight> | null,
    temporary: Temporary,
  ): MaybePromise<readonly Buffer[]> {
    // Noted before: what moves meanwhile makes them stale.
    const moves = variableMoves();
    const one = (source: Source): MaybePromise<Buffer> => this.#one(source, feeds, values, temporary);
    if (this.#kept?.moves !== moves)
      return chain(all(this.sources.map(one)), (buffers) => {
        this.#kept = { buffers, moves };
        return buffers;
      });
    const buffers = this.#kept.buffers.slice();
    return chain(all(this.#passing.map(({ source }) => one(source))), (fresh) => {
      for (let i = 0; i < fresh.length; i++) buffers[this.#passing[i]!.at] = fresh[i]!;
      return buffers;
    });
  }

  #one(
    source: Source,
    feeds: readonly TypedArray[],
    values: ReadonlyMap<Node, InFlight> | null,
    temporary: Temporary,
  ): MaybePromise<Buffer> {
    if (source.kind === "variable") return source.state.on(this.#backend);
    const feed = (data: TypedArray): MaybePromise<Buffer> =>
      chain(source.slot.feed(data), (buffer) => temporary.add(buffer));
    if (source.kind === "fed") return feed(feeds[source.index]!);
    const value = values!.get(source.of)!;
    return value.backend === this.#backend ? value.buffer : chain(value.buffer.read(), feed);
  }
}
