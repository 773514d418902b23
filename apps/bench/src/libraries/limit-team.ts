import { Worker } from "node:worker_threads";
import { limitModule } from "./limit-module.ts";

/** A loop of the module, called once for each chunk: with these numbers, and so much more from chunk to chunk. */
export interface Job {
  readonly loop: string;
  readonly numbers: readonly number[];
  readonly steps: readonly number[];
  readonly chunks: number;
}

/** What a thread is given. */
export interface Share {
  readonly fused: boolean;
  readonly memory: WebAssembly.Memory;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly job: Job;
}

/** Places in `control`: runs that were asked for, the next chunk that nobody has, chunks that are done. */
export const asked = 0;
const next = 1;
const done = 2;

/** A function that takes chunks until there are none left. */
export function workOf({ fused, memory, control, job }: Share): () => void {
  const pages = memory.buffer.byteLength / 65_536;
  const module = new WebAssembly.Module(limitModule(fused, pages, true));
  const loop = new WebAssembly.Instance(module, { limit: { memory } }).exports[job.loop];
  if (typeof loop !== "function") throw new TypeError(`the module exports no function '${job.loop}'`);
  const chunks = Array.from({ length: job.chunks }, (_, chunk) =>
    job.numbers.map((number, i) => number + chunk * (job.steps[i] ?? 0)),
  );
  return () => {
    for (;;) {
      const numbers = chunks[Atomics.add(control, next, 1)];
      if (!numbers) return;
      loop(...numbers);
      Atomics.add(control, done, 1);
    }
  };
}

/** Threads that share a job in chunks, so that one that waits for a processor holds up no more than its chunk. */
export class LimitTeam {
  readonly #workers: readonly Worker[];
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #chunks: number;
  readonly #work: () => void;

  private constructor(workers: readonly Worker[], share: Share) {
    this.#workers = workers;
    this.#control = share.control;
    this.#chunks = share.job.chunks;
    this.#work = workOf(share);
  }

  static async start(
    threads: number,
    fused: boolean,
    memory: WebAssembly.Memory,
    job: Job,
  ): Promise<LimitTeam> {
    const control = new Int32Array(new SharedArrayBuffer(12));
    const share: Share = { fused, memory, control, job };
    const program = new URL("../programs/limit-thread.ts", import.meta.url);
    const workers = Array.from({ length: threads - 1 }, () => new Worker(program, { workerData: share }));
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise((resolve, reject) => {
            worker.once("message", resolve);
            worker.once("error", reject);
          }),
      ),
    );
    return new LimitTeam(workers, share);
  }

  run(): void {
    Atomics.store(this.#control, done, 0);
    Atomics.store(this.#control, next, 0);
    Atomics.add(this.#control, asked, 1);
    Atomics.notify(this.#control, asked);
    this.#work();
    while (Atomics.load(this.#control, done) < this.#chunks);
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
