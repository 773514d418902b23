const spare: Bytes[] = [];
const scratch = new DataView(new ArrayBuffer(8));

/** A growing byte sequence with the encodings of the WebAssembly binary format. */
export class Bytes {
  #data: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 256) {
    this.#data = new Uint8Array(capacity);
  }

  /** An empty sequence, from those given back where there is one: memory outside of the heap is slow to get. */
  static take(): Bytes {
    const bytes = spare.pop();
    if (!bytes) return new Bytes();
    bytes.length = 0;
    return bytes;
  }

  giveBack(): void {
    if (spare.length < 32) spare.push(this);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#data.length) return;
    const grown = new Uint8Array(Math.max(this.#data.length * 2, this.length + count));
    grown.set(this.#data.subarray(0, this.length));
    this.#data = grown;
  }

  byte(value: number): void {
    if (this.length === this.#data.length) this.#reserve(1);
    this.#data[this.length++] = value;
  }

  /** Unsigned LEB128 of up to 32 bits. */
  unsigned(value: number): void {
    let rest = value >>> 0;
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Signed LEB128 of 32 bits. */
  signed(value: number): void {
    let rest = value | 0;
    for (;;) {
      const low = rest & 127;
      rest >>= 7;
      if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) return this.byte(low);
      this.byte(low | 128);
    }
  }

  /** Signed LEB128 of 64 bits. */
  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(rest & 127n);
      rest >>= 7n;
      if ((rest === 0n && (low & 64) === 0) || (rest === -1n && (low & 64) !== 0)) return this.byte(low);
      this.byte(low | 128);
    }
  }

  float32(value: number): void {
    scratch.setFloat32(0, value, true);
    this.#scratch(4);
  }

  float64(value: number): void {
    scratch.setFloat64(0, value, true);
    this.#scratch(8);
  }

  int32(value: number): void {
    scratch.setInt32(0, value, true);
    this.#scratch(4);
  }

  #scratch(count: number): void {
    this.#reserve(count);
    for (let i = 0; i < count; i++) this.#data[this.length++] = scratch.getUint8(i);
  }

  /** An ASCII name with its length. */
  name(text: string): void {
    this.unsigned(text.length);
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  append(other: Bytes, start = 0, end: number = other.length): void {
    this.#reserve(end - start);
    this.#data.set(other.#data.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** The bytes so far; a view that the next write may replace. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#data.subarray(0, this.length);
  }
}
