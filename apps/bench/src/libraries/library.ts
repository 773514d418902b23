import type { Case } from "../workloads/case.ts";

/** A case that is ready to run: data are where the library keeps them. */
export interface Prepared {
  /** Does the work once; done when it returns, or when its promise is fulfilled. What it makes it lets go of again. */
  readonly run: () => void | Promise<void>;
  /**
   * Does the work for the first time, and gives the root mean square of all that was computed (of a training step: the
   * loss), so that libraries can be compared.
   */
  readonly check: () => Promise<number>;
  readonly dispose: () => void;
}

/** The library is not made for the case. */
export interface LeftOut {
  readonly leftOut: string;
}

/** What is raced: everything a library needs to run a case. */
export interface Library {
  /** Throws what the library throws where it fails at what it should be able to do. */
  readonly prepare: (of: Case) => Prepared | LeftOut | Promise<Prepared | LeftOut>;
}

/** Of all elements together. */
export function rootMeanSquare(arrays: readonly ArrayLike<number>[]): number {
  let [sum, count] = [0, 0];
  for (const array of arrays) {
    for (let i = 0; i < array.length; i += 1) sum += (array[i] ?? 0) ** 2;
    count += array.length;
  }
  return Math.sqrt(sum / count);
}

/** The learning rate of Adam in all libraries; its other numbers are those of the paper, and 1e-7. */
export const learningRate = 0.001;
