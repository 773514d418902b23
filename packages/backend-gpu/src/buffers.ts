import {
  type Buffer,
  DisposedError,
  ProgramError,
  type TensorSpec,
  type TypedArray,
  allocate,
  byteLength,
} from "@polykeras/core";

/** What one engine holds. */
export interface Ledger {
  buffers: number;
  bytes: number;
}

/** A tensor between programs. gpu.js in its wasm mode takes arguments and gives results in host memory. */
export class GpuBuffer implements Buffer {
  readonly spec: TensorSpec;
  readonly #ledger: Ledger;
  #data: TypedArray | null;

  /** Takes over `data`, which is of the array class of the dtype. */
  constructor(ledger: Ledger, spec: TensorSpec, data: TypedArray) {
    this.spec = spec;
    this.#ledger = ledger;
    this.#data = data;
    ledger.buffers++;
    ledger.bytes += byteLength(spec);
  }

  get data(): TypedArray {
    if (!this.#data) throw new DisposedError("A buffer of backend 'gpu' was used after its dispose().");
    return this.#data;
  }

  /** The elements as kernels take them. Not to be changed. */
  get floats(): Float32Array {
    const { data } = this;
    return data instanceof Float32Array ? data : Float32Array.from(data);
  }

  read(): TypedArray {
    return this.data.slice();
  }

  write(data: TypedArray): void {
    this.replace(data.slice());
  }

  /** Takes over new elements. */
  replace(data: TypedArray): void {
    if (!this.#data) throw new DisposedError("A variable of backend 'gpu' was written after its dispose().");
    this.#data = data;
  }

  dispose(): void {
    if (!this.#data) return;
    this.#data = null;
    this.#ledger.buffers--;
    this.#ledger.bytes -= byteLength(this.spec);
  }
}

/** Results of kernels in the array class of their dtype. */
export function ofSpec(floats: Float32Array, { dtype }: TensorSpec): TypedArray {
  if (dtype === "float32") return floats;
  const data = allocate(dtype, floats.length);
  data.set(floats);
  return data;
}

/** Refuses buffers of other engines. */
export function own(buffer: Buffer): GpuBuffer {
  if (buffer instanceof GpuBuffer) return buffer;
  throw new ProgramError(
    "Backend 'gpu' was given a buffer of another backend; feed or migrate the data first.",
  );
}
