import { type MaybePromise, type Memory, PolykerasError } from "@polykeras/core";
import type { Plan } from "../plan/plan.ts";
import type { Mode } from "../variants.ts";

/** Floats on a device. Who made or was given one frees it once. */
export interface DeviceTensor {
  readonly length: number;
  /** A copy on the host, after the work that makes the data. Rejects with DeviceLostError when it went with the device. */
  read(): MaybePromise<Float32Array>;
  free(): void;
}

/** A plan that a device has compiled. Who runs it frees the results: one for each of the plan's that is not null. */
export interface DeviceProgram {
  run(inputs: readonly DeviceTensor[]): MaybePromise<readonly DeviceTensor[]>;
  /** Lets go of the plan's constants; its kernels stay a while for programs that share them. */
  release(): void;
}

/** What kernels may ask for. */
export interface Limits {
  /** Arrays that one kernel reads. */
  readonly arguments: number;
  /** Elements of one tensor. */
  readonly elements: number;
  /** Threads along the second axis of a kernel's output. */
  readonly rows: number;
}

/** What really runs. */
export interface Running {
  readonly mode: Mode;
  /** How the kernels of a program are run. */
  readonly executor: string;
  /** The device's own words about itself. */
  readonly adapter: string;
}

/** One place where kernels run. A lost device makes no new tensors, and `lost` has said why. */
export interface Device {
  readonly running: Running;
  readonly limits: Limits;
  readonly canBeLost: boolean;
  readonly isLost: boolean;
  /** Resolves with the reason when the device is lost, never otherwise. */
  readonly lost: Promise<string>;
  /** True, or why nothing can run on it, where that shows before anything is compiled. */
  available?(): true | string;
  /** Takes over `data`, which nobody may change afterwards. */
  upload(data: Float32Array): DeviceTensor;
  compile(plan: Plan, sizes: readonly number[]): MaybePromise<DeviceProgram>;
  /** All that is allocated, of tensors and for reuse. */
  memory(): Memory;
  /** Kernels that are compiled. */
  readonly kernels: number;
  destroy(): MaybePromise<void>;
}

/** Data that went with a lost device. */
export class DeviceLostError extends PolykerasError {
  override readonly name = "DeviceLostError";
}
