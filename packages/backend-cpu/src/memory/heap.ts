import { Allocator } from "./allocator.ts";

const page = 65536;
const pagesMax = 65536;
/** Kernels may read this many bytes past a storage (never write): the allocator keeps them inside of the memory. */
const guard = 256;

/**
 * A memory of the process, plain or shared with other threads. Growing detaches all typed arrays over a plain one, and
 * leaves those over a shared one too short, so views are taken anew at each use.
 */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly isShared: boolean;
  readonly #allocator: Allocator;
  readonly #scratch = { address: 0, bytes: 0 };
  #buffer: ArrayBuffer;
  #bytes: Uint8Array;
  #words: Int32Array;

  constructor(isShared = false) {
    this.isShared = isShared;
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: pagesMax, shared: isShared });
    this.#buffer = this.memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#words = new Int32Array(this.#buffer);
    this.#allocator = new Allocator(guard, this.#buffer.byteLength - guard);
  }

  #refresh(): void {
    if (this.memory.buffer === this.#buffer) return;
    this.#buffer = this.memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#words = new Int32Array(this.#buffer);
  }

  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  get words(): Int32Array {
    this.#refresh();
    return this.#words;
  }

  /** The address of `size` bytes, a multiple of 64; contents unspecified. Throws RangeError at 4 GiB. */
  allocate(size: number): number {
    let address = this.#allocator.allocate(size);
    if (address === null) {
      const present = this.memory.buffer.byteLength / page;
      // Growth is geometric up to 64 MiB at a time, so that many small requests grow the memory few times.
      const wanted = Math.max(Math.ceil((size + guard) / page) + 1, Math.min(present, 1024));
      const pages = Math.min(wanted, pagesMax - present);
      this.#grow(pages, size);
      this.#allocator.extend(this.memory.buffer.byteLength - guard);
      address = this.#allocator.allocate(size);
      if (address === null) throw outOfMemory(size);
    }
    return address;
  }

  #grow(pages: number, size: number): void {
    try {
      this.memory.grow(pages);
    } catch {
      throw outOfMemory(size);
    }
  }

  free(address: number): void {
    this.#allocator.free(address);
  }

  /** Scratch for whatever runs: runs never overlap, so a heap needs one, as large as the largest. */
  reserve(bytes: number): void {
    const scratch = this.#scratch;
    if (bytes <= scratch.bytes) return;
    if (scratch.address !== 0) this.free(scratch.address);
    // Halfway steps would leave holes; doubling keeps them few.
    scratch.bytes = Math.max(bytes, Math.min(2 * scratch.bytes, bytes + 2 ** 22));
    scratch.address = this.allocate(scratch.bytes);
  }

  get scratch(): number {
    return this.#scratch.address;
  }
}

function outOfMemory(size: number): RangeError {
  return new RangeError(
    `WebAssembly memory cannot hold ${size} more bytes: 4 GiB is its limit. Use a smaller batch, or dispose of buffers.`,
  );
}

const heaps: { plain?: Heap; shared?: Heap } = {};

/** The one heap of the process of either kind, made at first use. */
export function heap(isShared = false): Heap {
  return isShared ? (heaps.shared ??= new Heap(true)) : (heaps.plain ??= new Heap());
}
