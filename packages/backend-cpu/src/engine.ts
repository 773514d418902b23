import {
  ArgumentError,
  type Backend,
  type Buffer,
  DisposedError,
  type Executable,
  type MaybePromise,
  type Memory,
  type Placeholder,
  PolykerasError,
  type Program,
  ProgramError,
  type TensorSpec,
  type TypedArray,
  allocate,
  canCompileWebAssembly,
  sizeOf,
  specOf,
} from "@polykeras/core";
import type { Choices } from "./choices.ts";
import { type Compiled, Compiler } from "./compiler.ts";
import { storedBytes } from "./emit/lanes.ts";
import { defaultTile, pairedTile } from "./emit/tile.ts";
import { supports } from "./kernels.ts";
import { type Heap, heap } from "./memory/heap.ts";
import { type Fault, constantsOf, storageBytes } from "./plan/plan.ts";
import { selfTest } from "./self-test.ts";
import { type Threads, threadCount } from "./threads/settings.ts";
import { Team, type ThreadReport } from "./threads/team.ts";
import type { Measurer, TileReport } from "./tile/choice.ts";
import { type TileSetting, tileSetting } from "./tile/settings.ts";
import type { BodyCache, Note } from "./wasm/module.ts";
import { probe } from "./wasm/probe.ts";
import { canRevectorize, endRevectorizing, revectorize } from "./wasm/revectorize.ts";

/** The contract's variable; core exports its own, symbolic one under that name. */
type Variable = Awaited<ReturnType<Backend["variable"]>>;

/** What `create` takes. */
export interface Options {
  /** Fused multiply-add where the engine has relaxed SIMD ("auto", the default), or never. */
  readonly fma?: "auto" | false;
  /**
   * Threads that share large steps, the calling one included: a number, or "auto", which is one for each core on Node
   * and one elsewhere. POLYKERAS_THREADS counts where this is left out. Results do not depend on it.
   */
  readonly threads?: Threads;
  /** Estimated time of a step, in nanoseconds, from which on it is shared; with 0 all are that can be. */
  readonly sharedFrom?: number;
  /**
   * The tile of matrix products: how many rows and vectors of 128 bits are computed at once. "auto" (the default) takes
   * the one that is known to be the fastest on this engine and processor; where none is known it measures some, before
   * the first program whose products take long enough. "measure" does so everywhere, before the first program with
   * products of tiles. POLYKERAS_TILE counts where this is left out. Results do not depend on it.
   */
  readonly tile?: TileSetting;
  /**
   * `nofma`, as in the name `cpu:nofma`, is the same as `fma: false`. `revectorize` has V8 join pairs of 128-bit
   * instructions to 256-bit ones, with a flag that is experimental and counts for the whole process from then on: Node 24
   * or newer on x64. The engine runs a self-test first, and throws CompilationError if a result is wrong.
   */
  readonly variant?: string;
}

/** The engine, which also tells what its threads have done, and how its products are computed. */
export interface CpuBackend extends Backend {
  threads(): ThreadReport;
  /** The tile of the products that are compiled now. */
  tile(): TileReport;
  /** Ends the threads, if no other engine has them; what was compiled runs on without. */
  dispose(): void;
}

interface Ledger {
  buffers: number;
  bytes: number;
}

/** A storage in the heap. */
class HeapBuffer implements Variable {
  readonly spec: TensorSpec;
  readonly #heap: Heap;
  readonly #ledger: Ledger;
  #address: number;

  constructor(memory: Heap, ledger: Ledger, spec: TensorSpec) {
    this.spec = spec;
    this.#heap = memory;
    this.#ledger = ledger;
    this.#address = memory.allocate(storageBytes(spec));
    ledger.buffers++;
    ledger.bytes += storageBytes(spec);
  }

  get address(): number {
    if (this.#address === 0)
      throw new DisposedError(
        `A buffer of shape (${this.spec.shape.join(", ")}) was used after its dispose().`,
      );
    return this.#address;
  }

  /** Whether programs over that heap can take it. */
  isIn(other: Heap): boolean {
    return this.#heap === other;
  }

  read(): TypedArray {
    const data = allocate(this.spec.dtype, sizeOf(this.spec.shape));
    new Uint8Array(data.buffer).set(this.#heap.bytes.subarray(this.address, this.address + data.byteLength));
    return data;
  }

  write(data: TypedArray): void {
    const size = sizeOf(this.spec.shape);
    const width = storedBytes(this.spec.dtype);
    if (data.length !== size || data.BYTES_PER_ELEMENT !== width)
      throw new ProgramError(
        `A buffer of ${size} ${this.spec.dtype} elements was given ${data.length} elements of ${data.BYTES_PER_ELEMENT} bytes.`,
      );
    this.#heap.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), this.address);
  }

  dispose(): void {
    if (this.#address === 0) return;
    this.#heap.free(this.#address);
    this.#address = 0;
    this.#ledger.buffers--;
    this.#ledger.bytes -= storageBytes(this.spec);
  }
}

/** One compiled program with the constants and the table of addresses of this use of it. */
class CpuExecutable implements Executable {
  readonly #heap: Heap;
  readonly #ledger: Ledger;
  readonly #compiled: Compiled;
  readonly #inputs: readonly TensorSpec[];
  readonly #outputs: readonly TensorSpec[];
  readonly #constants: readonly HeapBuffer[];
  #table: number;
  /** Address of the arena for which the table is filled. */
  #arena = -1;

  constructor(memory: Heap, ledger: Ledger, compiled: Compiled, program: Program) {
    this.#heap = memory;
    this.#ledger = ledger;
    this.#compiled = compiled;
    this.#inputs = program.inputs.map(({ value }) => specOf(program, value));
    this.#outputs = program.outputs.map((id) => specOf(program, id));
    const constants = compiled.constants.length > 0 ? constantsOf(program) : [];
    this.#constants = compiled.constants.map(({ index }) => {
      const { spec, data } = constants[index]!;
      const buffer = new HeapBuffer(memory, ledger, spec);
      buffer.write(data);
      return buffer;
    });
    this.#table = memory.allocate(4 * compiled.numbers.slots);
    const first = this.#table >>> 2;
    for (const [i, { slot }] of compiled.constants.entries())
      memory.words[first + slot] = this.#constants[i]!.address;
    for (const { slot } of compiled.faults) memory.words[first + slot] = 0;
  }

  run(inputs: readonly Buffer[]): readonly HeapBuffer[] {
    if (this.#table === 0) throw new DisposedError("A program of backend 'cpu' ran after its dispose().");
    if (inputs.length !== this.#inputs.length)
      throw new ProgramError(`A program of ${this.#inputs.length} inputs was run with ${inputs.length}.`);
    // Runs of small programs take less time than iterators would.
    const outputs: HeapBuffer[] = [];
    for (let i = 0; i < this.#outputs.length; i++)
      outputs.push(new HeapBuffer(this.#heap, this.#ledger, this.#outputs[i]!));
    const arena = this.#heap.scratch;
    // Allocation may have grown the memory: the view is taken after it.
    const { words } = this.#heap;
    let slot = this.#table >>> 2;
    if (arena !== this.#arena) {
      words[slot] = arena;
      this.#compiled.numbers.write(words, slot, arena);
      this.#arena = arena;
    }
    slot++;
    for (let i = 0; i < inputs.length; i++) {
      const buffer = inputs[i]!;
      if (!(buffer instanceof HeapBuffer && buffer.isIn(this.#heap)))
        throw new ProgramError(
          "Backend 'cpu' was given a buffer of another backend, or of one with another number of threads; feed or migrate the data first.",
        );
      words[slot++] = buffer.address;
    }
    for (let i = 0; i < outputs.length; i++) words[slot++] = outputs[i]!.address;
    this.#compiled.run(this.#table);
    const { faults } = this.#compiled;
    if (faults.length > 0) this.#report(faults, words, outputs);
    return outputs;
  }

  /** Throws if the run stopped at operands that do not fit; the next run starts anew. */
  #report(faults: readonly Fault[], words: Int32Array, outputs: readonly HeapBuffer[]): void {
    const at = (slot: number): number => (this.#table >>> 2) + slot;
    const found = faults.find(({ slot }) => words[at(slot)] !== 0);
    if (!found) return;
    const value = words[at(found.slot) + 1]!;
    words[at(found.slot)] = 0;
    for (const buffer of outputs) buffer.dispose();
    throw new ArgumentError(found.describe(value));
  }

  dispose(): void {
    if (this.#table === 0) return;
    this.#heap.free(this.#table);
    this.#table = 0;
    for (const buffer of this.#constants) buffer.dispose();
  }
}

/** What stands for the engine where nothing can be compiled: it says so before, and whenever it is used all the same. */
function unable(why: string): CpuBackend {
  const refuse = (): never => {
    throw new CompilationError(
      `Backend 'cpu' cannot run here: ${why}. Allow it, or use the engine 'reference'.`,
    );
  };
  return {
    contract: 1,
    name: "cpu",
    available: () => why,
    supports: () => why,
    placeholder: refuse,
    variable: refuse,
    function: refuse,
    threads: () => alone,
    tile: () => ({ tile: defaultTile(false), source: "default", timings: [] }),
    dispose: () => undefined,
  };
}

const variants: ReadonlySet<string> = new Set(["nofma", "revectorize"]);

/** Runs a program now, which every host but a page's main thread can. */
function runOnce(
  memory: Heap,
  compiler: Compiler,
  program: Program,
  data: readonly TypedArray[],
): readonly TypedArray[] {
  const compiled = compiler.compile(program);
  if (compiled instanceof Promise) throw new CompilationError("Here programs are compiled asynchronously.");
  const ledger: Ledger = { buffers: 0, bytes: 0 };
  const executable = new CpuExecutable(memory, ledger, compiled, program);
  const inputs = program.inputs.map(({ value }, i) => {
    const buffer = new HeapBuffer(memory, ledger, specOf(program, value));
    buffer.write(data[i]!);
    return buffer;
  });
  const outputs = executable.run(inputs);
  const read = outputs.map((buffer) => buffer.read());
  for (const buffer of [...inputs, ...outputs]) buffer.dispose();
  executable.dispose();
  return read;
}

/** Throws ArgumentError where V8 cannot be told to, CompilationError where its code is wrong. */
function startRevectorizing(run: Parameters<typeof selfTest>[0]): void {
  const answer = canRevectorize();
  if (answer !== true) throw new ArgumentError(`'cpu:revectorize' cannot run here: ${answer}; use 'cpu'.`);
  const verdict = revectorize(() => selfTest(run));
  if (verdict === true) return;
  endRevectorizing();
  throw new CompilationError(`'cpu:revectorize' computes wrongly here: ${verdict}; use 'cpu'.`);
}

const alone: ThreadReport = { threads: 1, workers: 0, claimed: [] };

/** The team of so many threads, or null where the process cannot have the shared memory for it. */
function teamOf(threads: number, isPatient = false): Team | null {
  if (threads === 1) return null;
  try {
    return isPatient ? new Team(heap(true), threads, false) : Team.of(heap(true), threads);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** WebAssembly cannot be compiled here; the message says what would allow it. */
export class CompilationError extends PolykerasError {
  override readonly name = "CompilationError";
}

/** What tests give an engine beside its options. */
export interface Internals {
  readonly forced?: Partial<Choices>;
  readonly note?: Note;
  /** Gets the code that is emitted. */
  readonly cache?: BodyCache;
  /** Measures tiles instead of the one of the process. */
  readonly measurer?: Measurer;
  /** Threads of its own share every job, whether that pays at present or not. */
  readonly patient?: boolean;
}

/**
 * A backend over the process's heap for one thread, or that for several. Instances share compiled code, memory and
 * threads, but count their own buffers. Throws ArgumentError for a variant, a number of threads, or a tile that does not
 * exist.
 */
export function create(options: Options = {}): CpuBackend {
  return createForced(options, {});
}

/** The same with codes that are forced, and told of. */
export function createForced(
  options: Options,
  { forced, note, cache, measurer, patient }: Internals,
): CpuBackend {
  const ledger: Ledger = { buffers: 0, bytes: 0 };
  const { variant, sharedFrom } = options;
  if (variant !== undefined && !variants.has(variant))
    throw new ArgumentError(
      `backend-cpu has no variant '${variant}'; use 'cpu', 'cpu:nofma' or 'cpu:revectorize'.`,
    );
  const answer = canCompileWebAssembly();
  if (answer !== true) return unable(answer);
  const isPaired = variant === "revectorize";
  const wanted = tileSetting(options.tile);
  const chosen = isPaired && typeof wanted === "string" ? pairedTile : wanted;
  const team = teamOf(threadCount(options.threads), patient);
  const memory = team?.heap ?? heap();
  const fma = variant !== "nofma" && options.fma !== false && probe().fma;
  const compiler = Compiler.of({
    heap: memory,
    fma,
    tile: forced?.tile ?? chosen,
    ...(forced && { forced }),
    ...(note && { note }),
    ...(cache && { cache }),
    ...(measurer && { measurer }),
    ...(team && { team }),
    ...(sharedFrom !== undefined && { sharedFrom }),
  });
  if (isPaired) startRevectorizing((program, data) => runOnce(memory, compiler, program, data));
  let isMember = team?.join() ?? false;
  const buffer = (spec: TensorSpec, data: TypedArray): HeapBuffer => {
    const made = new HeapBuffer(memory, ledger, spec);
    try {
      made.write(data);
    } catch (error) {
      made.dispose();
      throw error;
    }
    return made;
  };
  return {
    contract: 1,
    name: "cpu",
    available: canCompileWebAssembly,
    supports,
    placeholder: (spec): Placeholder => ({ spec, feed: (data) => buffer(spec, data) }),
    variable: buffer,
    function(program: Program): MaybePromise<Executable> {
      const compiled = compiler.compile(program);
      const finish = (ready: Compiled): Executable => new CpuExecutable(memory, ledger, ready, program);
      return compiled instanceof Promise ? compiled.then(finish) : finish(compiled);
    },
    memory: (): Memory => ({ ...ledger }),
    threads: () => team?.report() ?? alone,
    tile: () => compiler.tile,
    dispose() {
      if (isMember) team?.leave();
      isMember = false;
    },
  };
}
