import { type Program, type Step, type ValueId, specOf, storageOf } from "@polykeras/core";
import { findKernel } from "../kernels.ts";
import type { Elementwise, Known, Sign } from "../kernels/rule.ts";

/** So far back facts are followed. */
const depthMax = 4;

/** What is known of the elements of values, from the steps that make them. It is asked where a cheaper rule hangs on it. */
export class Signs {
  readonly #program: Program;
  #makers: Map<ValueId, Step> | null = null;

  constructor(program: Program) {
    this.#program = program;
  }

  /** The rule that the step's operands allow. */
  ruleOf(rule: Elementwise, step: Step): Elementwise {
    if (!rule.nonPositive) return rule;
    return this.#of(step.inputs[0]!, depthMax) === "nonPositive" ? rule.nonPositive : rule;
  }

  #maker(id: ValueId): Step | undefined {
    const { steps } = this.#program;
    this.#makers ??= new Map(steps.flatMap((step) => step.outputs.map((output) => [output, step] as const)));
    return this.#makers.get(storageOf(this.#program, id));
  }

  #of(id: ValueId, depth: number): Sign {
    if (!specOf(this.#program, id).dtype.startsWith("float")) return "any";
    const step = this.#maker(id);
    if (!step) return this.#ofConstant(id);
    const kernel = findKernel(step.op);
    if (kernel?.kind !== "elementwise" || !kernel.sign || depth === 0) return "any";
    const known: Known = {
      sign: (operand) => this.#of(step.inputs[operand]!, depth - 1),
      isAtMost: (a, b) => this.#bounds(step.inputs[a]!, step.inputs[b]!),
    };
    return kernel.sign(known);
  }

  #ofConstant(id: ValueId): Sign {
    const root = storageOf(this.#program, id);
    const data = this.#program.constants.find(({ value }) => value === root)?.data;
    if (data?.length !== 1) return "any";
    return data[0]! <= 0 ? "nonPositive" : data[0]! >= 0 ? "nonNegative" : "any";
  }

  /** Whether `bound` is an upper bound over some axes of `id`, which it still has, with one element. */
  #bounds(id: ValueId, bound: ValueId): boolean {
    const step = this.#maker(bound);
    const kernel = step && findKernel(step.op);
    if (kernel?.kind !== "reduction" || !kernel.isUpperBound || step?.inputs[0] !== id) return false;
    const axes = kernel.axes(step.attributes);
    const { shape } = specOf(this.#program, id);
    const kept = specOf(this.#program, bound).shape;
    return kept.length === shape.length && kept.every((dim, i) => dim === (axes.includes(i) ? 1 : shape[i]));
  }
}
