import { numberKey } from "@polykeras/core";
import type { DataId, KernelConfig, KernelFunc, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { Started } from "./load.ts";
import { type Computed, elements } from "./storage.ts";
import { TfjsError, type Traits } from "./variants.ts";

/** Values of one element type for `write`. */
type Values = Float32Array | Int32Array | Uint8Array;
type Attrs = NonNullable<Parameters<KernelFunc>[0]["attrs"]>;
type Inputs = Readonly<Record<string, TensorInfo>> | readonly TensorInfo[];

/**
 * One engine of TensorFlow.js, called by kernel and by memory: neither its tape, its scopes nor its global
 * backend take part, so that engines work side by side and with what the program does in TensorFlow.js itself.
 */
export class Session {
  readonly traits: Traits;
  readonly #started: Started;
  readonly #kernels = new Map<string, KernelConfig>();
  readonly #scalars = new Map<string, TensorInfo>();

  constructor(started: Started, traits: Traits) {
    this.#started = started;
    this.traits = traits;
  }

  /** Runs a kernel of the engine. The result is a new reference, which the caller frees. */
  run(name: string, inputs: Inputs, attrs: Attrs = {}): TensorInfo {
    let kernel = this.#kernels.get(name);
    if (!kernel) {
      kernel = this.#started.tf.getKernel(name, this.#started.registered);
      if (!kernel)
        throw new TfjsError(`TensorFlow.js's '${this.#started.registered}' has no kernel ${name}.`);
      this.#kernels.set(name, kernel);
    }
    if (!isNamed(inputs)) throw new TfjsError(`Kernel ${name} was called without inputs.`);
    const output = kernel.kernelFunc({ inputs, attrs, backend: this.#started.memory });
    const [first] = Array.isArray(output) ? output : [output];
    if (!first) throw new TfjsError(`Kernel ${name} of '${this.#started.registered}' gave no output.`);
    return first;
  }

  /** Engine memory with these values, which it takes over. */
  write(values: Values, shape: readonly number[], dtype: Computed): TensorInfo {
    const dims = [...shape];
    return { dataId: this.#started.memory.write(values, dims, dtype), shape: dims, dtype };
  }

  /** What the memory holds, at once; not to be changed. For synchronous engines. */
  read(of: { readonly dataId: DataId }): Values {
    return elements(this.#started.memory.readSync(of.dataId));
  }

  /** As `read`, once the work that makes the data is done. */
  async readLater(of: { readonly dataId: DataId }): Promise<Values> {
    return elements(await this.#started.memory.read(of.dataId));
  }

  free(of: { readonly dataId: DataId }): void {
    this.#started.memory.disposeData(of.dataId);
  }

  /** How many pieces of memory the engine holds, those of other users included. */
  get pieces(): number {
    return this.#started.memory.numDataIds();
  }

  /** A scalar that stays on the engine. Never freed by kernels. */
  scalar(value: number, dtype: Computed): TensorInfo {
    const key = `${dtype}${numberKey(value)}`;
    let made = this.#scalars.get(key);
    if (!made) {
      const array = dtype === "float32" ? Float32Array : dtype === "int32" ? Int32Array : Uint8Array;
      made = this.write(array.of(value), [], dtype);
      this.#scalars.set(key, made);
    }
    return made;
  }

  /** Frees the scalars. */
  dispose(): void {
    for (const scalar of this.#scalars.values()) this.free(scalar);
    this.#scalars.clear();
  }
}

/** TensorFlow.js types inputs as a map of names, and passes `Concat` an array under this type: both have names. */
function isNamed(inputs: Inputs): inputs is Inputs & NamedTensorInfoMap {
  return typeof inputs === "object";
}
