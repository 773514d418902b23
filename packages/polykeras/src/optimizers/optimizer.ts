import { type Tensor, type Update, type Variable, ArgumentError, K, allocate, sizeOf } from "@polykeras/core";
import { stamp } from "@polykeras/core/internal";
import { checkNumber } from "../base/check.ts";
import type { Weight } from "../layers/weight.ts";
import { clipGradients } from "./clip.ts";
import { type LearningRateSchedule, isSchedule, rateTensor } from "./learning-rate.ts";

/** What every optimizer takes. */
export interface OptimizerOptions {
  readonly learningRate?: number | LearningRateSchedule;
  readonly name?: string;
  /** The largest norm of each variable's gradient. */
  readonly clipnorm?: number;
  /** The largest magnitude of a gradient's elements. */
  readonly clipvalue?: number;
  /** The largest norm of all gradients together. */
  readonly globalClipnorm?: number;
  /** Before each step every weight shrinks by learningRate * weightDecay of itself. */
  readonly weightDecay?: number;
}

/** What a rule needs to know of the step: scalars of the variable's dtype. */
export interface StepState {
  readonly learningRate: Tensor;
  /** Steps taken before this one. */
  readonly iteration: Tensor;
}

/** A variable's next value, and those of its slots. */
export interface VariableStep {
  readonly value: Tensor;
  readonly slots: readonly Tensor[];
}

/**
 * The base of optimizers: a rule for one variable, from its gradient and slots. The whole step is graph, so that
 * it becomes part of the training program. Source: Keras 2.15 `optimizers.Optimizer`.
 */
export abstract class Optimizer {
  readonly name: string;
  /** Change it with `K.setValue(optimizer.learningRate, 0.01)`; a schedule stays as it is. */
  readonly learningRate: Variable | LearningRateSchedule;
  /** Steps taken so far. */
  readonly iterations: Variable;
  readonly #options: OptimizerOptions;
  readonly #slots = new Map<Weight, readonly Variable[]>();

  constructor(className: string, defaultRate: number, options: OptimizerOptions) {
    this.name = options.name ?? className;
    this.#options = options;
    const rate = options.learningRate ?? defaultRate;
    this.learningRate = isSchedule(rate)
      ? rate
      : K.variable(checkNumber(`${className}: learningRate`, rate, 0), { name: "learning_rate:0" });
    this.iterations = K.variable(0, { dtype: "int32", name: "iteration:0" });
    for (const name of ["clipnorm", "clipvalue", "globalClipnorm"] as const)
      if (options[name] !== undefined && !(options[name] > 0))
        throw new ArgumentError(`${className}: ${name} must be a number > 0; got ${options[name]}.`);
    if (options.clipnorm !== undefined && options.globalClipnorm !== undefined)
      throw new ArgumentError(`${className}: give clipnorm or globalClipnorm, not both.`);
  }

  /** Names and first values of the variables kept beside each weight. */
  protected abstract slotNames(): readonly (readonly [name: string, initial: number])[];

  /** The rule. Slots come in the order of `slotNames`. */
  protected abstract step(
    weight: Tensor,
    gradient: Tensor,
    slots: readonly Tensor[],
    state: StepState,
  ): VariableStep;

  /** Updates for one training step: clip, decay, rule, constraint, then the count of steps. */
  updates(weights: readonly Weight[], gradients: readonly Tensor[]): Update[] {
    const clipped = clipGradients(gradients, this.#options);
    const scalars = new Map<string, StepState>();
    const updates: Update[] = [];
    for (const [i, weight] of weights.entries()) {
      let state = scalars.get(weight.dtype);
      if (!state) {
        const iteration = K.cast(this.iterations, weight.dtype);
        state = { iteration, learningRate: rateTensor(this.learningRate, iteration) };
        scalars.set(weight.dtype, state);
      }
      const slots = this.slotsOf(weight);
      const { weightDecay } = this.#options;
      const from = weightDecay
        ? weight.subtract(weight.multiply(weightDecay).multiply(state.learningRate))
        : weight;
      const next = this.step(from, clipped[i]!, slots, state);
      updates.push([weight, weight.constraint ? weight.constraint(next.value) : next.value]);
      for (const [k, slot] of slots.entries()) updates.push([slot, next.slots[k]!]);
    }
    updates.push(K.updateAdd(this.iterations, 1));
    return updates;
  }

  /** Everything that a checkpoint of the optimizer holds. */
  get variables(): readonly Variable[] {
    const rate = isSchedule(this.learningRate) ? [] : [this.learningRate];
    return [this.iterations, ...rate, ...[...this.#slots.values()].flat()];
  }

  protected slotsOf(weight: Weight): readonly Variable[] {
    let slots = this.#slots.get(weight);
    if (!slots) {
      slots = this.slotNames().map(([name, initial]) =>
        K.variable(
          {
            data: allocate(weight.dtype, sizeOf(weight.shape)).fill(initial),
            shape: weight.shape,
          },
          { dtype: weight.dtype, name: `${this.name}/${name}/${weight.name}` },
        ),
      );
      this.#slots.set(weight, slots);
    }
    return slots;
  }

  /** Lets go of what is kept beside some weights, which are no longer trained. */
  release(weights: readonly Weight[]): void {
    for (const weight of weights) {
      for (const slot of this.#slots.get(weight) ?? []) slot.dispose();
      this.#slots.delete(weight);
    }
  }

  /** Lets go of the engine's memory. */
  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }
}
stamp(Optimizer, "Optimizer");
