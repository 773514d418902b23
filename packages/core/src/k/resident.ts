import type { Buffer } from "../backend/contract.ts";
import { NDArray } from "../tensor/ndarray.ts";
import type { TensorSpec } from "../tensor/spec.ts";

const collected = new FinalizationRegistry<Buffer>((buffer) => buffer.dispose());

/** A result that stayed on the engine. `using` or `dispose()` lets go of it; forgotten ones are collected. */
export class Resident {
  readonly spec: TensorSpec;
  readonly #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.spec = buffer.spec;
    collected.register(this, buffer, this);
  }

  /** The values on the host. Throws DisposedError after `dispose()`. */
  async read(): Promise<NDArray> {
    return new NDArray(await this.#buffer.read(), this.spec.shape, this.spec.dtype);
  }

  dispose(): void {
    collected.unregister(this);
    this.#buffer.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
