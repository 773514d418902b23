import { type Shape, formatShape } from "@polykeras/core";
import type { Layer } from "../layers/layer.ts";
import type { ModelGraph } from "./graph.ts";
import type { ModelLayer } from "./model.ts";

export interface SummaryOptions {
  /** The width of the table, 65 or 98 by default. */
  readonly lineLength?: number;
  /** Takes each line instead of standard output. */
  readonly printFn?: (line: string) => void;
}

/** Not a plain chain: the table then says what is connected to what. */
function isChain(graph: ModelGraph): boolean {
  const uses = new Map<unknown, number>();
  for (const { inputs, layer } of graph.calls) {
    if (inputs.length > 1) return false;
    for (const input of inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
    uses.set(layer, (uses.get(layer) ?? 0) + 1);
  }
  return [...uses.values()].every((count) => count === 1);
}

function pythonShape(shape: Shape): string {
  return formatShape(shape).replaceAll("null", "None");
}

/** Keras 2.15's table. Source: Keras `utils.layer_utils.print_summary`. */
export function summarize(model: ModelLayer, of: ModelGraph | null, options: SummaryOptions): string {
  const graph = of ?? { calls: [], layers: model.layers };
  const chain = of === null || model.className === "Sequential" || isChain(graph);
  const length = options.lineLength ?? (chain ? 65 : 98);
  const ends = (chain ? [0.45, 0.85, 1] : [0.3, 0.6, 0.7, 1]).map((part) => Math.floor(length * part));
  const heads = ["Layer (type)", "Output Shape", "Param #", ...(chain ? [] : ["Connected to"])];
  const lines = [`Model: "${model.name}"`, "_".repeat(length), ...row(heads, ends), "=".repeat(length)];
  const listed = model.layers;
  for (const layer of listed) {
    const first = graph.calls.find((call) => call.layer === layer);
    const outputs = first?.outputs.map(({ shape }) => pythonShape(shape)) ?? [];
    const bare = outputs.length === 1 && layer.className !== "InputLayer";
    const shape = of === null ? "multiple" : bare ? outputs[0]! : `[${outputs.join(", ")}]`;
    const name = `${layer.name} (${layer.className})`;
    const fields = [name, shape, String(layer.countParams())];
    const from = chain ? [] : [connections(graph, layer)];
    lines.push(...row([...fields, ...from], ends), " ".repeat(length));
  }
  lines.push("=".repeat(length), ...totals(model), "_".repeat(length));
  for (const line of lines) (options.printFn ?? print)(line);
  return lines.join("\n");
}

function print(line: string): void {
  console.log(line);
}

function connections(graph: ModelGraph, layer: Layer): string {
  const makers = new Map(
    graph.calls.flatMap((call) => call.outputs.map((output, index) => [output, { call, index }] as const)),
  );
  const names = graph.calls
    .filter((call) => call.layer === layer)
    .flatMap(({ inputs }) => inputs)
    .map((input) => {
      const maker = makers.get(input);
      if (!maker) return input.name;
      const node = graph.calls.filter((call) => call.layer === maker.call.layer).indexOf(maker.call);
      return `'${maker.call.layer.name}[${node}][${maker.index}]'`;
    });
  return `[${names.join(", ")}]`;
}

/** One row of the table, in as many lines as its longest field needs. */
function row(fields: readonly string[], ends: readonly number[]): string[] {
  const rest = [...fields];
  const lines: string[] = [];
  while (rest.some((field) => field !== "")) {
    let line = "";
    for (const [column, field] of rest.entries()) {
      const end = ends[column]!;
      const isLast = column === ends.length - 1;
      const width = end - (ends[column - 1] ?? 0) - (isLast ? 0 : 3);
      const cut = breakAt(field, width);
      line = `${line}${column === 0 ? " " : ""}${field.slice(0, cut)}${isLast ? "" : "  "}`.padEnd(end);
      rest[column] = field.slice(cut);
    }
    lines.push(line);
  }
  return lines;
}

/** Where a field goes on in the next line: after the first end of a tuple or name that fits, else at the width. */
function breakAt(field: string, width: number): number {
  const fits = field.slice(0, width);
  const ends = ["),", "},", "],", "',"].map((end) => fits.indexOf(end)).filter((at) => at >= 0);
  return ends.length > 0 ? Math.min(...ends) + 2 : width;
}

function totals(model: ModelLayer): string[] {
  const count = (of: ModelLayer["weights"]): [number, number] => {
    let [elements, bytes] = [0, 0];
    for (const { shape, dtype } of of) {
      const size = shape.reduce((a, b) => a * b, 1);
      elements += size;
      bytes += size * (dtype === "float64" ? 8 : dtype === "float16" ? 2 : 4);
    }
    return [elements, bytes];
  };
  const show = (label: string, of: ModelLayer["weights"]): string => {
    const [elements, bytes] = count(of);
    return `${label}: ${elements} (${formatBytes(bytes)})`;
  };
  return [
    show("Total params", model.weights),
    show("Trainable params", model.trainableWeights),
    show("Non-trainable params", model.nonTrainableWeights),
  ];
}

/** `21.75 KB`. Source: Keras `layer_utils.readable_memory_size`. */
function formatBytes(bytes: number): string {
  const units = ["Byte", "KB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)} ${units[unit]}`;
}
