import type { Library, Work } from "./library.ts";
import { type Task, tasks } from "./tasks.ts";

// One contender in a page: ?library=tfjs&engine=webgpu. `../chromium.ts` opens it and calls `names()`, which prepares
// the tasks, and `measure(name)`.

const libraries: Readonly<Record<string, () => Promise<{ load(engine: string): Promise<Library> }>>> = {
  polykeras: () => import("./polykeras.ts"),
  tfjs: () => import("./tfjs.ts"),
};

const parameters = new URLSearchParams(location.search);

/** Runs that end with a reading: how many they are, and their mean in milliseconds. */
interface Batch {
  readonly runs: number;
  run(): Promise<number>;
}

async function start(): Promise<Map<string, Batch>> {
  const name = parameters.get("library") ?? "";
  const module = await libraries[name]?.();
  if (!module) throw new RangeError(`there is no library '${name}'`);
  const library = await module.load(parameters.get("engine") ?? "");
  const batches = new Map<string, Batch>();
  for (const make of Object.values(tasks)) {
    const task = make();
    const work = await library.prepare(task);
    await batch(work, 2);
    check(task, await work.result());
    batches.set(task.name, { runs: task.runs, run: () => batch(work, task.runs) });
  }
  const train = library.trainer();
  const runs = 10;
  await train(runs);
  batches.set("step", {
    runs,
    async run() {
      const begin = performance.now();
      await train(runs);
      return (performance.now() - begin) / runs;
    },
  });
  return batches;
}

async function batch(work: Work, runs: number): Promise<number> {
  const begin = performance.now();
  for (let i = 0; i < runs; i += 1) await work.run();
  await work.result();
  return (performance.now() - begin) / runs;
}

/** Throws unless the result is right: what computes something else need not be fast. */
function check({ name, known }: Task, result: ArrayLike<number>): void {
  for (const [index, value] of known) {
    const made = result[index] ?? Number.NaN;
    if (!(Math.abs(made - value) <= 1e-4 * (1 + Math.abs(value))))
      throw new RangeError(`${name}: element ${index} is ${made} and should be ${value}`);
  }
}

const starting = start();

async function names(): Promise<string[]> {
  return [...(await starting).keys()];
}

/** One batch: the milliseconds of a run, and how many there were. */
async function measure(name: string): Promise<{ mean: number; runs: number }> {
  const of = (await starting).get(name);
  if (!of) throw new RangeError(`there is no task '${name}'`);
  return { mean: await of.run(), runs: of.runs };
}

Object.assign(globalThis, { names, measure });
