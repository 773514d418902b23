import { type TypedArray, type Update, type Variable, K, Tensor, allocate, sizeOf } from "@polykeras/core";
import { type MaybePromise, build, sequence, shapeOf, slice, squeeze, stamp } from "@polykeras/core/internal";
import { weigh } from "../losses/loss.ts";

/** Values per sample, or a scalar, from targets and predictions. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/**
 * A number that gathers over the batches of an epoch. Its state is variables that the step's program updates, so
 * nothing is downloaded before someone looks. Source: Keras `metrics.Metric`.
 */
export abstract class Metric {
  readonly name: string;
  readonly #variables: { readonly variable: Variable; readonly initial: TypedArray }[] = [];

  constructor(options: { readonly name?: string } = {}) {
    this.name = options.name ?? "metric";
  }

  /** State of one number or of a shape, reset at the beginning of each epoch. */
  protected addVariable(name: string, initial = 0, shape: readonly number[] = []): Variable {
    // Half precision could not count beyond 2048.
    const dtype = K.floatx() === "float16" ? "float32" : K.floatx();
    const data = allocate(dtype, sizeOf(shape)).fill(initial);
    const variable = K.variable({ data, shape }, { dtype, name: `${this.name}/${name}:0` });
    this.#variables.push({ variable, initial: data });
    return variable;
  }

  get variables(): readonly Variable[] {
    return this.#variables.map(({ variable }) => variable);
  }

  /** New values of the state after a batch. */
  abstract updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor | null): Update[];

  /** The number so far, a scalar. */
  abstract result(): Tensor;

  /** The number from the values of `variables`, for metrics that need no program to tell it; else null. */
  resultOf(_values: readonly TypedArray[]): number | null {
    return null;
  }

  /** Starts again; at once on engines that answer at once. */
  resetState(): MaybePromise<void> {
    return sequence(this.#variables, ({ variable, initial }) => variable.state.write(initial));
  }
}
stamp(Metric, "Metric");

/** A weighted mean: total / count, 0 before the first value. Source: Keras `metrics.Mean`. */
export class MeanMetric extends Metric {
  readonly total: Variable;
  readonly count: Variable;

  constructor(options: { readonly name?: string } = {}) {
    super(options);
    this.total = this.addVariable("total");
    this.count = this.addVariable("count");
  }

  /** Adds one number that stands for `weight` samples. */
  add(value: Tensor, weight: Tensor): Update[] {
    const { total, count } = this;
    const [of, by] = [K.cast(value, total.dtype), K.cast(weight, total.dtype)];
    return [K.updateAdd(total, of.multiply(by)), K.updateAdd(count, by)];
  }

  /** Adds every element of `values`, weighted by sample. */
  addAll(values: Tensor, sampleWeight: Tensor | null): Update[] {
    const { total, count } = this;
    const of = K.cast(values, total.dtype);
    if (!sampleWeight) return [K.updateAdd(total, K.sum(of)), K.updateAdd(count, elements(of))];
    const weights = weigh(K.onesLike(of), sampleWeight);
    return [K.updateAdd(total, K.sum(of.multiply(weights))), K.updateAdd(count, K.sum(weights))];
  }

  override updateState(
    values: Tensor,
    _unused?: Tensor | null,
    sampleWeight: Tensor | null = null,
  ): Update[] {
    return this.addAll(values, sampleWeight);
  }

  override resultOf([total, count]: readonly TypedArray[]): number | null {
    if (this.result !== MeanMetric.prototype.result) return null;
    const [sum, weight] = [total![0]!, count![0]!];
    const mean = weight === 0 ? 0 : sum / weight;
    return this.total.dtype === "float64" ? mean : Math.fround(mean);
  }

  /** 0 / 0 counts as 0, as Keras's div_no_nan. */
  override result(): Tensor {
    const { total, count } = this;
    return total.divide(K.maximum(count, 1e-30)).multiply(K.cast(K.notEqual(count, 0), count.dtype));
  }
}

/** The mean of a function's values. Source: Keras `metrics.MeanMetricWrapper`. */
export class MeanMetricWrapper extends MeanMetric {
  readonly #body: MetricFunction;

  constructor(body: MetricFunction, options: { readonly name?: string } = {}) {
    super({ name: body.name || "metric", ...options });
    this.#body = body;
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight: Tensor | null = null): Update[] {
    return this.addAll(this.#body(yTrue, yPred), sampleWeight);
  }
}

/** The number of elements, known once shapes are. */
function elements(x: Tensor): Tensor {
  return x.shape.reduce(
    (size: Tensor, _, axis) => size.multiply(K.cast(dimension(x, axis), size.dtype)),
    K.constant(1, { dtype: x.dtype }),
  );
}

/** One dimension of x as an int32 scalar. */
export function dimension(x: Tensor, axis: number): Tensor {
  const part = build(slice, [shapeOf(x.node)], { begin: [axis], size: [1], strides: [1] });
  return new Tensor(build(squeeze, [part], { axes: [0] }));
}
