import { time } from "../timing.ts";
import type { Case } from "../workloads/case.ts";
import { flopsPerTurn, limitModule } from "./limit-module.ts";
import type { LeftOut, Library, Prepared } from "./library.ts";

type Loop = (...numbers: number[]) => number;

/** The module's loops; with fused multiply-add where the engine has it. */
function instantiate(fused: boolean, bytes: number): Record<"peak" | "copy" | "move" | "read", Loop> {
  const pages = Math.ceil(bytes / 65_536) + 1;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(limitModule(fused, pages)));
  // Pages that nothing was written to read faster than memory does.
  if (exports["memory"] instanceof WebAssembly.Memory) new Uint8Array(exports["memory"].buffer).fill(1);
  const loop = (name: string): Loop => {
    const found = exports[name];
    if (typeof found !== "function") throw new TypeError(`the module exports no function '${name}'`);
    return (...numbers) => Number(found(...numbers));
  };
  return { peak: loop("peak"), copy: loop("copy"), move: loop("move"), read: loop("read") };
}

/** Multiplying and adding, copying or reading as much as the case has to, and nothing else, in the fastest way. */
async function prepare({ work }: Case): Promise<Prepared | LeftOut> {
  if (!work) return { leftOut: "the case has no limit" };
  const ways = waysOf(work.of, work.amount);
  let fastest: { readonly run: () => void; readonly best: number } | null = null;
  for (const run of ways) {
    const { best } = await time(run, { warm: 50, measured: 50, batch: 1, most: 500 });
    if (!fastest || best < fastest.best) fastest = { run, best };
  }
  if (!fastest) throw new Error("WebAssembly has no vectors here");
  return { run: fastest.run, check: () => Promise.resolve(Number.NaN), dispose: () => undefined };
}

function waysOf(of: "flops" | "copy" | "read", amount: number): (() => void)[] {
  if (of === "flops") {
    const turns = Math.max(1, Math.round(amount / flopsPerTurn));
    const kinds = [true, false].filter((fused) => WebAssembly.validate(limitModule(fused, 1)));
    return kinds.map((fused) => {
      const { peak } = instantiate(fused, 0);
      return () => void peak(turns);
    });
  }
  // A multiple of the loops' step, behind which the other array begins.
  const size = Math.ceil((of === "copy" ? amount / 2 : amount) / 64) * 64;
  const loops = instantiate(false, 2 * size);
  if (of === "read") return [() => void loops.read(0, size)];
  return [() => void loops.copy(size, 0, size), () => void loops.move(size, 0, size)];
}

/** What the machine can do at most, with 128-bit vectors and one thread. */
export function load(): Promise<Library> {
  return Promise.resolve({ prepare });
}
