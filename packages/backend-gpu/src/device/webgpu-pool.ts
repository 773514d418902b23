import { Pool, type Resource } from "./pool.ts";
import { type GpuApiBuffer, type GpuDevice, usage } from "./webgpu-api.ts";

/** A storage buffer of the pool. */
export interface Pooled extends Resource {
  readonly id: number;
  readonly buffer: GpuApiBuffer;
}

/**
 * Buffers by size class. A buffer may be taken again as soon as it is given back: the queue runs what is submitted
 * in order.
 */
export class BufferPool extends Pool<Pooled> {
  readonly #device: GpuDevice;
  #ids = 0;

  constructor(device: GpuDevice) {
    // WebGPU keeps a destroyed buffer alive for what was submitted before.
    super(({ buffer }) => buffer.destroy());
    this.#device = device;
  }

  takeFor(length: number): Pooled {
    const bytes = sizeClass(length * 4);
    return this.take(bytes, () => {
      const buffer = this.#device.createBuffer({
        size: bytes,
        usage: usage.storage | usage.copySource | usage.copyTarget,
      });
      return { id: this.#ids++, buffer, key: bytes, bytes };
    });
  }
}

/** 256 bytes, then four classes for each power of two: at most a quarter is not used. */
function sizeClass(bytes: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** Math.floor(Math.log2(bytes - 1)) / 4;
  return Math.ceil(bytes / step) * step;
}
