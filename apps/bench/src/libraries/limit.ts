import { time } from "../timing.ts";
import type { Case, Work } from "../workloads/case.ts";
import { flopsPerTurn, limitModule } from "./limit-module.ts";
import { type Job, LimitTeam } from "./limit-team.ts";
import type { LeftOut, Library, Prepared } from "./library.ts";

/** One way of doing the work: with which module, and how much memory. */
interface Way {
  readonly fused: boolean;
  readonly bytes: number;
  readonly job: Job;
}

/** Chunks of so much are worth a thread's while, and each thread has about so many. */
const least = { flops: 1e6, copy: 2 ** 17, read: 2 ** 17 } as const;
const perThread = 12;

type Run = () => void;

/** Multiplying and adding, copying or reading as much as the case has to, and nothing else, in the fastest way. */
async function prepare({ work }: Case, threads: number): Promise<Prepared | LeftOut> {
  if (!work) return { leftOut: "the case has no limit" };
  let fastest: { readonly run: Run; readonly best: number } | null = null;
  const teams: LimitTeam[] = [];
  for (const way of waysOf(work, threads)) {
    const run = threads === 1 ? alone(way) : await together(way, threads, teams);
    const { best } = await time(run, { warm: 50, measured: 50, batch: 1, most: 500 });
    if (!fastest || best < fastest.best) fastest = { run, best };
  }
  if (!fastest) throw new Error("WebAssembly has no vectors here");
  return {
    run: fastest.run,
    check: () => Promise.resolve(Number.NaN),
    dispose: () => {
      for (const team of teams) void team.end();
    },
  };
}

function alone({ fused, bytes, job }: Way): Run {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(limitModule(fused, pagesOf(bytes))));
  if (exports["memory"] instanceof WebAssembly.Memory) touch(exports["memory"]);
  const loop = exports[job.loop];
  if (typeof loop !== "function") throw new TypeError(`the module exports no function '${job.loop}'`);
  return () => void loop(...job.numbers);
}

async function together({ fused, bytes, job }: Way, threads: number, teams: LimitTeam[]): Promise<Run> {
  const pages = pagesOf(bytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  touch(memory);
  const team = await LimitTeam.start(threads, fused, memory, job);
  teams.push(team);
  return () => team.run();
}

function pagesOf(bytes: number): number {
  return Math.ceil(bytes / 65_536) + 1;
}

/** Pages that nothing was written to read faster than memory does. */
function touch(memory: WebAssembly.Memory): void {
  new Uint8Array(memory.buffer).fill(1);
}

/** One thread does all at once; several take chunks of the turns, or stretches of the arrays. */
export function waysOf({ of, amount }: Work, threads: number): readonly Way[] {
  const most = threads === 1 ? 1 : threads * perThread;
  const chunks = Math.max(1, Math.min(most, Math.floor(amount / least[of])));
  if (of === "flops") {
    const turns = Math.max(1, Math.round(amount / flopsPerTurn / chunks));
    const kinds = [true, false].filter((fused) => WebAssembly.validate(limitModule(fused, 1)));
    const job = { loop: "peak", numbers: [turns], steps: [0], chunks };
    return kinds.map((fused) => ({ fused, bytes: 0, job }));
  }
  // Stretches are multiples of the loops' step; the other array begins behind the last one.
  const stretch = Math.ceil((of === "copy" ? amount / 2 : amount) / chunks / 64) * 64;
  const size = stretch * chunks;
  const way = (loop: string, numbers: readonly number[], steps: readonly number[]): Way => ({
    fused: false,
    bytes: 2 * size,
    job: { loop, numbers, steps, chunks },
  });
  if (of === "read") return [way("read", [0, stretch], [stretch, 0])];
  return ["copy", "move"].map((loop) => way(loop, [size, 0, stretch], [stretch, stretch, 0]));
}

/** What the machine can do at most, with 128-bit vectors and so many threads. */
export function load(threads: number): Promise<Library> {
  return Promise.resolve({ prepare: (of) => prepare(of, threads) });
}
