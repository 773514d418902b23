import { Bytes } from "./bytes.ts";
import { Code } from "./code.ts";
import { type ValueType, valueTypes } from "./types.ts";

const pagesMax = 65536;

/** A module that imports one memory, `m` of `e`, and exports the functions that were given a name. */
export class ModuleBuilder {
  readonly #functions: Code[] = [];
  readonly #code = new Bytes(16384);
  /** Start and end of each function's body in `#code`. */
  readonly #bodies: (readonly [number, number])[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];
  readonly #kernels = new Map<string, Code>();

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
    code.finish(this.#code);
    this.#bodies[code.index] = [start, this.#code.length];
    return code;
  }

  /** The function of that key: emitted at its first use, shared afterwards. The key must determine the code. */
  shared(
    key: string,
    parameters: readonly ValueType[],
    emit: (code: Code) => void,
    results: readonly ValueType[] = [],
  ): Code {
    const known = this.#kernels.get(key);
    if (known) return known;
    // Callees are added while the body is emitted; indices stay right as they are given at creation.
    const code = this.function(parameters, results, emit);
    this.#kernels.set(key, code);
    return code;
  }

  export(name: string, code: Code): void {
    this.#exports.push({ name, index: code.index });
  }

  get functionCount(): number {
    return this.#functions.length;
  }

  /** The binary module. */
  finish(): Uint8Array<ArrayBuffer> {
    const module = new Bytes(4096);
    for (const byte of [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) module.byte(byte);
    const types = new Bytes();
    const indices: number[] = [];
    const known = new Map<string, number>();
    for (const { parameters, results } of this.#functions) {
      const key = `${parameters.join()}:${results.join()}`;
      let index = known.get(key);
      if (index === undefined) {
        index = known.size;
        known.set(key, index);
        types.byte(0x60);
        for (const list of [parameters, results]) {
          types.unsigned(list.length);
          for (const type of list) types.byte(valueTypes[type]);
        }
      }
      indices.push(index);
    }
    section(module, 1, known.size, types);
    const imports = new Bytes(16);
    imports.name("e");
    imports.name("m");
    imports.byte(2);
    imports.byte(1);
    imports.unsigned(1);
    imports.unsigned(pagesMax);
    section(module, 2, 1, imports);
    const functions = new Bytes();
    for (const index of indices) functions.unsigned(index);
    section(module, 3, indices.length, functions);
    const exports = new Bytes();
    for (const { name, index } of this.#exports) {
      exports.name(name);
      exports.byte(0);
      exports.unsigned(index);
    }
    section(module, 7, this.#exports.length, exports);
    const code = new Bytes(this.#code.length);
    for (const [start, end] of this.#bodies) code.append(this.#code, start, end);
    section(module, 10, this.#functions.length, code);
    return module.view();
  }
}

function section(module: Bytes, id: number, count: number, content: Bytes): void {
  const head = new Bytes(8);
  head.unsigned(count);
  module.byte(id);
  module.unsigned(head.length + content.length);
  module.append(head);
  module.append(content);
}
