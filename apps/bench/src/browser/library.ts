import type { Task } from "./tasks.ts";

/** A task on a device, where its data are already. */
export interface Work {
  /** Has the device do it once more. */
  run(): void | Promise<void>;
  /** Reads what was made last, which waits until the device has done everything before. */
  result(): Promise<ArrayLike<number>>;
}

/** A library on one of its engines. */
export interface Library {
  prepare(task: Task): Promise<Work>;
  /** Takes training steps of the MLP demo on one batch of 128 samples; every step gives its loss and accuracy. */
  trainer(): (steps: number) => Promise<void>;
}
