import { useBackend } from "@polykeras/core";
import { mlp } from "demo/mlp";
import { loadEngine } from "./engine.ts";
import { type Within, watch } from "./watch.ts";

/** Time that passed outside the engine, with the moments at which it was asked to compile. */
class Clock {
  readonly compiles: { readonly at: number; readonly steps: number; milliseconds: number }[] = [];
  #inside = 0;
  #depth = 0;
  readonly #begin: number = performance.now();

  outside(): number {
    return performance.now() - this.#begin - this.#inside;
  }

  /** Runs engine code, whose time does not count. */
  engine<T>(work: () => T): T {
    const start = performance.now();
    this.#depth += 1;
    const end = (): void => {
      this.#depth -= 1;
      if (this.#depth === 0) this.#inside += performance.now() - start;
    };
    try {
      const result = work();
      if (result instanceof Promise) result.then(end, end);
      else end();
      return result;
    } catch (error) {
      end();
      throw error;
    }
  }
}

let clock = new Clock();
const within: Within = (work, program) => {
  if (!program) return clock.engine(work);
  const entry = { at: clock.outside(), steps: program.steps.length, milliseconds: 0 };
  clock.compiles.push(entry);
  const start = performance.now();
  const compiled = clock.engine(work);
  const end = (): void => {
    entry.milliseconds = performance.now() - start;
  };
  if (compiled instanceof Promise) compiled.then(end, end);
  else end();
  return compiled;
};
await useBackend(watch(await loadEngine(), within));

// Its data are made before its own clock starts: that much is left out here too.
clock = new Clock();
const begin = performance.now();
const { seconds } = await mlp({ epochs: 1 });
const before = performance.now() - begin - seconds * 1000;

const [training] = clock.compiles.toSorted((a, b) => b.steps - a.steps);
if (training === undefined) throw new Error("nothing was compiled");
process.send?.({
  frontEnd: training.at - before,
  compile: training.milliseconds,
  steps: training.steps,
});
