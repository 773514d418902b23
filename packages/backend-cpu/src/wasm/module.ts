import { Bytes } from "./bytes.ts";
import { name as nameOf, unsigned } from "./encode.ts";
import { Code, type FunctionReference } from "./code.ts";
import { type ValueType, valueTypes } from "./types.ts";

const pagesMax = 65536;

/** Encoded bodies of functions that call no other, by key: they fit into any module. */
export class BodyCache {
  readonly #bodies = new Map<string, Uint8Array<ArrayBuffer>>();
  #bytes = 0;

  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#bodies.get(key);
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

/** A module that imports one memory, `m` of `e`, and exports the functions that were given a name. */
export class ModuleBuilder {
  readonly #functions: FunctionReference[] = [];
  readonly #code = new Bytes(16384);
  /** Start and end of each function's body in `#code`. */
  readonly #bodies: (readonly [number, number])[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];
  readonly #kernels = new Map<string, FunctionReference>();
  readonly #cache: BodyCache | null;

  constructor(cache: BodyCache | null = null) {
    this.#cache = cache;
  }

  /** Adds a function. Functions it calls exist already: they were added before. */
  function(
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    emit: (code: Code) => void,
  ): Code {
    const code = new Code(this.#functions.length, parameters, results);
    this.#functions.push(code);
    this.#bodies.push([0, 0]);
    emit(code);
    // Bodies are written as they are complete, callees first; the section puts them in the order of indices.
    const start = this.#code.length;
    this.#code.write(code.finish());
    this.#bodies[code.index] = [start, this.#code.length];
    return code;
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
    const code = this.function(parameters, results, emit);
    this.#kernels.set(key, code);
    const [start, end] = this.#bodies[code.index]!;
    if (!code.calls) this.#cache?.set(key, this.#code.view(start, end));
    return code;
  }

  export(name: string, code: FunctionReference): void {
    this.#exports.push({ name, index: code.index });
  }

  get functionCount(): number {
    return this.#functions.length;
  }

  /** The binary module. */
  finish(): Uint8Array<ArrayBuffer> {
    const module = new Bytes(this.#code.length + 1024);
    module.write([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const types: number[] = [];
    const functions: number[] = [];
    const known = new Map<string, number>();
    for (const { parameters, results } of this.#functions) {
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
      unsigned(functions, index);
    }
    const imports: number[] = [];
    nameOf(imports, "e");
    nameOf(imports, "m");
    imports.push(2, 1, 1);
    unsigned(imports, pagesMax);
    const exports: number[] = [];
    for (const entry of this.#exports) {
      nameOf(exports, entry.name);
      exports.push(0);
      unsigned(exports, entry.index);
    }
    section(module, 1, known.size, types);
    section(module, 2, 1, imports);
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
