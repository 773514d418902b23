import type { HostValue } from "@polykeras/core";
import { words } from "../base/words.ts";
import { type Column, buffer, takeRows } from "./column.ts";

/** The batches of some columns: views of the data in order, or gathered into arrays that are reused. */
export class Batches {
  readonly count: number;
  readonly steps: number;
  readonly #columns: readonly Column[];
  readonly #batchSize: number;
  #inOrder: HostValue[][] | null = null;
  #gathered: { readonly full: HostValue[]; readonly last: HostValue[] } | null = null;

  constructor(columns: readonly Column[], batchSize: number) {
    this.#columns = columns;
    this.#batchSize = batchSize;
    this.count = columns[0]?.shape[0] ?? 0;
    this.steps = Math.ceil(this.count / batchSize);
  }

  /** How many samples a step has: the last may have fewer. */
  size(step: number): number {
    return Math.min(this.#batchSize, this.count - step * this.#batchSize);
  }

  /** One value per column. With an order they are overwritten by the next call. */
  values(step: number, order: Int32Array | null): readonly HostValue[] {
    const from = step * this.#batchSize;
    if (!order) {
      this.#inOrder ??= Array.from({ length: this.steps }, (_, i) => this.#views(i));
      return this.#inOrder[step]!;
    }
    this.#gathered ??= { full: this.#buffers(this.size(0)), last: this.#buffers(this.size(this.steps - 1)) };
    const into = step === this.steps - 1 ? this.#gathered.last : this.#gathered.full;
    const to = from + this.size(step);
    for (let i = 0; i < into.length; i++) {
      const { data } = into[i]!;
      if (ArrayBuffer.isView(data)) takeRows(this.#columns[i]!, order, from, to, data);
    }
    return into;
  }

  #views(step: number): HostValue[] {
    const from = step * this.#batchSize;
    const rows = this.size(step);
    return this.#columns.map(({ data, shape, dtype, stride }) => ({
      data: data.subarray(from * stride, (from + rows) * stride),
      shape: [rows, ...shape.slice(1)],
      dtype,
    }));
  }

  #buffers(rows: number): HostValue[] {
    return this.#columns.map((of) => ({
      data: buffer(of, rows),
      shape: [rows, ...of.shape.slice(1)],
      dtype: of.dtype,
    }));
  }
}

/** A permutation for one epoch: the same on every machine for one seed (Fisher and Yates, Durstenfeld 1964). */
export function shuffle(order: Int32Array, seed: number, epoch: number): Int32Array {
  const drawn = words([seed | 0, 0x0f17, epoch, 0], order.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(((drawn[i]! >>> 0) / 2 ** 32) * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}
