import { type Backend, ArgumentError } from "@polykeras/core";
import { checkOptions } from "../base/check.ts";
import { type Loss, type LossFunction, type LossName, get as lossOf } from "../losses/index.ts";
import type { MetricLike } from "../metrics/index.ts";
import { type Optimizer, type OptimizerName, get as optimizerOf } from "../optimizers/index.ts";

type LossLike = LossName | LossFunction | Loss;
type PerOutput<T> = T | readonly T[] | { readonly [output: string]: T };

export interface CompileOptions {
  /** 'rmsprop' by default. */
  readonly optimizer?: OptimizerName | Optimizer;
  /** One for all outputs, a list in their order, or an object by output name. */
  readonly loss?: PerOutput<LossLike | null>;
  /** How much each output's loss counts. */
  readonly lossWeights?: readonly number[] | { readonly [output: string]: number };
  /** For all outputs, or lists by output name. They ignore sample weights. */
  readonly metrics?:
    | readonly MetricLike[]
    | { readonly [output: string]: MetricLike | readonly MetricLike[] };
  /** As metrics; they count sample weights. */
  readonly weightedMetrics?:
    | readonly MetricLike[]
    | { readonly [output: string]: MetricLike | readonly MetricLike[] };
  /** The engine for this model, by name or as a module, whatever is in force elsewhere. */
  readonly backend?: string | object;
}

/** What compile decided, per output. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly losses: readonly (Loss | null)[];
  readonly exact: readonly boolean[];
  readonly lossWeights: readonly number[];
  readonly metrics: readonly (readonly MetricLike[])[];
  readonly weightedMetrics: readonly (readonly MetricLike[])[];
  readonly backend: string | object | null;
  opened: Backend | null;
}

const names = ["optimizer", "loss", "lossWeights", "metrics", "weightedMetrics", "backend"] as const;

/** Checks the options of compile. Throws ArgumentError naming what is unknown. */
export function readCompile(options: CompileOptions, outputs: readonly string[], where: string): Compiled {
  checkOptions(where, options, names);
  const losses = spread<LossLike>(options.loss ?? null, outputs, `${where}: loss`);
  return {
    optimizer: optimizerOf(options.optimizer ?? "rmsprop"),
    losses: losses.map((of) => (of === null ? null : lossOf(of))),
    exact: losses.map((of) => typeof of === "string"),
    lossWeights: spread<number>(options.lossWeights ?? 1, outputs, `${where}: lossWeights`).map(
      (of) => of ?? 1,
    ),
    metrics: perOutput(options.metrics ?? [], outputs, `${where}: metrics`),
    weightedMetrics: perOutput(options.weightedMetrics ?? [], outputs, `${where}: weightedMetrics`),
    backend: options.backend ?? null,
    opened: null,
  };
}

/** A setting for each output: the same for all, in order, or by name. */
function spread<T>(value: PerOutput<T | null>, outputs: readonly string[], where: string): (T | null)[] {
  if (isList(value)) {
    if (value.length !== outputs.length)
      throw new ArgumentError(
        `${where}: ${value.length} given for ${outputs.length} outputs (${outputs.join(", ")}).`,
      );
    return [...value];
  }
  if (isByName(value)) return byName(value, outputs, where).map((of) => of ?? null);
  return outputs.map(() => value);
}

function perOutput(
  value: NonNullable<CompileOptions["metrics"]>,
  outputs: readonly string[],
  where: string,
): (readonly MetricLike[])[] {
  if (!isList(value)) {
    if (!isByName(value))
      throw new ArgumentError(`${where} is a list, such as ['accuracy'], or an object by output name.`);
    return byName(value, outputs, where).map((of) => (of === undefined ? [] : isList(of) ? of : [of]));
  }
  return outputs.map(() => value);
}

function isList<T, U>(value: U | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function isByName<T>(value: unknown): value is { readonly [output: string]: T } {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function byName<T>(
  value: { readonly [output: string]: T },
  outputs: readonly string[],
  where: string,
): (T | undefined)[] {
  const unknown = Object.keys(value).filter((name) => !outputs.includes(name));
  if (unknown.length > 0)
    throw new ArgumentError(
      `${where}: the model has no output ${unknown.join(", ")}; its outputs are ${outputs.join(", ")}.`,
    );
  return outputs.map((name) => value[name]);
}
