import { channelsFirst, dataOf } from "../workloads/data.ts";
import { type Graph, type Table, evaluate, take } from "../workloads/graph.ts";
import { type Message, encode } from "./protobuf.ts";

type Attribute = number | readonly number[] | { readonly float: number };

/** A graph as a model in ONNX's format, with weights as constants in it; images and kernels have channels first. */
export class OnnxModel {
  readonly #nodes: Message[] = [];
  readonly #constants = new Map<string, Message>();
  readonly #used = new Set<string>();
  readonly #graph: Graph;
  #names = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** The bytes of the file. Values that are no weights are its inputs, by the names `in0`, `in1` and so on. */
  bytes(): Uint8Array {
    const values = this.#graph.inputs.map((input, place) => {
      if (!input.weight) return `in${place}`;
      const { data, shape } = channelsFirst(dataOf(input, place), input);
      return this.#constant(data, shape);
    });
    const output = evaluate(this.#graph, this.#table, values);
    this.#node("Identity", [output], ["out"], {});
    const inputs = this.#graph.inputs.flatMap((input, place) => {
      const { shape } = channelsFirst(new Float32Array(0), input);
      return input.weight ? [] : [valueInfo(`in${place}`, input.dtype === "int32" ? 6 : 1, shape)];
    });
    const graph: Message = [
      ...this.#nodes.map((of) => [1, of] as const),
      [2, "bench"],
      ...[...this.#used].flatMap((name) => {
        const of = this.#constants.get(name);
        return of ? [[5, of] as const] : [];
      }),
      ...inputs.map((of) => [11, of] as const),
      [12, valueInfo("out", 1, null)],
    ];
    // Version 8 of the format, version 17 of the operators.
    return encode([
      [1, 8],
      [7, graph],
      [
        8,
        [
          [1, ""],
          [2, 17],
        ],
      ],
    ]);
  }

  readonly #table: Table<string> = {
    add: (at) => this.#op("Add", at),
    multiply: (at) => this.#op("Mul", at),
    addNumber: ([x = ""], { value }) => this.#op("Add", [x, this.#constant(new Float32Array([value]), [])]),
    multiplyNumber: ([x = ""], { value }) =>
      this.#op("Mul", [x, this.#constant(new Float32Array([value]), [])]),
    relu: (at) => this.#op("Relu", at),
    exp: (at) => this.#op("Exp", at),
    tanh: (at) => this.#op("Tanh", at),
    sigmoid: (at) => this.#op("Sigmoid", at),
    softmax: (at) => this.#op("Softmax", at, { axis: -1 }),
    sum: ([x = ""], { axes }) => this.#op("ReduceSum", [x, this.#whole(axes)], { keepdims: 0 }),
    mean: ([x = ""], { axes }) => this.#op("ReduceMean", [x], { axes, keepdims: 0 }),
    matmul: ([a = "", b = ""], { transposeB, rank }) => {
      const axes = Array.from({ length: rank - 2 }, (_, axis) => axis);
      const turned = transposeB ? this.#op("Transpose", [b], { perm: [...axes, rank - 1, rank - 2] }) : b;
      return this.#op("MatMul", [a, turned]);
    },
    dense: ([x = "", w = "", b = ""], { activation }) =>
      this.#activate(this.#op("Add", [this.#op("MatMul", [x, w]), b]), activation),
    conv: (at) => this.#op("Conv", at, { pads: [1, 1, 1, 1] }),
    convBias: (at, { activation }) =>
      this.#activate(this.#op("Conv", at, { pads: [1, 1, 1, 1] }), activation),
    maxPool: (at) => this.#op("MaxPool", at, { kernel_shape: [2, 2], strides: [2, 2] }),
    flatten: (at) => this.#op("Flatten", at, { axis: 1 }),
    reshape: ([x = ""], { shape }) => this.#op("Reshape", [x, this.#whole(shape)]),
    transpose: (at, { axes }) => this.#op("Transpose", at, { perm: axes }),
    layerNorm: (at) => this.#op("LayerNormalization", at, { axis: -1, epsilon: { float: 1e-3 } }),
    gather: (at) => this.#op("Gather", at, { axis: 0 }),
    crossentropy: () => {
      throw new Error("ONNX Runtime takes part in inference alone");
    },
    lstm: (at, { units }) => this.#lstm(take(at, 0), units),
  };

  #activate(x: string, activation: "relu" | null): string {
    return activation === null ? x : this.#op("Relu", [x]);
  }

  /** Time comes first, weights are transposed, gates are i, o, f, c, and the recurrent kernel has a bias as well. */
  #lstm(x: string, units: number): string {
    const [kernel, recurrent, bias] = [1, 2, 3].map((place) => {
      const input = take(this.#graph.inputs, place);
      const rows = input.shape.length === 1 ? 1 : (input.shape[0] ?? 1);
      const data = dataOf(input, place);
      const turned = new Float32Array(data.length);
      for (const [gate, from] of [0, 3, 1, 2].entries())
        for (let unit = 0; unit < units; unit += 1)
          for (let row = 0; row < rows; row += 1)
            turned[(gate * units + unit) * rows + row] = data[row * 4 * units + from * units + unit] ?? 0;
      return turned;
    });
    if (!kernel || !recurrent || !bias) throw new RangeError("an LSTM has three weights");
    const features = kernel.length / (4 * units);
    const both = new Float32Array(8 * units);
    both.set(bias);
    const inputs = [
      this.#op("Transpose", [x], { perm: [1, 0, 2] }),
      this.#constant(kernel, [1, 4 * units, features]),
      this.#constant(recurrent, [1, 4 * units, units]),
      this.#constant(both, [1, 8 * units]),
    ];
    const last = this.#name();
    this.#node("LSTM", inputs, ["", last], { hidden_size: units });
    return this.#op("Squeeze", [last, this.#whole([0])]);
  }

  #op(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = this.#name();
    this.#node(type, inputs, [output], attributes);
    return output;
  }

  #node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    for (const name of inputs) this.#used.add(name);
    this.#nodes.push([
      ...inputs.map((name) => [1, name] as const),
      ...outputs.map((name) => [2, name] as const),
      [4, type],
      ...Object.entries(attributes).map(([name, value]) => [5, attribute(name, value)] as const),
    ]);
  }

  #whole(values: readonly number[]): string {
    return this.#constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  #constant(data: Float32Array | Int32Array | BigInt64Array, shape: readonly number[]): string {
    const name = this.#name();
    const type = data instanceof Float32Array ? 1 : data instanceof Int32Array ? 6 : 7;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#constants.set(name, [...shape.map((size) => [1, size] as const), [2, type], [8, name], [9, bytes]]);
    return name;
  }

  #name(): string {
    this.#names += 1;
    return `v${this.#names}`;
  }
}

function attribute(name: string, value: Attribute): Message {
  if (typeof value === "number")
    return [
      [1, name],
      [3, value],
      [20, 2],
    ];
  if ("float" in value)
    return [
      [1, name],
      [2, value],
      [20, 1],
    ];
  return [[1, name], ...value.map((item) => [8, item] as const), [20, 7]];
}

function valueInfo(name: string, type: number, shape: readonly number[] | null): Message {
  const dims = shape?.map((size): readonly [number, Message] => [1, [[1, size]]]);
  return [
    [1, name],
    [2, [[1, [[1, type], ...(dims ? [[2, dims] as const] : [])]]]],
  ];
}
