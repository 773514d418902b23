import { create } from "@polykeras/backend-gpu";
import { K, configure, registerBackend, useBackend } from "@polykeras/core";
import type { Resident, Tensor } from "@polykeras/core";
import { trainer } from "../programs/model.ts";
import type { Library, Work } from "./library.ts";
import type { Task, TaskName } from "./tasks.ts";

const table: Readonly<Record<TaskName, (...inputs: readonly Tensor[]) => Tensor>> = {
  chain: (x) => K.relu(some(x).multiply(2).add(0.5)).multiply(some(x)).subtract(0.25),
  functions: (x) => K.tanh(K.exp(K.relu(some(x).multiply(2).add(0.5)).negative()).multiply(some(x))),
  matmul256: (a, b) => K.dot(some(a), some(b)),
  matmul512: (a, b) => K.dot(some(a), some(b)),
  conv: (x, kernel) => K.conv2d(some(x), some(kernel), { padding: "same" }),
};

function some(tensor: Tensor | undefined): Tensor {
  if (!tensor) throw new TypeError("a task lacks an input");
  return tensor;
}

/** polykeras on gpu.js, in one of its modes. */
export async function load(variant: string): Promise<Library> {
  configure({ notice: false });
  // It draws the dropout masks.
  registerBackend("cpu", () => import("@polykeras/backend-cpu"));
  await useBackend(await create({ variant }));
  return { prepare, trainer };
}

async function prepare({ name, feeds }: Task): Promise<Work> {
  const variables = feeds.map(({ data, shape }) => K.variable({ data, shape: [...shape] }));
  const made = table[name](...variables);
  const f = K.function([], made);
  let last: Resident | undefined;
  return {
    async run() {
      last?.dispose();
      last = await f([], { resident: true });
    },
    async result() {
      if (!last) throw new TypeError("nothing has run");
      return (await last.read()).data;
    },
  };
}
