import type { Bench } from "../bench.ts";
import { ours } from "../processes.ts";

/** Whether training steps leave something behind. */
export const memory: Bench = {
  name: "memory",
  title: "Memory over 10,000 training steps",
  description:
    "What 10,000 further steps of the MLP demo add, after 500 others: buffers and bytes on the engine by its own count, " +
    "the heap of JavaScript after garbage collection, and memory outside it. Best / median.",
  measures: [
    { key: "buffers", title: "buffers", unit: "", ratio: false },
    { key: "bytes", title: "engine", unit: "bytes", ratio: false },
    { key: "heap", title: "heap", unit: "MiB", ratio: false },
    { key: "external", title: "outside the heap", unit: "MiB", ratio: false },
  ],
  contenders: () =>
    ["cpu", "tfjs:wasm"].map((engine) => ours(new URL("../programs/memory.ts", import.meta.url), engine)),
};
