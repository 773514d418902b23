/**
 * The ops of which workloads are made, with their attributes. Images are (batch, rows, columns, channels), kernels
 * (rows, columns, channels, filters), padding is "same", strides are 1.
 */
export interface Ops {
  readonly add: None;
  readonly multiply: None;
  readonly addNumber: { readonly value: number };
  readonly multiplyNumber: { readonly value: number };
  readonly relu: None;
  readonly exp: None;
  readonly tanh: None;
  readonly sigmoid: None;
  /** Over the last axis. */
  readonly softmax: None;
  readonly sum: { readonly axes: readonly number[] };
  readonly mean: { readonly axes: readonly number[] };
  /** Products of the last two axes; the leading ones are a batch. `rank` is that of both. */
  readonly matmul: { readonly transposeB: boolean; readonly rank: number };
  /** x . w + b, for x of any rank. */
  readonly dense: { readonly activation: "relu" | null };
  /** x, kernel, bias. */
  readonly convBias: { readonly activation: "relu" | null };
  readonly conv: None;
  /** Windows of 2 x 2, side by side. */
  readonly maxPool: None;
  readonly flatten: None;
  readonly reshape: { readonly shape: readonly number[] };
  readonly transpose: { readonly axes: readonly number[] };
  /** x, gamma, beta; over the last axis, with an epsilon of 1e-3. */
  readonly layerNorm: None;
  /** Rows of a table, by indices. */
  readonly gather: None;
  /** The mean over samples; logits (samples, classes) and labels (samples). */
  readonly crossentropy: { readonly classes: number };
  /** x (samples, time, features), kernel, recurrent kernel, bias; gates i, f, c, o as in Keras. Gives the last output. */
  readonly lstm: { readonly time: number; readonly units: number };
}
type None = Readonly<Record<string, never>>;

export type OpName = keyof Ops;

/** What a library does for each op. */
export type Table<T> = { readonly [O in OpName]: (inputs: readonly T[], attributes: Ops[O]) => T };

/** One op on earlier values: the inputs of the graph come first, then one value for each node. */
export interface Node {
  readonly op: OpName;
  readonly inputs: readonly number[];
  readonly attributes: Ops[OpName];
  /** Does it in a library's way. */
  apply<T>(table: Table<T>, inputs: readonly T[]): T;
}

/** Data that are there before the clock runs: uniform in [low, high), or whole numbers below `high`. */
export interface Input {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
  readonly low: number;
  readonly high: number;
  /** A weight: constant for who runs a trained model, and changed by training. */
  readonly weight: boolean;
  /** How the axes lie, for libraries that want channels first: the rows of a matrix may be a flattened image. */
  readonly layout: "plain" | "image" | "kernel" | { readonly rows: readonly [number, number, number] };
}

/** The last node is the output. As JSON it is plain data, which every language reads. */
export interface Graph {
  readonly inputs: readonly Input[];
  readonly nodes: readonly Node[];
}

/** A value while a graph is built. */
export interface Value {
  readonly id: number;
}

/** Builds a graph: inputs first, then ops. */
export class GraphBuilder {
  readonly #inputs: Input[] = [];
  readonly #nodes: Node[] = [];

  input(shape: readonly number[], options: Partial<Omit<Input, "shape">> = {}): Value {
    const plain = { dtype: "float32", low: -1, high: 1, weight: false, layout: "plain" } as const;
    this.#inputs.push({ ...plain, ...options, shape });
    return { id: this.#inputs.length - 1 };
  }

  /** Small values, as a layer starts with: the last axis but one counts what is summed. */
  weight(shape: readonly number[], layout: Input["layout"] = "plain"): Value {
    const summed = shape.length === 1 ? 100 : shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const limit = Math.sqrt(3 / summed);
    return this.input(shape, { low: -limit, high: limit, weight: true, layout });
  }

  op<O extends OpName>(op: O, inputs: readonly Value[], attributes: Ops[O]): Value {
    this.#nodes.push({
      op,
      inputs: inputs.map(({ id }) => id),
      attributes,
      apply: (table, operands) => table[op](operands, attributes),
    });
    // Inputs may still follow: ids of nodes are settled when the graph is done.
    return { id: -this.#nodes.length };
  }

  graph(): Graph {
    const at = (id: number): number => (id < 0 ? this.#inputs.length - id - 1 : id);
    return {
      inputs: this.#inputs,
      nodes: this.#nodes.map((node) => ({ ...node, inputs: node.inputs.map(at) })),
    };
  }
}

/** The output, from a value for each input. */
export function evaluate<T>({ nodes }: Graph, table: Table<T>, inputs: readonly T[]): T {
  const values = [...inputs];
  for (const node of nodes) {
    const operands = node.inputs.map((id) => take(values, id));
    values.push(node.apply(table, operands));
  }
  return take(values, values.length - 1);
}

/** An element that is there. Throws a RangeError otherwise. */
export function take<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`there is no value ${index} of ${values.length}`);
  return value;
}
