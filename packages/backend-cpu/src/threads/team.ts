import { PolykerasError } from "@polykeras/core";
import type { Heap } from "../memory/heap.ts";
import { chunksMax, closed, control, controlWords, lineWords, spins } from "./control.ts";
import { type Helper, mayNotWait, spawn } from "./host.ts";
import { Pace } from "./pace.ts";
import { type ChunkModule, type Message, claimOf, workerSource } from "./worker.ts";

/** Does one chunk of a job; participants are numbered, the calling thread is 0. */
type ChunkFunction = (chunk: number, participant: number) => void;

/** A kernel trapped in a worker: a fault of the engine, not of the program. */
export class ThreadError extends PolykerasError {
  override readonly name = "ThreadError";
}

/** What a team has done since it was made. */
export interface ThreadReport {
  /** Threads that may take part, the calling one included. */
  readonly threads: number;
  /** Workers that are there. */
  readonly workers: number;
  /** Chunks claimed by each thread, the calling one first. */
  readonly claimed: readonly number[];
}

/** What a chunk threw. The others are done all the same, as they are where another thread does them. */
interface Trap {
  readonly error: unknown;
}

function attempt(kernel: ChunkFunction, chunk: number): Trap | null {
  try {
    kernel(chunk, 0);
    return null;
  } catch (error) {
    return { error };
  }
}

/** Keeps chunk functions as long as a program, or a library, holds it. */
export interface Holder {
  readonly numbers: readonly number[];
}

/** The calling thread and its workers, which share chunks of work over one heap. */
export class Team {
  static readonly #known = new Map<number, Team>();
  readonly heap: Heap;
  readonly threads: number;
  /** Address of the words in which `run` puts a kernel's parameters. */
  readonly parameters: number;
  readonly #functions = new Map<number, ChunkFunction>();
  readonly #modules = new Map<number, ChunkModule>();
  readonly #unheld: FinalizationRegistry<readonly number[]>;
  readonly #mayWait = !mayNotWait();
  readonly #pace: Pace | null;
  /** Engines that have this team. */
  #members = 0;
  #helpers: Helper[] | null = null;
  /** A worker ended by itself: here there can be none. */
  #broken = false;
  #base = 0;
  #words = new Int32Array(0);
  #job = 0;
  #numbers = 0;
  /** Chunks of the calling thread while there are no workers, and of teams before this start. */
  #claimedBefore: number[];

  /** A team that is not paced shares every job, whether that pays or not: for tests. */
  constructor(heap: Heap, threads: number, isPaced = true) {
    this.heap = heap;
    this.threads = threads;
    this.#pace = isPaced ? new Pace() : null;
    this.parameters = heap.allocate(4 * Team.parametersMax);
    this.#claimedBefore = Array.from({ length: threads }, () => 0);
    this.#unheld = new FinalizationRegistry((numbers) => this.#drop(numbers));
  }

  /** The one team of so many threads over a heap. */
  static of(heap: Heap, threads: number): Team {
    const team = Team.#known.get(threads) ?? new Team(heap, threads);
    Team.#known.set(threads, team);
    return team;
  }

  join(): true {
    this.#members++;
    return true;
  }

  /** The last member to leave stops the workers. */
  leave(): void {
    if (--this.#members === 0) this.stop();
  }

  /** The most parameters of a job. */
  static readonly parametersMax = 512;

  /** Starts the workers, once; nobody waits for them. */
  start(): void {
    if (this.#helpers || this.#broken || this.#members === 0) return;
    const words = controlWords(this.threads);
    this.#base = this.heap.allocate(4 * words);
    this.#words = new Int32Array(this.heap.buffer, this.#base, words);
    this.#words.fill(0);
    this.#words[control.next] = claimOf(0, closed);
    this.#words[control.mail] = 1;
    const helpers: Helper[] = [];
    this.#helpers = helpers;
    for (let participant = 1; participant < this.threads; participant++) {
      const helper = spawn(workerSource, () => this.#fail());
      if (!helper) break;
      helpers.push(helper);
      const { memory } = this.heap;
      helper.post({
        start: { memory, base: this.#base, words, participant },
        add: [...new Set(this.#modules.values())],
      });
    }
  }

  #fail(): void {
    this.#broken = true;
    this.stop();
  }

  /** Ends the workers. Work goes on in the calling thread. */
  stop(): void {
    const helpers = this.#helpers;
    if (!helpers) return;
    const base = this.#base;
    this.#claimedBefore = [...this.report().claimed];
    this.#helpers = null;
    this.#words = new Int32Array(0);
    const ends = helpers.flatMap((helper) => helper.stop() ?? []);
    // Until they have ended they may look at the block.
    if (ends.length === helpers.length) void Promise.all(ends).then(() => this.heap.free(base));
  }

  report(): ThreadReport {
    const words = this.#words;
    const claimed = this.#claimedBefore.map(
      (count, i) => count + (words[control.claimed + i * lineWords] ?? 0),
    );
    return { threads: this.threads, workers: this.#workers(), claimed };
  }

  /** A number for a chunk function that is to come. */
  reserve(): number {
    return this.#numbers++;
  }

  /** Takes the chunk functions of a module, its exports "0", "1", ..., under the numbers that were reserved for them. */
  add(numbers: readonly number[], module: WebAssembly.Module, instance: WebAssembly.Instance): Holder {
    const holder: Holder = { numbers };
    const added: ChunkModule = { module, numbers };
    for (const [i, number] of numbers.entries()) {
      const chunk = instance.exports[String(i)];
      if (typeof chunk !== "function") throw new TypeError(`The module exports no function '${i}'.`);
      this.#functions.set(number, (index, participant) => void chunk(index, participant));
      this.#modules.set(number, added);
    }
    this.#unheld.register(holder, numbers);
    this.#send({ add: [added] });
    return holder;
  }

  #drop(numbers: readonly number[]): void {
    for (const number of numbers) {
      this.#functions.delete(number);
      this.#modules.delete(number);
    }
    this.#send({ drop: numbers });
  }

  /** Posts to all workers; those that wait for a job go and receive it. */
  #send(message: Message): void {
    if (!this.#helpers) return;
    // Counted first: a worker that has received it must not find that nothing was sent.
    Atomics.add(this.#words, control.mail, 1);
    for (const helper of this.#helpers) helper.post(message);
    this.#signal();
  }

  #signal(): void {
    Atomics.add(this.#words, control.signal, 1);
    Atomics.notify(this.#words, control.signal);
  }

  #workers(): number {
    return this.#helpers ? Atomics.load(this.#words, control.ready) : 0;
  }

  /** Does all chunks of a job, with the workers that are there and whose help pays at present. */
  readonly run = (number: number, chunks: number): void => {
    const kernel = this.#functions.get(number);
    if (!kernel || chunks > chunksMax) throw new RangeError(`There is no job of function ${number}.`);
    if (this.#workers() === 0 || this.#pace?.next() === false) {
      this.#claimedBefore[0]! += chunks;
      let trap: Trap | null = null;
      for (let chunk = 0; chunk < chunks; chunk++) trap = attempt(kernel, chunk) ?? trap;
      if (trap) throw trap.error;
      return;
    }
    const words = this.#words;
    const before = words[control.claimed]!;
    const start = performance.now();
    const job = ++this.#job;
    // Closed while it is written: a thread that read the last job's counter cannot claim with it any more.
    Atomics.store(words, control.next, claimOf(job, closed));
    words[control.kernel] = number;
    words[control.chunks] = chunks;
    words[control.failed] = 0;
    Atomics.store(words, control.done, 0);
    Atomics.store(words, control.next, claimOf(job, 0));
    this.#signal();
    const trap = this.#work(kernel, chunks);
    const worked = performance.now() - start;
    this.#wait(chunks);
    const own = words[control.claimed]! - before;
    if (own > 0) this.#pace?.record(performance.now() - start, (worked / own) * chunks);
    if (trap) throw trap.error;
    if (Atomics.load(words, control.failed) !== 0)
      throw new ThreadError("A kernel of backend 'cpu' failed in a worker thread; please report this.");
  };

  /** Claims chunks until there are none left, and returns what a chunk threw. */
  #work(kernel: ChunkFunction, chunks: number): Trap | null {
    const words = this.#words;
    let trap: Trap | null = null;
    for (;;) {
      const claim = Atomics.load(words, control.next);
      const chunk = claim & closed;
      if (chunk >= chunks) return trap;
      if (Atomics.compareExchange(words, control.next, claim, claim + 1) !== claim) continue;
      words[control.claimed]!++;
      trap = attempt(kernel, chunk) ?? trap;
      Atomics.add(words, control.done, 1);
    }
  }

  #wait(chunks: number): void {
    const words = this.#words;
    let spin = 0;
    for (;;) {
      const done = Atomics.load(words, control.done);
      if (done === chunks) return;
      // Only the last chunk wakes: the time limit is for what was finished meanwhile.
      if (++spin > spins && this.#mayWait) Atomics.wait(words, control.done, done, 1);
    }
  }
}
