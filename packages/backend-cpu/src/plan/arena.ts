import { align } from "../memory/allocator.ts";

/** Lays storages out by liveness: first fit among the ranges that are free while a storage lives. */
export class Arena {
  /** Free ranges in address order, as [start, end). */
  readonly #free: [number, number][] = [[0, Infinity]];
  readonly #taken = new Map<number, number>();
  /** The most that was in use. */
  bytes = 0;

  allocate(size: number): number {
    const wanted = align(Math.max(size, 1));
    const at = this.#free.findIndex(([start, end]) => end - start >= wanted);
    const range = this.#free[at]!;
    const offset = range[0];
    if (range[1] - range[0] === wanted) this.#free.splice(at, 1);
    else range[0] += wanted;
    this.#taken.set(offset, wanted);
    this.bytes = Math.max(this.bytes, offset + wanted);
    return offset;
  }

  free(offset: number): void {
    const end = offset + this.#taken.get(offset)!;
    this.#taken.delete(offset);
    const after = this.#free.findIndex(([start]) => start >= end);
    const before = this.#free[after - 1];
    const next = this.#free[after];
    if (before && before[1] === offset && next && next[0] === end) {
      before[1] = next[1];
      this.#free.splice(after, 1);
    } else if (before && before[1] === offset) before[1] = end;
    else if (next && next[0] === end) next[0] = offset;
    else this.#free.splice(after, 0, [offset, end]);
  }
}
