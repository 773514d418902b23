import { chunkBits, closed, control, lineWords, spins } from "./control.ts";

/** Chunk functions of a module under the numbers they have in jobs; the module exports them as "0", "1", ... */
export interface ChunkModule {
  readonly module: WebAssembly.Module;
  readonly numbers: readonly number[];
}

/** What workers are told, one message after the other. */
export interface Message {
  readonly start?: {
    readonly memory: WebAssembly.Memory;
    /** Address of the control block. */
    readonly base: number;
    readonly words: number;
    readonly participant: number;
  };
  readonly add?: readonly ChunkModule[];
  readonly drop?: readonly number[];
}

/**
 * The script of a worker, for Node and for browsers. `work` is the same as the calling thread's: claims are valid only
 * while the counter has not changed since it was read, and so is what was read in between. `serve` returns when a
 * message is on its way, which only the event loop delivers.
 */
export const workerSource: string = `"use strict";
const isNode = typeof require === "function";
const port = isNode ? require("node:worker_threads").parentPort : self;
const kernels = new Map();
let words, memory, me, received = 0;
const load = (i) => Atomics.load(words, i);
function work() {
  for (;;) {
    const claim = load(${control.next});
    const kernel = kernels.get(words[${control.kernel}]);
    const chunks = words[${control.chunks}];
    const chunk = claim & ${closed};
    if (kernel === undefined || chunk >= chunks) return;
    if (Atomics.compareExchange(words, ${control.next}, claim, claim + 1) !== claim) continue;
    words[${control.claimed} + me * ${lineWords}]++;
    try {
      kernel(chunk, me);
    } catch {
      Atomics.store(words, ${control.failed}, 1);
    }
    if (Atomics.add(words, ${control.done}, 1) + 1 === chunks) Atomics.notify(words, ${control.done});
  }
}
function serve() {
  for (;;) {
    const signal = load(${control.signal});
    work();
    if (load(${control.mail}) !== received) return;
    let spin = 0;
    while (load(${control.signal}) === signal && spin < ${spins}) spin++;
    if (spin === ${spins}) Atomics.wait(words, ${control.signal}, signal);
  }
}
function receive({ start, add, drop }) {
  received++;
  if (start) {
    memory = start.memory;
    me = start.participant;
    words = new Int32Array(memory.buffer, start.base, start.words);
  }
  for (const { module, numbers } of add ?? []) {
    const { exports } = new WebAssembly.Instance(module, { e: { m: memory } });
    for (const [i, number] of numbers.entries()) kernels.set(number, exports[i]);
  }
  for (const number of drop ?? []) kernels.delete(number);
  if (start) Atomics.add(words, ${control.ready}, 1);
  if (load(${control.mail}) === received) serve();
}
if (!isNode) port.onmessage = ({ data }) => receive(data);
else port.on("message", receive);
`;

/** The counter's value for a job's first chunk, or, with `closed`, for none. */
export function claimOf(job: number, chunk: number): number {
  return (job << chunkBits) | chunk;
}
