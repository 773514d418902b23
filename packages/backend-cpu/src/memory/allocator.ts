/** Storages start on cache lines, and their sizes are whole ones: kernels store whole vectors at the end. */
const alignment = 64;

export function align(size: number): number {
  return Math.ceil(size / alignment) * alignment;
}

/** First fit over free ranges in address order; neighbours merge, so that a free memory is one range again. */
export class Allocator {
  readonly #live = new Map<number, number>();
  /** Starts and sizes of the free ranges. */
  readonly #starts: number[] = [];
  readonly #sizes: number[] = [];
  #end: number;

  constructor(begin: number, end: number) {
    this.#starts.push(align(begin));
    this.#end = Math.floor(end / alignment) * alignment;
    this.#sizes.push(this.#end - align(begin));
  }

  allocate(size: number): number | null {
    const wanted = Math.max(alignment, align(size));
    let at = 0;
    while (at < this.#sizes.length && this.#sizes[at]! < wanted) at++;
    if (at === this.#sizes.length) return null;
    const address = this.#starts[at]!;
    if (this.#sizes[at] === wanted) {
      this.#starts.splice(at, 1);
      this.#sizes.splice(at, 1);
    } else {
      this.#starts[at] = address + wanted;
      this.#sizes[at]! -= wanted;
    }
    this.#live.set(address, wanted);
    return address;
  }

  free(address: number): void {
    const size = this.#live.get(address);
    if (size === undefined)
      throw new RangeError(`No storage starts at address ${address}: it was freed before.`);
    this.#live.delete(address);
    this.#insert(address, size);
  }

  /** The memory has grown. */
  extend(end: number): void {
    const aligned = Math.floor(end / alignment) * alignment;
    this.#insert(this.#end, aligned - this.#end);
    this.#end = aligned;
  }

  #insert(address: number, size: number): void {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! < address) low = middle + 1;
      else high = middle;
    }
    const endBefore = low > 0 ? this.#starts[low - 1]! + this.#sizes[low - 1]! : -1;
    const joinsBefore = endBefore === address;
    const joinsAfter = low < this.#starts.length && address + size === this.#starts[low];
    if (joinsBefore && joinsAfter) {
      this.#sizes[low - 1]! += size + this.#sizes[low]!;
      this.#starts.splice(low, 1);
      this.#sizes.splice(low, 1);
    } else if (joinsBefore) this.#sizes[low - 1]! += size;
    else if (joinsAfter) {
      this.#starts[low] = address;
      this.#sizes[low]! += size;
    } else {
      this.#starts.splice(low, 0, address);
      this.#sizes.splice(low, 0, size);
    }
  }
}
