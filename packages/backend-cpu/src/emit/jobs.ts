import type { Team } from "../threads/team.ts";
import type { Code } from "../wasm/code.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import type { ValueType } from "../wasm/types.ts";
import { type Cut, chunkCount, cutKey, cutNumbers, emitChunk } from "./cut.ts";
import type { Target } from "./expression.ts";
import type { ChunkLibrary } from "./chunk-library.ts";
import type { Table } from "./numbers.ts";
import type { EmitOptions } from "./options.ts";

/** A function that computes a group, or a part of one. All parameters are i32. */
export interface Kernel {
  /** Determines what `emit` emits. */
  readonly key: string;
  readonly parameters: readonly ValueType[];
  readonly emit: (target: Target) => void;
}

/**
 * What a program has its team do: chunk functions that are new stand in a module of their own, which imports nothing but
 * the memory and is instantiated by every thread; those of earlier programs are used again.
 */
export class Jobs {
  readonly #team: Team;
  readonly #library: ChunkLibrary;
  readonly #caller: ModuleBuilder;
  readonly #chunks: ModuleBuilder;
  readonly #options: EmitOptions;
  readonly #added: { readonly key: string; readonly number: number }[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #held = new Set<unknown>();

  /** `caller` is the module of the program's `run`. */
  constructor(team: Team, library: ChunkLibrary, caller: ModuleBuilder, options: EmitOptions) {
    const { cache, note } = options;
    this.#team = team;
    this.#library = library;
    this.#caller = caller;
    this.#chunks = new ModuleBuilder({ ...(cache && { cache }), ...(note && { note }), isShared: true });
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#numbers.size === 0;
  }

  /** The module of new chunk functions, where there are any. */
  module(): Uint8Array<ArrayBuffer> | null {
    return this.#added.length === 0 ? null : this.#chunks.finish();
  }

  /** Gives the new chunk functions to the team, and returns what keeps all that the program uses. */
  hand(module: WebAssembly.Module, instance: WebAssembly.Instance): void {
    const holder = this.#team.add(
      this.#added.map(({ number }) => number),
      module,
      instance,
    );
    for (const { key, number } of this.#added) this.#library.set(key, { number, holder });
    this.#held.add(holder);
  }

  /** Whatever keeps the chunk functions that the program uses. */
  get held(): ReadonlySet<unknown> {
    return this.#held;
  }

  /** Emits that the team does a cut kernel, whose parameters are on the stack. */
  call(code: Code, cut: Cut, kernel: (units: number) => Kernel, table: Table): void {
    const { parameters } = kernel(cut.perChunk);
    table.block(cutNumbers(cut));
    table.number(this.#number(cut, kernel));
    table.number(chunkCount(cut));
    const { run } = this.#team;
    const fork = this.#caller.foreign("team", ["i32", "i32"], run);
    // Puts the parameters where chunks find them.
    const count = parameters.length + 1;
    const all: ValueType[] = Array.from({ length: count + 2 }, () => "i32");
    const callee = this.#caller.shared(`fork:${count}`, all, (inner) => {
      for (let i = 0; i < count; i++)
        inner
          .i32(this.#team.parameters)
          .get(i)
          .mem("i32.store", 4 * i);
      inner
        .get(count)
        .get(count + 1)
        .call(fork);
    });
    code.call(callee);
  }

  #number(cut: Cut, kernel: (units: number) => Kernel): number {
    const key = `${cutKey(cut)}:${kernel(cut.perChunk).key}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const earlier = this.#library.get(key);
    if (earlier) this.#held.add(earlier.holder);
    const number = earlier?.number ?? this.#emit(key, cut, kernel);
    this.#numbers.set(key, number);
    return number;
  }

  #emit(key: string, cut: Cut, kernel: (units: number) => Kernel): number {
    const number = this.#team.reserve();
    const module = this.#chunks;
    const { fma, choices } = this.#options;
    const chunk = module.shared(key, ["i32", "i32"], (code) =>
      emitChunk(code, cut, this.#team.parameters, (units) => {
        const { key: callee, parameters, emit } = kernel(units);
        return module.shared(callee, parameters, (inner) => emit({ code: inner, module, fma, choices }));
      }),
    );
    module.export(String(this.#added.length), chunk);
    this.#added.push({ key, number });
    return number;
  }
}
