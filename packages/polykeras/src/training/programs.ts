import { type Tensor, type Update, ArgumentError, K } from "@polykeras/core";
import {
  type Backend,
  type MaybePromise,
  Runner,
  all,
  chain,
  readUpdates,
  sequence,
} from "@polykeras/core/internal";
import { type Metric, get as metricOf } from "../metrics/index.ts";
import { MeanMetric, dimension } from "../metrics/metric.ts";
import type { Column } from "./column.ts";
import type { Compiled } from "./compile.ts";
import type { Trainable } from "./trainable.ts";

/** Names and values of the loss and the metrics. */
export type Logs = Record<string, number>;

interface Scorer {
  readonly metric: Metric;
  readonly output: number;
  readonly weighted: boolean;
}

/**
 * The programs of a compiled model for targets of given shapes: one training step, one evaluation step, each a
 * single program that also moves the metrics' state, and one that computes the metrics.
 */
export class Programs {
  readonly names: readonly string[];
  readonly #model: Trainable;
  readonly #compiled: Compiled;
  readonly #targets: readonly (Column | null)[];
  readonly #weighted: readonly boolean[];
  readonly #backend: Backend | null;
  readonly #total = new MeanMetric({ name: "loss" });
  readonly #perOutput: readonly MeanMetric[];
  readonly #scorers: readonly Scorer[];
  #train: Runner | null = null;
  #test: Runner | null = null;
  #results: Runner | null = null;

  /** `weights` says which outputs have sample weights. */
  constructor(
    model: Trainable,
    compiled: Compiled,
    targets: readonly (Column | null)[],
    weighted: readonly boolean[],
    backend: Backend | null,
  ) {
    this.#model = model;
    this.#compiled = compiled;
    this.#targets = targets;
    this.#weighted = weighted;
    this.#backend = backend;
    const several = model.outputs.length > 1;
    this.#perOutput = several
      ? model.outputNames.map((name) => new MeanMetric({ name: `${name}_loss` }))
      : [];
    const scorers = (of: Compiled["metrics"], isWeighted: boolean): Scorer[] =>
      targets.flatMap((target, output) =>
        (target ? of[output]! : []).map((like) => ({
          metric: metricOf(like, shapeOf(target!), model.outputs[output]!.shape),
          output,
          weighted: isWeighted,
        })),
      );
    this.#scorers = [...scorers(compiled.metrics, false), ...scorers(compiled.weightedMetrics, true)];
    const name = ({ metric, output }: Scorer): string =>
      several ? `${model.outputNames[output]}_${metric.name}` : metric.name;
    const scored = this.#perOutput.filter((_, i) => compiled.losses[i]);
    this.names = unique(["loss", ...scored.map((of) => of.name), ...this.#scorers.map(name)]);
  }

  /** Runs one batch: forward, backward, optimizer, metrics. Feeds: inputs, targets, sample weights. */
  get train(): Runner {
    this.#train ??= this.#step(true);
    return this.#train;
  }

  /** Runs one batch forward and moves the metrics. */
  get test(): Runner {
    this.#test ??= this.#step(false);
    return this.#test;
  }

  get #metrics(): readonly Metric[] {
    const scored = this.#perOutput.filter((_, i) => this.#compiled.losses[i]);
    return [this.#total, ...scored, ...this.#scorers.map(({ metric }) => metric)];
  }

  /** Before an epoch. */
  reset(): MaybePromise<void> {
    return sequence([...new Set(this.#metrics)], (metric) => metric.resetState());
  }

  /** The loss and metrics so far. */
  results(): MaybePromise<Logs> {
    const metrics = this.#metrics;
    const reads = metrics.map((metric) => all(metric.variables.map(({ state }) => state.read())));
    return chain(all(reads), (states) => {
      const known = metrics.map((metric, i) => metric.resultOf(states[i]!));
      return known.every((value) => value !== null) ? this.#logs(known) : this.#computed();
    });
  }

  /** For metrics whose number takes a program: all of them, in one download. */
  #computed(): MaybePromise<Logs> {
    this.#results ??= new Runner(
      {
        placeholders: [],
        outputs: [K.stack(this.#metrics.map((metric) => K.cast(metric.result(), metricDType()))).node],
        updates: [],
      },
      this.#backend,
    );
    return chain(this.#results.run([]), ([buffer]) =>
      chain(buffer!.read(), (values) => {
        buffer!.dispose();
        return this.#logs(Array.from(values));
      }),
    );
  }

  #logs(values: readonly number[]): Logs {
    return Object.fromEntries(this.names.map((name, i) => [name, values[i]!]));
  }

  /** Lets go of the metrics' state. */
  dispose(): void {
    for (const metric of [...this.#metrics, ...this.#perOutput])
      for (const variable of metric.variables) variable.dispose();
  }

  #step(training: boolean): Runner {
    const model = this.#model;
    const feeds = model.inputs.map((input, i) =>
      K.placeholder({ shape: input.shape, dtype: input.dtype, name: model.inputNames[i]! }),
    );
    const targets = this.#targets.map(
      (of) => of && K.placeholder({ shape: shapeOf(of), dtype: of.dtype, name: `${of.name}_target` }),
    );
    const weights = this.#targets.map((of, i) =>
      of && this.#weighted[i]
        ? K.placeholder({
            shape: [null],
            dtype: of.dtype === "float64" ? "float64" : "float32",
            name: `${of.name}_sample_weight`,
          })
        : null,
    );
    const updates: Update[] = [];
    const penalties: Tensor[] = [];
    const predictions = model.run(feeds, {
      training,
      addUpdate: (update) => updates.push(update),
      addLoss: (loss) => penalties.push(loss),
    });
    const loss = this.#loss(predictions, targets, weights, penalties, updates);
    for (const { metric, output, weighted } of this.#scorers)
      updates.push(
        ...metric.updateState(targets[output]!, predictions[output]!, weighted ? weights[output]! : null),
      );
    if (training) updates.push(...this.#optimize(loss));
    const placeholders = [...feeds, ...targets, ...weights].filter((of) => of !== null);
    return new Runner(
      {
        placeholders: placeholders.map(({ node }) => node),
        outputs: [],
        updates: readUpdates(updates),
      },
      this.#backend,
    );
  }

  /** The scalar to minimise; adds what the loss's metrics gather. Source: Keras 2.15 `LossesContainer`. */
  #loss(
    predictions: readonly Tensor[],
    targets: readonly (Tensor | null)[],
    weights: readonly (Tensor | null)[],
    penalties: readonly Tensor[],
    updates: Update[],
  ): Tensor {
    const { losses, lossWeights } = this.#compiled;
    const batch = dimension(predictions[0]!, 0);
    const terms: Tensor[] = [];
    for (const [i, prediction] of predictions.entries()) {
      const target = targets[i];
      const loss = losses[i];
      if (!loss || !target) continue;
      const value = loss.reduce(target, prediction, weights[i] ?? null);
      const mine = this.#perOutput[i];
      if (mine) updates.push(...mine.add(value, batch));
      terms.push(lossWeights[i] === 1 ? value : value.multiply(lossWeights[i]!));
    }
    for (const weight of this.#model.weights) if (weight.regularizer) terms.push(weight.regularizer(weight));
    const [first, ...rest] = [...terms, ...penalties];
    const total = rest.reduce((sum, term) => sum.add(K.cast(term, sum.dtype)), first!);
    updates.push(...this.#total.add(total, batch));
    return total;
  }

  #optimize(loss: Tensor): Update[] {
    const { trainableWeights } = this.#model;
    const gradients = K.gradients(loss, trainableWeights);
    const moved = trainableWeights.filter((_, i) => gradients[i]);
    if (moved.length === 0)
      throw new ArgumentError(
        `Model '${this.#model.name}': No gradients provided for any variable; the loss depends on none of ` +
          `${trainableWeights.map(({ name }) => name).join(", ") || "its weights (it has no trainable ones)"}.`,
      );
    return this.#compiled.optimizer.updates(
      moved,
      gradients.filter((of) => of !== null),
    );
  }
}

function metricDType(): "float32" | "float64" {
  return K.floatx() === "float64" ? "float64" : "float32";
}

/** A column's shape with the batch axis open. */
function shapeOf(of: Column): (number | null)[] {
  return [null, ...of.shape.slice(1)];
}

/** Names made different by a number, as Keras does for metrics of one name. */
function unique(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  });
}
