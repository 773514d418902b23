import type { Bench, Contender } from "../bench.ts";
import { inProcess } from "../processes.ts";

function network(layers: number, task: "train" | "infer", widths: "alike" | "different"): Contender {
  const what = task === "train" ? "training step" : "inference";
  const name = `polykeras cpu, ${layers} layers, ${what}${widths === "alike" ? "" : ", all different"}`;
  const url = new URL("../programs/compile.ts", import.meta.url);
  return inProcess(name, url, [String(layers), widths, task], { KERAS_BACKEND: "cpu" });
}

/** Whether the time to compile grows with the graph, and no faster. */
export const compile: Bench = {
  name: "compile",
  title: "Compiling deep networks",
  description:
    "Convolutions of 3 x 3 with bias and relu, every fifth normalised by its batch, pooling after each quarter, a dense " +
    "layer; a training step has Adam. In a new process: the front end (building the graph, gradients, passes), the " +
    "engine's compiling of the program, and what the first run takes more than the second, in which V8 compiles " +
    "functions when they are called. `warm` is another network of as many layers, in the same process. In all " +
    "different ones each layer has a width of its own, so that none shares another's code. Best / median.",
  measures: [
    { key: "frontEnd", title: "front end", unit: "ms", ratio: false },
    { key: "compile", title: "compile", unit: "ms", ratio: false },
    { key: "first", title: "first run", unit: "ms", ratio: false },
    { key: "perLayer", title: "front end and compile, per layer", unit: "ms", ratio: false },
    { key: "warmFrontEnd", title: "front end, warm", unit: "ms", ratio: false },
    { key: "warmCompile", title: "compile, warm", unit: "ms", ratio: false },
    { key: "steps", title: "steps of the program", unit: "", ratio: false },
  ],
  contenders: () => [
    ...[10, 20, 40, 60, 120].map((layers) => network(layers, "train", "alike")),
    ...[10, 20, 40, 60, 120].map((layers) => network(layers, "infer", "alike")),
    ...[30, 60, 120].map((layers) => network(layers, "train", "different")),
  ],
};
