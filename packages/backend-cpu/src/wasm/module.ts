import { Bytes } from "./bytes.ts";
import type { Identity } from "./run-library.ts";
import { name as nameOf, unsigned } from "./encode.ts";
import { Code, type FunctionReference } from "./code.ts";
import { type Prepared, findPrepared } from "./prepared.ts";
import { type ValueType, valueTypes } from "./types.ts";

const pagesMax = 65536;

/** Encoded bodies of functions that call no other, by key: they fit into any module. */
export class BodyCache {
  readonly #bodies = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #prepared: Prepared | null;
  #bytes = 0;

  constructor(prepared: Prepared | null = null) {
    this.#prepared = prepared;
  }

  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#bodies.get(key) ?? (this.#prepared ? findPrepared(this.#prepared, key) : undefined);
  }

  /** What was emitted. */
  get emitted(): ReadonlyMap<string, Uint8Array> {
    return this.#bodies;
  }

  /** Keeps a copy; when there are too many, all go: they can be emitted again. */
  set(key: string, body: Uint8Array): void {
    if (this.#bytes > cacheBytes) {
      this.#bodies.clear();
      this.#bytes = 0;
    }
    this.#bodies.set(key, body.slice());
    this.#bytes += body.length;
  }
}

const cacheBytes = 2 ** 22;
const kernelsMax = 1024;
const kernelModule = "k";

/**
 * Kernels of earlier modules by key. Later ones import them: what V8 has optimised stays so. A kernel keeps the
 * instance it belongs to; when there are too many, all go.
 */
export class KernelLibrary {
  readonly #kernels = new Map<string, WebAssembly.ExportValue>();

  get(key: string): WebAssembly.ExportValue | undefined {
    return this.#kernels.get(key);
  }

  set(key: string, kernel: WebAssembly.ExportValue): void {
    if (this.#kernels.size >= kernelsMax) this.#kernels.clear();
    this.#kernels.set(key, kernel);
  }
}

/** Told the key of each shared function that a module has of its own. */
export type Note = (key: string) => void;

/** What a module shares with others, and whether its memory is shared among threads. */
export interface ModuleOptions {
  readonly cache?: BodyCache;
  readonly library?: KernelLibrary;
  readonly isShared?: boolean;
  readonly note?: Note;
}

/**
 * A module that imports one memory, `m` of `e`, plain or shared, and kernels that are in the library; it exports the
 * functions that were given a name, and its new kernels.
 */
export class ModuleBuilder {
  readonly #functions: FunctionReference[] = [];
  readonly #code = new Bytes(16384);
  /** Start and end of each function's body in `#code`. */
  readonly #bodies: (readonly [number, number])[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];
  readonly #kernels = new Map<string, FunctionReference>();
  readonly #cache: BodyCache | undefined;
  readonly #library: KernelLibrary | undefined;
  readonly #note: Note | undefined;
  readonly #imported: { readonly reference: FunctionReference; readonly kernel: WebAssembly.ImportValue }[] =
    [];
  readonly #exported: string[] = [];
  /** Where bodies have the index of a function that they call. */
  readonly #calls: { readonly at: number; readonly target: FunctionReference }[] = [];
  readonly #isShared: boolean;
  /** Functions that no key stands for. */
  readonly #own: Code[] = [];

  constructor({ cache, library, isShared = false, note }: ModuleOptions = {}) {
    this.#cache = cache;
    this.#library = library;
    this.#isShared = isShared;
    this.#note = note;
  }

  /** Adds a function. Functions it calls exist already: they were added before. */
  function(
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    emit: (code: Code) => void,
  ): Code {
    const code = this.#add(parameters, results, emit);
    this.#own.push(code);
    return code;
  }

  #add(parameters: readonly ValueType[], results: readonly ValueType[], emit: (code: Code) => void): Code {
    const code = new Code(this.#functions.length, parameters, results);
    this.#functions.push(code);
    this.#bodies.push([0, 0]);
    emit(code);
    // Bodies are written as they are complete, callees first; the section puts them in the order of indices.
    const start = this.#code.length;
    for (const part of code.finish()) this.#code.write(part);
    const end = this.#code.length;
    this.#bodies[code.index] = [start, end];
    for (const { at, target } of code.calls) this.#calls.push({ at: end - code.bodyLength + at, target });
    return code;
  }

  /** Like `shared`, for functions that are called seldom: an earlier module's kernel of that key is imported. */
  kernel(key: string, parameters: readonly ValueType[], emit: (code: Code) => void): FunctionReference {
    const known = this.#kernels.get(key);
    if (known) return known;
    const kernel = this.#library?.get(key);
    if (!kernel) {
      if (this.#library) {
        this.export(String(this.#exported.length), this.shared(key, parameters, emit));
        this.#exported.push(key);
      }
      return this.shared(key, parameters, emit);
    }
    return this.foreign(key, parameters, kernel);
  }

  /** A function without results that the module imports under a key: of another module, or of JavaScript. */
  foreign(key: string, parameters: readonly ValueType[], value: WebAssembly.ImportValue): FunctionReference {
    const known = this.#kernels.get(key);
    if (known) return known;
    const reference = { index: this.#imported.length, imported: true, parameters, results: [] };
    this.#imported.push({ reference, kernel: value });
    this.#kernels.set(key, reference);
    return reference;
  }

  /** The import object's part for kernels. */
  get imports(): WebAssembly.Imports {
    return { [kernelModule]: Object.fromEntries(this.#imported.map(({ kernel }, i) => [String(i), kernel])) };
  }

  /** What the functions without keys do: their bodies, but for the indices of what they call, and what that is. */
  identity(): Identity {
    const bytes = new Bytes(4096);
    const calls: (string | number)[] = [];
    const keys = new Map<FunctionReference, string>();
    for (const [key, reference] of this.#kernels) keys.set(reference, key);
    for (const code of this.#own) {
      const [start, end] = this.#bodies[code.index]!;
      bytes.write(this.#code.view(start, end));
      for (const { target } of code.calls)
        calls.push(keys.get(target) ?? this.#own.findIndex((other) => other === target));
    }
    return { bytes: bytes.view(), calls };
  }

  /** Puts the new kernels of this module's instance into the library. */
  keep(instance: WebAssembly.Instance): void {
    for (const [i, key] of this.#exported.entries()) this.#library?.set(key, instance.exports[String(i)]!);
  }

  /** The function of that key: emitted at its first use, shared afterwards. The key must determine the code. */
  shared(
    key: string,
    parameters: readonly ValueType[],
    emit: (code: Code) => void,
    results: readonly ValueType[] = [],
  ): FunctionReference {
    const known = this.#kernels.get(key);
    if (known) return known;
    this.#note?.(key);
    const body = this.#cache?.get(key);
    if (body) {
      const start = this.#code.length;
      this.#code.write(body);
      const reference = { index: this.#functions.length, parameters, results };
      this.#functions.push(reference);
      this.#bodies.push([start, this.#code.length]);
      this.#kernels.set(key, reference);
      return reference;
    }
    // Callees are added while the body is emitted; indices stay right as they are given at creation.
    const code = this.#add(parameters, results, emit);
    this.#kernels.set(key, code);
    const [start, end] = this.#bodies[code.index]!;
    if (code.calls.length === 0) this.#cache?.set(key, this.#code.view(start, end));
    return code;
  }

  export(name: string, code: FunctionReference): void {
    this.#exports.push({ name, index: code.index });
  }

  get functionCount(): number {
    return this.#functions.length;
  }

  /** The binary module, once. */
  finish(): Uint8Array<ArrayBuffer> {
    const module = new Bytes(this.#code.length + 1024);
    module.write([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const types: number[] = [];
    const functions: number[] = [];
    const known = new Map<string, number>();
    const typeOf = ({ parameters, results }: FunctionReference): number => {
      const key = `${parameters.join()}:${results.join()}`;
      let index = known.get(key);
      if (index === undefined) {
        index = known.size;
        known.set(key, index);
        types.push(0x60);
        for (const list of [parameters, results]) {
          unsigned(types, list.length);
          for (const type of list) types.push(valueTypes[type]);
        }
      }
      return index;
    };
    for (const reference of this.#functions) unsigned(functions, typeOf(reference));
    const imports: number[] = [];
    nameOf(imports, "e");
    nameOf(imports, "m");
    imports.push(2, this.#isShared ? 3 : 1, 1);
    unsigned(imports, pagesMax);
    for (const [i, { reference }] of this.#imported.entries()) {
      nameOf(imports, kernelModule);
      nameOf(imports, String(i));
      imports.push(0);
      unsigned(imports, typeOf(reference));
    }
    const first = this.#imported.length;
    const code = this.#code.view();
    for (const { at, target } of this.#calls) {
      const index = target.imported ? target.index : first + target.index;
      // Padded to three bytes, which were left free for it.
      code[at] = (index & 127) | 128;
      code[at + 1] = ((index >> 7) & 127) | 128;
      code[at + 2] = (index >> 14) & 127;
    }
    const exports: number[] = [];
    for (const entry of this.#exports) {
      nameOf(exports, entry.name);
      exports.push(0);
      unsigned(exports, first + entry.index);
    }
    section(module, 1, known.size, types);
    section(module, 2, 1 + first, imports);
    section(module, 3, this.#functions.length, functions);
    section(module, 7, this.#exports.length, exports);
    sectionHead(module, 10, this.#functions.length, this.#code.length);
    for (const [start, end] of this.#bodies) module.write(this.#code.view(start, end));
    return module.view();
  }
}

function section(module: Bytes, id: number, count: number, content: readonly number[]): void {
  sectionHead(module, id, count, content.length);
  module.write(content);
}

function sectionHead(module: Bytes, id: number, count: number, length: number): void {
  const counted: number[] = [];
  unsigned(counted, count);
  const head = [id];
  unsigned(head, counted.length + length);
  module.write(head.concat(counted));
}
