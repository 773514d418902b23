import { useBackend } from "@polykeras/core";
import type { NDArray } from "@polykeras/core";
import { now } from "../timing.ts";
import { type DeepCnn, deepCnn } from "./deep-cnn.ts";
import { loadEngine } from "./engine.ts";
import { type Within, watch } from "./watch.ts";

const [layers, widths, task] = process.argv.slice(2);
const of: DeepCnn = {
  layers: Number(layers),
  widths: widths === "different" ? "different" : "alike",
  task: task === "train" ? "train" : "infer",
};

/** Time in the engine since `begin`, of that in `function`, and the steps of the programs that it was given. */
const spent = { engine: 0, compile: 0, steps: 0 };

const within: Within = (work, program) => {
  const start = now();
  const end = (): void => {
    spent.engine += now() - start;
    if (program) spent.compile += now() - start;
  };
  spent.steps += program?.steps.length ?? 0;
  const result = work();
  if (result instanceof Promise) result.then(end, end);
  else end();
  return result;
};
await useBackend(watch(await loadEngine(), within));

interface Times {
  readonly frontEnd: number;
  readonly compile: number;
  /** What the first run takes more than the second. */
  readonly first: number;
}

/** Builds the network, and runs it twice. */
async function measure(seed: number): Promise<Times> {
  Object.assign(spent, { engine: 0, compile: 0, steps: 0 });
  const begin = now();
  const run: () => Promise<NDArray> = deepCnn(of, seed);
  await run();
  const total = now() - begin;
  const { engine, compile } = spent;
  const before = spent.engine;
  const { data } = await run();
  if (!Number.isFinite(Number(data[0]))) throw new Error("the network computes nothing");
  const again = spent.engine - before;
  return { frontEnd: total - engine, compile, first: Math.max(0, engine - compile - again) };
}

const cold = await measure(0);
const { steps } = spent;
// Other widths: nothing that was compiled fits, but the compiler is warm.
const warm = await measure(1);
process.send?.({
  frontEnd: cold.frontEnd,
  compile: cold.compile,
  first: cold.first,
  perLayer: (cold.frontEnd + cold.compile) / of.layers,
  warmFrontEnd: warm.frontEnd,
  warmCompile: warm.compile,
  steps,
});
