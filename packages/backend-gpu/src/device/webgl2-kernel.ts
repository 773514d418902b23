import { functionsOf } from "../emit/power2.ts";
import { GpuError } from "../variants.ts";
import { type InternalKernel, type KernelClass, commonSettings } from "./gpu-js.ts";
import type { Argument } from "./webgl2-argument.ts";
import { withFetches } from "./webgl2-source.ts";
import { type Texture, squareSize } from "./webgl2-textures.ts";

/** A kernel of gpu.js that renders into textures it is given. */
export interface WebGl2Kernel {
  readonly kernel: InternalKernel;
  readonly size: Int32Array;
  /** True for a kernel that gives four floats per thread. */
  readonly packed: boolean;
  /** Floats of the result. */
  readonly length: number;
}

/** Builds a kernel for arguments of these sizes and formats, which become part of its source. */
export function buildKernel(
  gl: WebGL2RenderingContext,
  canvas: object,
  Kernel: KernelClass,
  source: string,
  output: readonly number[],
  values: readonly Argument[],
): WebGl2Kernel {
  const kernel = new Kernel(source, {
    ...commonSettings,
    output: [...output],
    argumentTypes: values.map(({ type }) => type),
    functions: [...functionsOf(source)],
    context: gl,
    canvas,
    validate: true,
    pipeline: true,
    immutable: false,
  });
  const threads = output.reduce((product, dim) => product * dim, 1);
  // One layout for all results of a length: a matrix may have more rows than a texture.
  kernel.checkTextureSize = () => (kernel.texSize = squareSize(threads));
  const written = kernel.getFragmentShader;
  kernel.getFragmentShader = (...given) =>
    withFetches(written.apply(kernel, given), source, output, squareSize(threads)[0]!, values.length);
  kernel.build(...values);
  const texture = kernel.texture?.texture;
  if (!kernel.built || !texture) throw new GpuError("gpu.js did not build a kernel for WebGL2.");
  gl.deleteTexture(texture);
  const packed = kernel.returnType === "Array(4)";
  return { kernel, size: kernel.texSize, packed, length: threads * (packed ? 4 : 1) };
}

/** Renders the kernel's result into `target`. */
export function runKernel({ kernel }: WebGl2Kernel, target: Texture, values: readonly Argument[]): void {
  // gpu.js attaches the texture to its framebuffer, and takes it for its own as long as the kernel runs.
  kernel.texture!.texture = target.texture;
  // oxlint-disable-next-line no-underscore-dangle -- gpu.js calls it so
  kernel._textureSwitched = true;
  kernel.run(...values);
}

/**
 * Destroys kernels and keeps what others still draw from. gpu.js binds the vertices of the kernel it built last
 * for all of them, and deletes them with that kernel: from then on every kernel draws nothing, so that its results
 * are those of an earlier run. So vertices are deleted only once a later kernel has been built.
 */
export class KernelGraveyard {
  readonly #gl: WebGL2RenderingContext;
  #vertices: WebGLBuffer[] = [];

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  destroy({ kernel }: WebGl2Kernel): void {
    if (kernel.buffer) this.#vertices.push(kernel.buffer);
    kernel.buffer = null;
    // Its texture is a tensor's.
    kernel.texture = null;
    kernel.destroy();
  }

  /** To be called after a kernel was built. */
  sweep(): void {
    for (const buffer of this.#vertices) this.#gl.deleteBuffer(buffer);
    this.#vertices = [];
  }
}
