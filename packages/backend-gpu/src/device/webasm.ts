import { type Memory, canCompileWebAssembly } from "@polykeras/core";
import type { Gpu } from "../gpu.ts";
import type { Plan } from "../plan/plan.ts";
import type { Device, DeviceProgram, DeviceTensor, Limits, Running } from "./device.ts";

/** What the tensors of one device hold. */
interface Ledger {
  buffers: number;
  bytes: number;
}

/** Floats in host memory, where gpu.js's WebAssembly mode takes arguments and gives results. */
class HostTensor implements DeviceTensor {
  readonly data: Float32Array;
  readonly #ledger: Ledger;

  constructor(ledger: Ledger, data: Float32Array) {
    this.data = data;
    this.#ledger = ledger;
    ledger.buffers++;
    ledger.bytes += data.byteLength;
  }

  get length(): number {
    return this.data.length;
  }

  read(): Float32Array {
    return this.data.slice();
  }

  free(): void {
    this.#ledger.buffers--;
    this.#ledger.bytes -= this.data.byteLength;
  }
}

/** gpu.js's WebAssembly mode: a program is one of its fused pipelines. */
export class WebAsmDevice implements Device {
  readonly running: Running = { mode: "webasm", executor: "fused-sync", adapter: "WebAssembly SIMD" };
  readonly canBeLost = false;
  readonly limits: Limits = { arguments: Infinity, elements: Infinity, rows: Infinity };
  readonly isLost = false;
  readonly lost: Promise<string> = new Promise(() => {});
  readonly #gpu: Gpu;
  readonly #ledger: Ledger = { buffers: 0, bytes: 0 };

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  get kernels(): number {
    return this.#gpu.kernels;
  }

  available(): true | string {
    return canCompileWebAssembly();
  }

  memory(): Memory {
    return { ...this.#ledger };
  }

  upload(data: Float32Array): HostTensor {
    return new HostTensor(this.#ledger, data);
  }

  compile(plan: Plan, sizes: readonly number[]): DeviceProgram {
    const pipeline = this.#gpu.pipeline(plan, sizes);
    const floats = (tensor: DeviceTensor): Float32Array => {
      if (tensor instanceof HostTensor) return tensor.data;
      throw new TypeError("A program of backend 'gpu:webasm' was given data of another device.");
    };
    return {
      run: async (inputs) => (await pipeline.run(inputs.map(floats))).map((data) => this.upload(data)),
      release: () => pipeline.release(),
    };
  }

  /** Pipelines are shared by all engines of the process. */
  destroy(): void {}
}
