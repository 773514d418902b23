import type { Instruction, Loop, Reference } from "../plan/group.ts";
import { castLanes } from "./cast.ts";
import type { Target } from "./expression.ts";
import { type Lanes, apply, constantLanes, release } from "./lanes.ts";

/** Gives the operand of that index at the present position of the loop. */
export type LoadOperand = (index: number) => Lanes;

/** Emits a loop's body once, for four elements, and releases every register after its last use. */
export class Body {
  readonly #target: Target;
  readonly #loop: Loop;
  readonly #operandUses: number[];
  readonly #resultUses: number[];

  constructor(target: Target, loop: Loop) {
    this.#target = target;
    this.#loop = loop;
    this.#operandUses = loop.operands.map(() => 0);
    this.#resultUses = loop.body.map(() => 0);
    const count = (reference: Reference): void => {
      if (reference.kind === "operand") this.#operandUses[reference.index]!++;
      if (reference.kind === "result") this.#resultUses[reference.index]!++;
    };
    for (const { inputs } of loop.body) for (const input of inputs) count(input);
    for (const { from } of loop.stores) count(from);
    for (const { from } of loop.reductions) count(from);
  }

  /** `random` gives the lanes of drawn values; `sink` gets every store and reduction in order, with its lanes. */
  run(load: LoadOperand, random: () => Lanes, sink: (index: number, lanes: Lanes) => void): void {
    const { code } = this.#target;
    const operandUses = [...this.#operandUses];
    const resultUses = [...this.#resultUses];
    const operands: Lanes[] = [];
    const results: Lanes[] = [];
    const resolve = (reference: Reference): Lanes => {
      if (reference.kind === "constant") return constantLanes(code, reference.value, reference.dtype);
      if (reference.kind === "operand") return (operands[reference.index] ??= load(reference.index));
      return results[reference.index]!;
    };
    const used = (reference: Reference): void => {
      if (reference.kind === "operand" && --operandUses[reference.index]! === 0)
        release(code, operands[reference.index]!);
      if (reference.kind === "result" && --resultUses[reference.index]! === 0)
        release(code, results[reference.index]!);
    };
    for (const instruction of this.#loop.body) {
      const i = results.length;
      results[i] = instruction.rule === "random" ? random() : this.#instruction(instruction, resolve);
      for (const input of instruction.inputs) used(input);
      if (resultUses[i] === 0) release(code, results[i]);
    }
    // All stores come after the last load: a variable that is updated in place is read before.
    const sinks = [...this.#loop.stores, ...this.#loop.reductions];
    const lanes: Lanes[] = [];
    for (const { from } of sinks) lanes.push(resolve(from));
    for (let i = 0; i < sinks.length; i++) {
      sink(i, lanes[i]!);
      used(sinks[i]!.from);
    }
  }

  #instruction(
    { rule, inputs, inputTypes, dtype }: Instruction,
    resolve: (reference: Reference) => Lanes,
  ): Lanes {
    const lanes = inputs.map(resolve);
    if (rule === "cast") return castLanes(this.#target, lanes[0]!, inputTypes[0]!, dtype);
    if (rule === "random") throw new RangeError("Random bits are drawn by the loop.");
    return apply(this.#target, rule, lanes, dtype);
  }
}
