import { type Program, ProgramError, signatureOf } from "@polykeras/core";
import { type Choices, choicesKey, choicesOf, codeKey } from "./choices.ts";
import { ChunkLibrary } from "./emit/chunk-library.ts";
import { type Emitted, emitModule } from "./emit/module.ts";
import type { Numbers } from "./emit/numbers.ts";
import type { EmitOptions } from "./emit/options.ts";
import { tileKey } from "./emit/tile.ts";
import { supports } from "./kernels.ts";
import { programKey } from "./key.ts";
import type { Heap } from "./memory/heap.ts";
import { type Fault, type Plan, type PlannedConstant, plan } from "./plan/plan.ts";
import type { Team } from "./threads/team.ts";
import { type Measurer, TileChoice, type TileReport, measurerOf } from "./tile/choice.ts";
import type { TileSetting } from "./tile/settings.ts";
import { type Run, RunLibrary } from "./wasm/run-library.ts";
import { BodyCache, KernelLibrary, type Note } from "./wasm/module.ts";
import { prepared } from "./wasm/prepared.ts";

/** Code that is ready to run, with what the table of each program of the same structure has beside addresses. */
export interface Compiled {
  readonly run: Run;
  readonly constants: readonly PlannedConstant[];
  readonly numbers: Numbers;
  readonly faults: readonly Fault[];
  /** Keeps the functions of others that it calls. */
  readonly held: ReadonlySet<unknown>;
}

/** What code is made for, and how. */
export interface Target {
  readonly heap: Heap;
  readonly fma: boolean;
  /** What is not chosen as usual. */
  readonly forced?: Partial<Choices>;
  /** The tile of products, or how it is chosen; "auto" unless it is given. */
  readonly tile?: TileSetting;
  /** Stands for the process's; a compiler that has one shares its code with no other. */
  readonly measurer?: Measurer;
  /** Threads beside the calling one, over the same heap, which is shared then. */
  readonly team?: Team;
  /** What takes less time than this, in nanoseconds, one thread does alone; 0 cuts whatever can be cut. */
  readonly sharedFrom?: number;
  /** Told the key of each function that is emitted; a compiler that has one shares its code with no other. */
  readonly note?: Note;
  /** Takes the place of the compiler's own, and of what is prepared; such a compiler shares its code with no other. */
  readonly cache?: BodyCache;
}

/** Waking a thread and waiting for it costs some 50 us at worst. */
const sharedFrom = 60_000;

const programsMax = 256;
/** Main threads refuse to compile large modules synchronously. */
const synchronousMax = 4096;

function isBrowserMainThread(): boolean {
  return (
    typeof Reflect.get(globalThis, "document") === "object" &&
    typeof Reflect.get(globalThis, "window") === "object"
  );
}

/** Throws ProgramError with all steps that this engine does not run: core should have asked first. */
function check(program: Program): void {
  const gaps: string[] = [];
  for (const step of program.steps) {
    const answer = supports(signatureOf(program, step));
    if (answer !== true) gaps.push(`${step.op} (${answer})`);
  }
  if (gaps.length > 0)
    throw new ProgramError(`Backend 'cpu' was given steps it does not support: ${gaps.join(", ")}.`);
}

/** Compiles programs and keeps the code of the last ones by structure. One per choice of instructions and heap. */
export class Compiler {
  static readonly #known = new Map<string, Compiler>();
  readonly #target: Target;
  #options: EmitOptions;
  readonly #tile: TileChoice;
  readonly #programs = new Map<string, Compiled>();
  readonly #runs = new RunLibrary();

  constructor(target: Target) {
    const { heap, fma, forced, tile = "auto", team, sharedFrom: least = sharedFrom, note, cache } = target;
    const choices = choicesOf(fma, forced);
    this.#target = target;
    this.#tile = new TileChoice(tile, fma, target.measurer ?? measurerOf(heap, fma));
    // Where everything is cut, the estimate does not count.
    const worth = (time: number): number | null => (least === 0 ? Infinity : time < least ? null : time);
    this.#options = {
      fma,
      choices,
      cache: cache ?? new BodyCache(codeKey(fma, choices) === prepared.choices ? prepared : null),
      library: new KernelLibrary(),
      ...(team && { threads: { team, worth, library: new ChunkLibrary() } }),
      ...(note && { note }),
    };
  }

  /** The one for a target, so that engines alike share their code. */
  static of(target: Target): Compiler {
    const { heap, fma, forced, tile = "auto", team, sharedFrom: least, note, cache } = target;
    if (note || cache || target.measurer) return new Compiler(target);
    const tiles = typeof tile === "object" ? tileKey(tile) : tile;
    const choices = choicesKey(choicesOf(fma, forced));
    const key = [heap.isShared, fma, choices, tiles, team?.threads, least].join(";");
    const known = Compiler.#known.get(key) ?? new Compiler(target);
    Compiler.#known.set(key, known);
    return known;
  }

  /** The tile of programs that are compiled now. */
  get tile(): TileReport {
    return this.#tile.report;
  }

  compile(program: Program): Compiled | Promise<Compiled> {
    const key = programKey(program);
    const known = this.#programs.get(key);
    if (known) {
      // Most recently used last: the map keeps the order of insertion.
      this.#programs.delete(key);
      this.#programs.set(key, known);
      // An engine that was disposed of may have ended the threads meanwhile.
      if (known.held.size > 0) this.#target.team?.start();
      return known;
    }
    check(program);
    const planned = plan(program, this.#options.choices);
    const emitted = emitModule(planned, this.#optionsFor(planned));
    const { jobs } = emitted;
    const { heap, team } = this.#target;
    heap.reserve(emitted.arenaBytes);
    const memory: WebAssembly.Imports = { e: { m: heap.memory } };
    const chunks = jobs?.module() ?? null;
    if (jobs) team?.start();
    const shared = this.#runs.get(emitted.identity);
    const bytes = shared ? null : emitted.finish();
    const imports = (): WebAssembly.Imports => ({ ...emitted.imports(), ...memory });
    if (isBrowserMainThread() && (bytes?.length ?? 0) + (chunks?.length ?? 0) > synchronousMax)
      return Promise.all([
        bytes && WebAssembly.instantiate(bytes, imports()),
        chunks && WebAssembly.instantiate(chunks, memory),
      ]).then(([made, own]) => {
        if (own) jobs?.hand(own.module, own.instance);
        return this.#keep(key, planned, emitted, made ? this.#runOf(emitted, made.instance) : shared!);
      });
    // Elsewhere the constructors are faster: functions are compiled at their first call.
    if (chunks) {
      const module = new WebAssembly.Module(chunks);
      jobs?.hand(module, new WebAssembly.Instance(module, memory));
    }
    const instance = bytes && new WebAssembly.Instance(new WebAssembly.Module(bytes), imports());
    return this.#keep(key, planned, emitted, instance ? this.#runOf(emitted, instance) : shared!);
  }

  #optionsFor(planned: Plan): EmitOptions {
    const { choices } = this.#options;
    const tile = this.#tile.tileFor(planned, choices);
    if (tile !== choices.tile) this.#options = { ...this.#options, choices: { ...choices, tile } };
    return this.#options;
  }

  /** The function of a new module, whose code later ones may use. */
  #runOf(emitted: Emitted, instance: WebAssembly.Instance): Run {
    const { run } = instance.exports;
    if (typeof run !== "function") throw new TypeError("The compiled module exports no function 'run'.");
    emitted.keep(instance);
    const call: Run = (table) => void run(table);
    this.#runs.set(emitted.identity, call);
    return call;
  }

  #keep(key: string, { constants, faults }: Plan, { numbers, jobs }: Emitted, run: Run): Compiled {
    const held = jobs?.held ?? new Set();
    const compiled: Compiled = { run, constants, numbers, faults, held };
    this.#programs.set(key, compiled);
    for (const oldest of this.#programs.keys()) {
      if (this.#programs.size <= programsMax) break;
      this.#programs.delete(oldest);
    }
    return compiled;
  }
}
