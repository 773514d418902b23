import type { Bench } from "../bench.ts";
import { ours } from "../processes.ts";

/** What happens before an engine compiles: the same code for every engine. */
export const frontEnd: Bench = {
  name: "front-end",
  title: "The front end, cold",
  description:
    "In a new process, the time from building the MLP demo's model until its training program is handed to the " +
    "engine, less what the engine itself took until then: layers, gradients, passes. `compile` is what the engine " +
    "takes to compile that program. Best / median.",
  measures: [
    { key: "frontEnd", title: "front end", unit: "ms", ratio: false },
    { key: "compile", title: "compile", unit: "ms", ratio: false },
    { key: "steps", title: "steps of the program", unit: "", ratio: false },
  ],
  contenders: () =>
    ["cpu", "tfjs:wasm", "reference"].map((engine) =>
      ours(new URL("../programs/front-end.ts", import.meta.url), engine),
    ),
};
