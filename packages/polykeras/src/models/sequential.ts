import { type Shape, Tensor, ArgumentError, isTensor } from "@polykeras/core";
import { type Factory, withoutNew } from "../base/callable.ts";
import { callOf } from "../layers/history.ts";
import { Input, InputLayer } from "../layers/input.ts";
import { type Layer, isLayer } from "../layers/layer.ts";
import { type ModelOptions, ModelLayer } from "./model.ts";

/**
 * A stack of layers, each fed by the one before. The first says the shape of its input (`inputShape`,
 * `inputDim`), or is an Input; else the model is built from the first data. Source: Keras `Sequential`.
 */
export class SequentialModel extends ModelLayer {
  #stack: Layer[] = [];

  constructor(layers: readonly (Layer | Tensor)[] = [], options: ModelOptions = {}) {
    super(null, undefined, options);
    for (const layer of layers) this.add(layer);
  }

  override get className(): string {
    return "Sequential";
  }

  /** Puts a layer on top. Throws ArgumentError for anything else, or for a name that is taken. */
  add(layer: Layer | Tensor): void {
    if (isTensor(layer)) {
      const call = callOf(layer);
      if (!(call?.layer instanceof InputLayer) || this.#stack.length > 0)
        throw new ArgumentError(
          `Sequential '${this.name}': of tensors only Input({ shape }) can be added, and only as the first.`,
        );
      this.connect([layer], [layer]);
      return;
    }
    if (!isLayer(layer))
      throw new ArgumentError(
        `Sequential '${this.name}': the added layer must be a Layer, such as Dense(64); got ${String(layer)}.`,
      );
    if (this.#stack.some(({ name }) => name === layer.name))
      throw new ArgumentError(
        `Sequential '${this.name}': all layers should have unique names; '${layer.name}' is there already. ` +
          `Give it another: Dense(64, { name: 'hidden' }).`,
      );
    this.#stack.push(layer);
    if (!this.inputList && layer.batchInputShape && this.#stack.length === 1)
      this.#start(layer, layer.batchInputShape);
    if (this.outputList) this.#extend(layer);
  }

  /** Takes the last layer away. */
  pop(): void {
    if (!this.#stack.pop()) throw new ArgumentError(`Sequential '${this.name}': there are no layers to pop.`);
    if (!this.inputList) return;
    const [input] = this.inputs;
    this.connect([input!], [input!]);
    for (const layer of this.#stack) this.#extend(layer);
  }

  override get layers(): readonly Layer[] {
    return this.#stack;
  }

  override build(inputShape: Shape): void {
    if (this.inputList) return;
    const [first] = this.#stack;
    if (!first) throw new ArgumentError(`Sequential '${this.name}' has no layers; add some first.`);
    this.#start(first, inputShape);
    for (const layer of this.#stack) this.#extend(layer);
  }

  #start(first: Layer, batchShape: Shape): void {
    const input = Input({ batchShape, name: `${first.name}_input`, dtype: first.dtype });
    this.connect([input], [input]);
  }

  #extend(layer: Layer): void {
    this.connect(this.inputs, [layer(this.output)]);
  }
}

/** `Sequential([Dense(64, { inputDim: 20 }), ...])`. Source: Keras `Sequential`. */
export const Sequential: Factory<typeof SequentialModel> = withoutNew(SequentialModel);
export type Sequential = SequentialModel;
