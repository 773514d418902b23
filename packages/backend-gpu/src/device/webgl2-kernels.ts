import { GpuError } from "../variants.ts";
import type { KernelClass } from "./gpu-js.ts";
import { KernelCache } from "./kernel-cache.ts";
import type { Argument } from "./webgl2-argument.ts";
import { KernelGraveyard, type WebGl2Kernel, buildKernel, runKernel } from "./webgl2-kernel.ts";
import { type WebGl2Memory, WebGl2Tensor } from "./webgl2-memory.ts";

/** The kernels of one context. Those that no program uses are kept up to a limit. */
export class WebGl2Kernels {
  readonly memory: WebGl2Memory;
  readonly #canvas: object;
  readonly #kernelClass: KernelClass;
  readonly #cache: KernelCache<WebGl2Kernel>;
  readonly #graveyard: KernelGraveyard;

  constructor(memory: WebGl2Memory, canvas: object, Kernel: KernelClass, idleKernels: number) {
    this.memory = memory;
    this.#canvas = canvas;
    this.#kernelClass = Kernel;
    this.#graveyard = new KernelGraveyard(memory.gl);
    this.#cache = new KernelCache(idleKernels, (kernel) => this.#graveyard.destroy(kernel));
  }

  get size(): number {
    return this.#cache.size;
  }

  /** The kernel of a source for arguments of these layouts, and the key to release it by. */
  take(
    source: string,
    output: readonly number[],
    values: readonly Argument[],
  ): { key: string; kernel: WebGl2Kernel } {
    const layouts = values.map(({ type, output: [length] }) => `${type}${length}`);
    const key = `${output.join()}|${layouts.join()}|${source}`;
    const kernel = this.#cache.take(key, () => {
      const { gl } = this.memory;
      const made = buildKernel(gl, this.#canvas, this.#kernelClass, source, output, values);
      this.#graveyard.sweep();
      return made;
    });
    if (kernel instanceof Promise) throw new GpuError("WebGL2 kernels are built at once.");
    return { key, kernel };
  }

  release(keys: Iterable<string>): void {
    if (!this.memory.gl.isContextLost()) this.#cache.release(keys);
  }

  /** Runs a kernel; the result is the caller's. */
  run(kernel: WebGl2Kernel, values: readonly Argument[]): WebGl2Tensor {
    const texture = this.memory.pool.takeFor(kernel.size, kernel.packed);
    runKernel(kernel, texture, values);
    return new WebGl2Tensor(this.memory, texture, kernel.length);
  }
}
