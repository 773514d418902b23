import { type Program, type Step, type ValueId, sizeOf, specOf } from "@polykeras/core";
import { findKernel } from "../kernels.ts";

/** How a value comes about: from steps that stand where they stand, or from what is given alone. */
const given = 1;
const number = 2;
const array = 3;

/**
 * The steps in an order in which updates of variables become one loop each. What follows from variables and feeds alone
 * can be computed at any time: numbers for loops, such as a learning rate, come first of all, and arrays, such as a
 * moment that decays, right before the first step that reads them; there they join the loop that has the gradient.
 */
export function schedule(program: Program): readonly Step[] {
  if (program.updates.length === 0) return program.steps;
  return new Schedule(program).order;
}

/** This runs over every step of a program before it is compiled for the first time: by index, without closures. */
class Schedule {
  readonly order: Step[] = [];
  readonly #program: Program;
  /** By value; 0 for what follows from other steps. */
  readonly #states: Uint8Array;
  readonly #waiting: (Step | undefined)[] = [];

  constructor(program: Program) {
    const { steps, inputs, constants, values } = program;
    this.#program = program;
    this.#states = new Uint8Array(values.length);
    for (let i = 0; i < inputs.length; i++) this.#states[inputs[i]!.value] = given;
    for (let i = 0; i < constants.length; i++) this.#states[constants[i]!.value] = given;
    for (let i = 0; i < steps.length; i++) this.#states[steps[i]!.outputs[0]!] = this.#stateOf(steps[i]!);
    const early = this.#numbersOfLoops();
    for (let i = 0; i < steps.length; i++) if (early[i] === 1) this.order.push(steps[i]!);
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      const output = step.outputs[0]!;
      if (this.#states[output] === array) this.#waiting[output] = step;
      else if (early[i] === 0) this.#place(step);
    }
    // What only updates and outputs read is still to be made.
    for (let i = 0; i < steps.length; i++)
      if (this.#waiting[steps[i]!.outputs[0]!] !== undefined) this.#place(steps[i]!);
  }

  #storage(id: ValueId): ValueId {
    return this.#program.values[id]!.viewOf ?? id;
  }

  #isNumber(id: ValueId): boolean {
    return sizeOf(specOf(this.#program, id).shape) === 1;
  }

  #stateOf({ op, inputs, outputs }: Step): number {
    let state = number;
    for (let i = 0; i < inputs.length; i++) {
      const from = this.#states[this.#storage(inputs[i]!)]!;
      if (from === 0) return 0;
      if (from === array) state = array;
    }
    const kind = findKernel(op)?.kind;
    if (kind !== "elementwise" && kind !== "cast" && kind !== "layout") return 0;
    return this.#isNumber(outputs[0]!) ? state : array;
  }

  /** 1 for each step that makes a number that arrays are computed with, or one that such a number follows from. */
  #numbersOfLoops(): Uint8Array {
    const { steps, values } = this.#program;
    const isRead = new Uint8Array(values.length);
    const early = new Uint8Array(steps.length);
    for (let at = steps.length - 1; at >= 0; at--) {
      const { inputs, outputs } = steps[at]!;
      const output = outputs[0]!;
      if (isRead[output] === 1 && this.#states[output] === number) early[at] = 1;
      else if (this.#isNumber(output)) continue;
      for (let i = 0; i < inputs.length; i++) isRead[this.#storage(inputs[i]!)] = 1;
    }
    return early;
  }

  /** Adds a step to the order, behind those that wait and that it needs. */
  #place(last: Step): void {
    const path = [last];
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const needed = this.#needed(step);
      if (needed) path.push(needed);
      else {
        path.pop();
        this.#waiting[step.outputs[0]!] = undefined;
        this.order.push(step);
      }
    }
  }

  #needed({ inputs }: Step): Step | undefined {
    for (let i = 0; i < inputs.length; i++) {
      const step = this.#waiting[this.#storage(inputs[i]!)];
      if (step) return step;
    }
    return undefined;
  }
}
