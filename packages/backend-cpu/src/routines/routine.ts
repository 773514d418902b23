import { type Attributes, type TensorSpec, sizeOf } from "@polykeras/core";
import type { Bounds } from "../choices.ts";
import type { Target } from "../emit/expression.ts";
import { storedBytes } from "../emit/lanes.ts";

/** A step as a routine sees it: all inputs and outputs stand in order, one element after the other. */
export interface Request {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly attributes: Attributes;
  readonly choices: Bounds;
}

/**
 * A function with loops of its own. Its parameters, all i32: the address of each input and output, then `numbers`,
 * then, where there are any, the addresses of the scratch, of the shared scratch, and of the fault.
 */
export interface Code {
  /** Determines what `emit` emits. */
  readonly key: string;
  /** What programs that share the code may differ in: row counts, most often. */
  readonly numbers: readonly number[];
  /** Bytes needed beside inputs and outputs while it runs. */
  readonly scratchBytes?: number;
  /** Bytes needed beside them that all units share: each writes a part, which `finish` reads. */
  readonly sharedBytes?: number;
  /** A function of the same parameters that runs when all units are done. */
  readonly finish?: Pick<Code, "key" | "emit">;
  /** The output may stand where the first input does, whose elements are then changed in their place. */
  readonly overwrites?: boolean;
  /** Where the first of `numbers` counts units that are computed apart: how each tensor moves, and what one costs. */
  readonly units?: Units;
  /** Says what happened where the routine has set its fault: a word that is not 0, then the value that did not fit. */
  readonly fault?: (value: number) => string;
  readonly emit: (target: Target) => void;
}

/** Units of work, such as images or rows: the routine can run on some of them as on all. */
export interface Units {
  /** Bytes from one unit to the next in each input and output; 0 for those that all units share. */
  readonly steps: readonly number[];
  /** What is added to each of `numbers` from one unit to the next, but for the first; 0 where this is left out. */
  readonly numberSteps?: readonly number[];
  /** Bytes from one unit to the next in the shared scratch. */
  readonly sharedStep?: number;
  /** Estimated time of one, in nanoseconds on one thread. */
  readonly time: number;
  /** Estimated time that each run costs beside its units. */
  readonly overhead?: number;
}

/** Bytes of an element of the first axis: an image of a batch. */
export function bytesOfFirst({ shape, dtype }: TensorSpec): number {
  return sizeOf(shape.slice(1)) * storedBytes(dtype);
}

/** Whether images are whole vectors, or need not be: rounding halves at the end of one would touch the next. */
export function areApart({ shape, dtype }: TensorSpec): boolean {
  return dtype !== "float16" || sizeOf(shape.slice(1)) % 4 === 0;
}

/** Estimated time of reading or writing so many elements one by one, as windows and indices make it necessary. */
export const elementTime = 0.3;

/** The code for a step. It is called once per compiled step; `emit` only where no earlier module has the code. */
export type Routine = (request: Request) => Code;

/** How many parameters the function has. */
export function parameterCount({ numbers, scratchBytes, sharedBytes, fault }: Code, tensors: number): number {
  return tensors + numbers.length + (scratchBytes ? 1 : 0) + (sharedBytes ? 1 : 0) + (fault ? 1 : 0);
}

/** Zeros for an output that stands after so many inputs. */
export function zeros({ shape, dtype }: TensorSpec, inputs: number): Code {
  return {
    key: `zeros:${inputs}`,
    numbers: [sizeOf(shape) * storedBytes(dtype)],
    emit: ({ code }) =>
      code
        .get(inputs)
        .i32(0)
        .get(inputs + 1)
        .memoryFill(),
  };
}
