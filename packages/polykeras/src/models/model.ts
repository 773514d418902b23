import {
  type Data,
  type NDArray,
  type Shape,
  ArgumentError,
  DisposedError,
  K,
  Tensor,
  formatShape,
  isTensor,
  readValue,
} from "@polykeras/core";
import type { Runner } from "@polykeras/core/internal";
import { type Factory, withoutNew } from "../base/callable.ts";
import { uniqueName } from "../base/names.ts";
import type { HistoryCallback } from "../callbacks/history.ts";
import { type CallContext, currentContext, within } from "../layers/context.ts";
import { callOf } from "../layers/history.ts";
import { Input } from "../layers/input.ts";
import { Layer, type LayerInputs, type LayerOutputs } from "../layers/layer.ts";
import type { Weight } from "../layers/weight.ts";
import { Batches } from "../training/batches.ts";
import type { CompileOptions } from "../training/compile.ts";
import { type Fed, assign, readColumns } from "../training/data.ts";
import type { BatchOptions, EvaluateOptions, FitOptions, PredictOptions } from "../training/options.ts";
import { predictor, runPrediction } from "../training/predict.ts";
import type { Logs } from "../training/programs.ts";
import { TrainingSession, inputSpecs } from "../training/session.ts";
import type { Trainable } from "../training/trainable.ts";
import { evaluateModel, fitModel, runBatch } from "./run.ts";
import { type ModelGraph, replay, trace } from "./graph.ts";
import { type SummaryOptions, summarize } from "./summary.ts";

export interface ModelOptions {
  readonly name?: string;
  readonly trainable?: boolean;
}

type Tensors = Tensor | readonly Tensor[] | { readonly [name: string]: Tensor };

function listOf(tensors: Tensors): readonly Tensor[] {
  if (isTensor(tensors)) return [tensors];
  return Array.isArray(tensors) ? tensors : Object.values(tensors);
}

/**
 * A graph of layers with inputs and outputs, which trains. `Model(inputs, outputs)`; subclasses without inputs
 * override `call` and are built from the first data they see. Source: Keras `Model`.
 */
export class ModelLayer extends Layer implements Trainable {
  /** Set by callbacks to end training after this epoch. */
  stopTraining = false;
  /** The record of the last `fit`. */
  history: HistoryCallback | null = null;
  protected inputList: readonly Tensor[] | null = null;
  protected outputList: readonly Tensor[] | null = null;
  protected outputLabels: readonly string[] | null = null;
  #graph: ModelGraph | null = null;
  #pendingCompile: CompileOptions | null = null;
  #session: TrainingSession | null = null;
  #predictor: Runner | null = null;
  #disposed = false;

  constructor(inputs?: Tensors | null, outputs?: Tensors, options: ModelOptions = {}) {
    super(options);
    if (inputs === undefined || inputs === null) return;
    if (outputs === undefined)
      throw new ArgumentError("Model needs inputs and outputs: Model(inputs, outputs).");
    this.connect(listOf(inputs), listOf(outputs));
    this.graph();
    if (!isTensor(outputs) && !Array.isArray(outputs)) this.outputLabels = Object.keys(outputs);
  }

  override get className(): string {
    return this.constructor === ModelLayer ? "Functional" : this.constructor.name;
  }

  protected override defaultName(): string {
    return this.constructor === ModelLayer ? uniqueName("model") : super.defaultName();
  }

  /** Sets what the model computes; programs of an earlier state are forgotten. */
  protected connect(inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    if (![...inputs, ...outputs].every(isTensor))
      throw new ArgumentError(
        `Model '${this.name}': inputs and outputs must be tensors, such as Input({ shape: [20] }) and a layer's output.`,
      );
    const strange = inputs.find((of) => !K.isPlaceholder(of));
    if (strange)
      throw new ArgumentError(
        `Model '${this.name}': the input '${strange.name}' is computed; inputs must come from Input({ shape }).`,
      );
    this.#graph = null;
    this.#session = null;
    this.inputList = inputs;
    this.outputList = outputs;
    this.#predictor = null;
    this.built = true;
  }

  /** The model's symbolic inputs. Throws ArgumentError while they are unknown. */
  get inputs(): readonly Tensor[] {
    return this.inputList ?? this.#unbuilt();
  }
  get outputs(): readonly Tensor[] {
    return this.outputList ?? this.#unbuilt();
  }
  /** The input of a model with one. */
  get input(): Tensor {
    return this.inputs[0]!;
  }
  /** The output of a model with one. */
  get output(): Tensor {
    return this.outputs[0]!;
  }
  get inputNames(): readonly string[] {
    return this.inputs.map((of) => callOf(of)?.layer.name ?? of.name);
  }
  get outputNames(): readonly string[] {
    const names = this.outputLabels ?? this.outputs.map((of) => callOf(of)?.layer.name ?? of.name);
    const seen = new Map<string, number>();
    return names.map((name) => {
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      return count === 0 ? name : `${name}_${count}`;
    });
  }
  get layers(): readonly Layer[] {
    return this.graph()?.layers ?? super.sublayers();
  }
  /** The calls of layers, traced when they are first needed; null for a model with a `call` of its own. */
  protected graph(): ModelGraph | null {
    if (!this.#graph && this.inputList && this.outputList && this.call === ModelLayer.prototype.call)
      this.#graph = trace(this.inputList, this.outputList, `Model '${this.name}'`);
    return this.#graph;
  }
  protected override sublayers(): readonly Layer[] {
    return this.layers;
  }
  /** The weights of all layers, in the order of the layers. */
  override get weights(): readonly Weight[] {
    return [...new Set(this.layers.flatMap((layer) => layer.weights))];
  }
  #unbuilt(): never {
    throw new ArgumentError(
      `Model '${this.name}' does not know the shape of its inputs yet. Give inputShape (or inputDim) to its first ` +
        `layer, call model.build([null, 20]), or fit it on data.`,
    );
  }

  /** The layer of a name. Throws ArgumentError naming all layers. */
  getLayer(name: string): Layer {
    const found = this.layers.find((layer) => layer.name === name);
    if (found) return found;
    throw new ArgumentError(
      `No such layer: ${name}. Existing layers are: ${this.layers.map((layer) => layer.name).join(", ")}.`,
    );
  }

  override call(inputs: LayerInputs, context: CallContext): LayerOutputs {
    const made = this.run(isTensor(inputs) ? [inputs] : inputs, context);
    return made.length === 1 ? made[0]! : [...made];
  }

  /** The outputs for other inputs: the layers are called again. */
  run(feeds: readonly Tensor[], context: CallContext): readonly Tensor[] {
    if (feeds.length !== this.inputs.length)
      throw new ArgumentError(
        `Model '${this.name}' takes ${this.inputs.length} inputs (${this.inputNames.join(", ")}); it got ${feeds.length}.`,
      );
    const graph = this.graph();
    if (graph) return replay(graph, this.inputs, feeds, this.outputs, context);
    const made = within(context, () => this.call(feeds.length === 1 ? feeds[0]! : feeds, context));
    return isTensor(made) ? [made] : made;
  }

  /** Builds a model that waited for the shape of its inputs: batch axis first, null where unknown. */
  override build(inputShape: Shape): void {
    if (this.inputList) return;
    if (this.call === ModelLayer.prototype.call) this.#unbuilt();
    const input = Input({ batchShape: inputShape, name: `${this.name}_input` });
    const context = currentContext();
    const made = within(context, () => this.call(input, context));
    this.inputList = [input];
    this.outputList = isTensor(made) ? [made] : made;
    this.built = true;
  }

  override ensureBuilt(): void {}

  /**
   * Chooses optimizer, loss and metrics. `loss` and `metrics` are names, functions or instances. Throws
   * ArgumentError for unknown names. Source: Keras `Model.compile`.
   */
  compile(options: CompileOptions = {}): void {
    this.#session = this.inputList ? new TrainingSession(this, options) : null;
    this.#pendingCompile = options;
  }

  #open(): TrainingSession {
    const options = this.#pendingCompile;
    if (!options)
      throw new ArgumentError(
        `Model '${this.name}' is not compiled. You must compile your model before training or testing: ` +
          `model.compile({ optimizer: 'rmsprop', loss: 'mse' }).`,
      );
    this.#session ??= new TrainingSession(this, options);
    return this.#session;
  }

  /** The optimizer of a compiled model. */
  get optimizer(): TrainingSession["compiled"]["optimizer"] {
    return this.#open().compiled.optimizer;
  }

  /** Ready for data: alive, built and compiled. */
  protected session(where: string, x: Fed): TrainingSession {
    this.#prepare(where, x);
    return this.#open();
  }

  #prepare(where: string, x: Fed): void {
    if (this.#disposed)
      throw new DisposedError(
        `Model '${this.name}': ${where} was called after its dispose(). Build the model again.`,
      );
    if (this.inputList) return;
    const [value] = assign(x, ["x"], `${where}: x`);
    const { shape } = readValue(value!, `${where}: x`);
    if (shape.length === 0 || shape.includes(0))
      throw new ArgumentError(
        `${where}: x is empty: its shape is ${formatShape(shape)}. Give at least one sample.`,
      );
    this.build([null, ...(shape.length === 1 ? [1] : shape.slice(1))]);
  }

  /**
   * Trains for some epochs over x and y, whose first axes count samples, and gives the record of losses and
   * metrics. Source: Keras `Model.fit`. Throws before the first step for data that does not fit.
   */
  async fit(x: Fed, y: Fed, options: FitOptions = {}): Promise<HistoryCallback> {
    return fitModel(this, this.session("fit", x), x, y, options);
  }

  /**
   * The loss and metrics over x and y, without training: a list, loss first; a number if there are no metrics;
   * an object by name with `returnDict`. Source: Keras `Model.evaluate`.
   */
  async evaluate(x: Fed, y: Fed, options: EvaluateOptions & { readonly returnDict: true }): Promise<Logs>;
  async evaluate<R extends number | number[] = number[]>(
    x: Fed,
    y: Fed,
    options?: EvaluateOptions,
  ): Promise<R>;
  async evaluate(x: Fed, y: Fed, options: EvaluateOptions = {}): Promise<unknown> {
    const logs = await evaluateModel(this.session("evaluate", x), x, y, options);
    return options.returnDict ? logs : scores(logs);
  }

  /**
   * The outputs for x: an array (samples, ...), a list of them for several outputs. Source: Keras
   * `Model.predict`.
   */
  async predict<R extends NDArray | NDArray[] = NDArray>(x: Fed, options?: PredictOptions): Promise<R>;
  async predict(x: Fed, options: PredictOptions = {}): Promise<unknown> {
    this.#prepare("predict", x);
    const columns = readColumns(x, inputSpecs(this), "predict: x");
    const batches = new Batches(columns, options.batchSize ?? 32);
    const backend = this.#pendingCompile ? await this.#open().backend() : null;
    this.#predictor ??= predictor(this, backend);
    const arrays = await runPrediction(this.#predictor, batches);
    return arrays.length === 1 ? arrays[0] : arrays;
  }

  /** The outputs for one batch. Source: Keras `Model.predict_on_batch`. */
  async predictOnBatch<R extends NDArray | NDArray[] = NDArray>(x: Fed): Promise<R> {
    return this.predict<R>(x, { batchSize: Number.MAX_SAFE_INTEGER });
  }

  /** One training step on one batch; gives what `evaluate` gives. Source: Keras `Model.train_on_batch`. */
  async trainOnBatch<R extends number | number[] | Logs = number[]>(
    x: Fed,
    y: Fed,
    options?: BatchOptions & Pick<FitOptions, "classWeight">,
  ): Promise<R>;
  async trainOnBatch(
    x: Fed,
    y: Fed,
    options: BatchOptions & Pick<FitOptions, "classWeight"> = {},
  ): Promise<unknown> {
    const logs = await runBatch("trainOnBatch", this.session("trainOnBatch", x), x, y, options);
    return options.returnDict ? logs : scores(logs);
  }

  /** The loss and metrics of one batch. Source: Keras `Model.test_on_batch`. */
  async testOnBatch<R extends number | number[] | Logs = number[]>(
    x: Fed,
    y: Fed,
    options?: BatchOptions,
  ): Promise<R>;
  async testOnBatch(x: Fed, y: Fed, options: BatchOptions = {}): Promise<unknown> {
    const logs = await runBatch("testOnBatch", this.session("testOnBatch", x), x, y, options);
    return options.returnDict ? logs : scores(logs);
  }

  /** Prints Keras's table of layers and gives it. Source: Keras `Model.summary`. */
  summary(options: SummaryOptions = {}): string {
    this.inputs.at(0);
    return summarize(this, this.graph(), options);
  }

  override async setWeights(values: readonly (Data | NDArray)[]): Promise<void> {
    this.inputs.at(0);
    await super.setWeights(values);
  }

  /** Lets go of the engine's memory at once. Using the model afterwards is a DisposedError. */
  override dispose(): void {
    this.#disposed = true;
    this.#session?.dispose();
    super.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function scores(logs: Logs): number | number[] {
  const values = Object.values(logs);
  return values.length === 1 ? values[0]! : values;
}

/** `Model(inputs, outputs)`. Source: Keras `Model`. */
export const Model: Factory<typeof ModelLayer> = withoutNew(ModelLayer);
export type Model = ModelLayer;
