import { GpuError } from "../variants.ts";

/** What this package uses of a kernel of gpu.js 2.24.1 beyond its documented interface. */
export interface InternalKernel {
  readonly built: boolean;
  /** Of a WebGPU kernel: the WGSL, the layout of its parameters, the threads of a workgroup, floats per thread. */
  readonly compiledSource: string;
  readonly paramsLayout: { readonly byteLength: number };
  readonly workgroupSize: readonly number[];
  readonly componentCount: number;
  /** Of a WebGL2 kernel. */
  readonly returnType: string;
  texSize: Int32Array;
  texture: { texture: WebGLTexture } | null;
  buffer: WebGLBuffer | null;
  /** Says that `texture` is another than in the last run. */
  _textureSwitched: boolean;
  checkTextureSize: () => void;
  getFragmentShader: (...values: unknown[]) => string;
  /** The part of a WebGPU kernel's build that needs a device. */
  _buildAsync: () => Promise<void>;
  build(...values: unknown[]): unknown;
  run(...values: unknown[]): unknown;
  destroy(): void;
}

export interface KernelClass {
  readonly mode?: string;
  readonly isSupported: boolean;
  new (source: string, settings: Readonly<Record<string, unknown>>): InternalKernel;
}

/** The classes of kernels that gpu.js exports without types. Throws GpuError when this is another gpu.js. */
export function kernelClass(library: object, name: "WebGL2Kernel" | "WebGPUKernel"): KernelClass {
  const found: unknown = Reflect.get(library, name);
  if (isKernelClass(found)) return found;
  throw new GpuError(`This gpu.js has no ${name}; @polykeras/backend-gpu needs gpu.js 2.24.1.`);
}

function isKernelClass(value: unknown): value is KernelClass {
  return typeof value === "function" && "isSupported" in value;
}

/** Settings of every kernel: loops end where the source says, and indices have full precision. */
export const commonSettings: Readonly<Record<string, unknown>> = {
  precision: "single",
  tactic: "precision",
  loopMaxIterations: 2 ** 31 - 1,
};
