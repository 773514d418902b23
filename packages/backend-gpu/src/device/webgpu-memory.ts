import { GpuError } from "../variants.ts";
import { DeviceLostError } from "./device.ts";
import { SharedTensor } from "./shared-tensor.ts";
import { type GpuApiBuffer, type GpuDevice, mapModeRead, usage } from "./webgpu-api.ts";
import { BufferPool, type Pooled } from "./webgpu-pool.ts";

/** How long a refused reading waits for the news that the device is lost, in milliseconds. */
const lossNotice = 1000;

/** Floats in a buffer of the pool. */
export class WebGpuTensor extends SharedTensor {
  readonly memory: WebGpuMemory;
  readonly pooled: Pooled;

  constructor(memory: WebGpuMemory, pooled: Pooled, length: number) {
    super(length, () => memory.pool.give(pooled));
    this.memory = memory;
    this.pooled = pooled;
  }

  read(): Promise<Float32Array> {
    return this.memory.download(this);
  }
}

/** The tensors of one WebGPU device: buffers on it, and the way to and from them. */
export class WebGpuMemory {
  readonly api: GpuDevice;
  readonly pool: BufferPool;
  readonly lost: Promise<string>;
  isLost = false;
  /** What WebGPU reported late: results since then are not to be trusted. */
  #fault: string | null = null;

  constructor(api: GpuDevice) {
    this.api = api;
    this.pool = new BufferPool(api);
    this.lost = api.lost.then(({ reason, message }) => {
      this.isLost = true;
      return message || reason;
    });
    api.onuncapturederror = ({ error }) => (this.#fault ??= error.message);
  }

  tensor(length: number): WebGpuTensor {
    return new WebGpuTensor(this, this.pool.takeFor(length), length);
  }

  upload(data: Float32Array): WebGpuTensor {
    const tensor = this.tensor(data.length);
    this.api.queue.writeBuffer(tensor.pooled.buffer, 0, data);
    return tensor;
  }

  async download({ pooled, length }: WebGpuTensor): Promise<Float32Array> {
    const bytes = length * 4;
    const staging = this.api.createBuffer({ size: bytes, usage: usage.mapRead | usage.copyTarget });
    const encoder = this.api.createCommandEncoder();
    encoder.copyBufferToBuffer(pooled.buffer, 0, staging, 0, bytes);
    this.api.queue.submit([encoder.finish()]);
    try {
      return await this.#mapped(staging, bytes);
    } finally {
      staging.destroy();
    }
  }

  async #mapped(staging: GpuApiBuffer, bytes: number): Promise<Float32Array> {
    try {
      await staging.mapAsync(mapModeRead, 0, bytes);
    } catch (cause) {
      const late = new Promise<string>((resolve) => setTimeout(() => resolve(String(cause)), lossNotice));
      const reason = await Promise.race([this.lost, late]);
      if (this.isLost) throw new DeviceLostError(reason, { cause });
      throw new GpuError(`WebGPU could not read a result: ${this.#fault ?? reason}`, { cause });
    }
    if (this.#fault !== null) throw new GpuError(`WebGPU reported an error: ${this.#fault}`);
    return new Float32Array(staging.getMappedRange(0, bytes).slice(0));
  }
}
