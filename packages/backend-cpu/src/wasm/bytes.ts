/** A growing byte sequence: the module as it is put together. */
export class Bytes {
  #data: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.#data = new Uint8Array(capacity);
  }

  write(bytes: ArrayLike<number>): void {
    const end = this.length + bytes.length;
    if (end > this.#data.length) {
      const grown = new Uint8Array(Math.max(this.#data.length * 2, end));
      grown.set(this.#data.subarray(0, this.length));
      this.#data = grown;
    }
    this.#data.set(bytes, this.length);
    this.length = end;
  }

  /** The bytes so far; a view that the next write may replace. */
  view(start = 0, end: number = this.length): Uint8Array<ArrayBuffer> {
    return this.#data.subarray(start, end);
  }
}
