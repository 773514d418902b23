import {
  type Program,
  type Step,
  type TensorSpec,
  type ValueId,
  sizeOf,
  specOf,
  storageOf,
  stridesOf,
} from "@polykeras/core";
import { type Target, isExact } from "../plan/target.ts";
import { literal } from "./literal.ts";

/** Writes the code for one element of the output of an op: `flat` is the element's row-major index. */
export type Inline = (writer: Writer, step: Step, flat: string) => string;

/** A kernel of gpu.js: its source, the threads it runs for, and the values it reads, in the order of arguments. */
export interface KernelSource {
  readonly source: string;
  readonly output: readonly number[];
  /** Below 0, -1 for the first: what an earlier kernel of the same step makes. */
  readonly inputs: readonly ValueId[];
  /** Elements of the result, where threads store them themselves, by `store(index, value)`, and return nothing. */
  readonly stored?: number;
}

/** What a thread has computed of one op: the names of neighbouring elements, and their indices. */
export interface Anchored {
  readonly totals: readonly string[];
  readonly flats: readonly string[];
  /** Conditions under which the elements exist, empty where they always do: others are not stored. */
  readonly inside: readonly string[];
  readonly output: readonly number[];
}

/** Writes an op whose threads make neighbours, so that element-wise ops may go on with them. */
export type Anchor = (writer: Writer, step: Step) => Anchored;

/** The kernels of an op that is never computed where it is read, and those of them that make its outputs. */
export interface Written {
  readonly kernels: readonly KernelSource[];
  readonly results: readonly number[];
}

/** Up to here the quotient of an index by the product with a rounded reciprocal is exact. */
const reciprocalLimit = 2 ** 22;

/** What a kernel may read, and what it computes itself. */
export interface Surroundings {
  readonly program: Program;
  readonly target: Target;
  /** Storages that are computed where they are read, with the steps and the rules that make them. */
  readonly inlined: ReadonlyMap<ValueId, { readonly step: Step; readonly inline: Inline }>;
  /** Storages of one element whose value is known. */
  readonly scalars: ReadonlyMap<ValueId, number>;
}

/** Writes one kernel. Every intermediate is a named constant, so that an element is computed once. */
export class Writer {
  readonly #around: Surroundings;
  readonly #inputs: ValueId[] = [];
  /** What the whole kernel may use, at its head. */
  readonly #head = new Map<string, string>();
  readonly #lines: string[] = [];
  #known = new Map<string, string>();
  readonly #places = new Map<string, readonly string[]>();
  #names = 0;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** False where division, roots and functions are to be made of sums and products. */
  get isExact(): boolean {
    return isExact(this.#around.target);
  }

  /** True where threads may store elements in any place, and integers are worth having. */
  get scatters(): boolean {
    return this.#around.target.mode === "webgpu";
  }

  /** Neighbours that one thread may compute. */
  get lanes(): number {
    return this.isExact ? 1 : 4;
  }

  /** Rows of such neighbours. */
  get rows(): number {
    return this.scatters ? 4 : 1;
  }

  spec(id: ValueId): TensorSpec {
    return specOf(this.#around.program, id);
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  fresh(prefix = "t"): string {
    return `${prefix}${this.#names++}`;
  }

  /** A named constant for an expression; equal expressions of a block share it. */
  constant(expression: string): string {
    const known = this.#known.get(expression);
    if (known) return known;
    const name = this.fresh();
    this.line(`const ${name} = ${expression};`);
    this.#known.set(expression, name);
    return name;
  }

  variable(expression: string): string {
    const name = this.fresh("r");
    this.line(`let ${name} = ${expression};`);
    return name;
  }

  /** Gives a variable another value where a condition holds: on GPUs without a branch. */
  replace(variable: string, condition: string, value: string): void {
    if (this.isExact) this.line(`if (${condition}) { ${variable} = ${value}; }`);
    else this.line(`${variable} = (${condition})?${value}:${variable};`);
  }

  /** A named constant for an index, shared as others are. */
  index(expression: string): string {
    if (!this.scatters) return this.constant(expression);
    if (/^[ik]\d+$/.test(expression)) return expression;
    const known = this.#known.get(`index ${expression}`);
    if (known) return known;
    const name = this.counter(expression);
    this.#known.set(`index ${expression}`, name);
    return name;
  }

  /** A variable for an index. gpu.js makes an integer of what is counted up, and would cast floats at every reading. */
  counter(expression: string): string {
    if (!this.scatters) return this.variable(expression);
    const name = this.fresh("i");
    // It adds literals as floats unless bits are asked for.
    const value = /^[^a-z]+$/.test(expression) ? `(${expression})|0` : expression;
    this.line(`let ${name} = 0; ${name}++; ${name} = ${value};`);
    return name;
  }

  /** A block: what is named in it is not known after it. */
  block(head: string, body: () => void): void {
    const outer = this.#known;
    this.#known = new Map(outer);
    this.line(`${head} {`);
    body();
    this.line("}");
    this.#known = outer;
  }

  /** A loop from 0 to `count` - 1. */
  loop(count: number, body: (index: string) => void): void {
    const k = this.fresh("k");
    this.block(`for (let ${k} = 0; ${k} < ${count}; ${k}++)`, () => body(k));
  }

  /** A float32 value; where the language refuses to overflow in a literal, NaN, infinities and -0 come from a variable. */
  literal(value: number): string {
    if (this.isExact || (Number.isFinite(Math.fround(value)) && !Object.is(value, -0))) return literal(value);
    this.#head.set("huge", "3e38");
    if (value === 0) return "(-1/(huge*10))";
    return Number.isNaN(value) ? "(huge*10*0)" : value > 0 ? "(huge*10)" : "(huge*(-10))";
  }

  /**
   * A number that the program has in it. Optimisers of shaders add up constants, as in (1 - x) + 1e-7, as if sums
   * were exact: they are not to know what it is.
   */
  #scalar(value: number): string {
    const known = this.literal(value);
    if (this.isExact || value === 0 || !Number.isFinite(Math.fround(value))) return known;
    const name = `s${String(Math.fround(value)).replaceAll(/\W/g, "_")}`;
    this.#head.set(name, `(this.thread.x<0)?0:${known}`);
    return name;
  }

  /** The argument that holds all of a value. */
  argument(id: ValueId): string {
    const storage = storageOf(this.#around.program, id);
    const at = this.#inputs.indexOf(storage);
    return `a${at >= 0 ? at : this.#inputs.push(storage) - 1}`;
  }

  /** The argument that holds what kernel `index` of this step makes. */
  scratch(index: number): string {
    const at = this.#inputs.indexOf(-1 - index);
    return `a${at >= 0 ? at : this.#inputs.push(-1 - index) - 1}`;
  }

  thread(): string {
    return this.index("this.thread.x");
  }

  /** Element `flat` of an operand that is not computed here, as an expression. */
  element(id: ValueId, flat: string): string {
    const scalar = this.#around.scalars.get(storageOf(this.#around.program, id));
    return scalar === undefined ? `${this.argument(id)}[${flat}]` : this.#scalar(scalar);
  }

  /** The floor of an index, of a magnitude of at most `limit`, by a whole number. */
  quotient(index: string, by: number, limit: number): string {
    if (this.isExact) return this.constant(`Math.floor(${index}/${by})`);
    const bits = Math.log2(by);
    if (this.scatters && Number.isInteger(bits)) return this.index(`${index}>>${bits}`);
    const floor = `Math.floor((${index}+0.5)*${literal(1 / by)})`;
    // A product is what gpu.js casts to an integer.
    const near = this.scatters ? this.index(`${floor}*1`) : this.constant(floor);
    if (limit <= reciprocalLimit || Number.isInteger(bits)) return near;
    const rest = this.index(`${index}-${near}*${by}`);
    return this.index(`${near}+((${rest}<0)?(-1):((${rest}>=${by})?1:0))`);
  }

  /** Element `flat` of a value: read, computed here, or a literal. */
  value(id: ValueId, flat: string): string {
    const storage = storageOf(this.#around.program, id);
    const scalar = this.#around.scalars.get(storage);
    if (scalar !== undefined) return this.#scalar(scalar);
    const key = `${storage}@${flat}`;
    const known = this.#known.get(key);
    if (known) return known;
    const made = this.#around.inlined.get(storage);
    if (!made) return this.constant(`${this.argument(id)}[${flat}]`);
    const name = made.inline(this, made.step, flat);
    this.#known.set(key, name);
    return name;
  }

  /** Says that elements of a value have been computed here. */
  computed(id: ValueId, flats: readonly string[], names: readonly string[]): void {
    const storage = storageOf(this.#around.program, id);
    for (const [i, flat] of flats.entries()) this.#known.set(`${storage}@${flat}`, names[i]!);
  }

  /** Says where in a tensor of `shape` element `flat` lies. */
  located(shape: readonly number[], flat: string, coordinates: readonly string[]): void {
    this.#places.set(`${shape.join()}@${flat}`, coordinates);
  }

  /** The index along every axis of element `flat` of a tensor. Exact below 2^23 elements. */
  coordinates(shape: readonly number[], flat: string): readonly string[] {
    const known = this.#places.get(`${shape.join()}@${flat}`);
    if (known) return known;
    const result: string[] = shape.map(() => "0");
    let rest = flat;
    let left = sizeOf(shape);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const dim = shape[axis]!;
      if (dim === 1) continue;
      left /= dim;
      if (left === 1) {
        result[axis] = rest;
        break;
      }
      const above = this.quotient(rest, dim, left * dim);
      result[axis] = this.index(`${rest}-${above}*${dim}`);
      rest = above;
    }
    return result;
  }

  /** The row-major index of coordinates in a tensor of `shape`. */
  flatten(shape: readonly number[], coordinates: readonly string[]): string {
    const terms = stridesOf(shape).flatMap((stride, axis) => {
      const at = coordinates[axis]!;
      return shape[axis] === 1 || at === "0" ? [] : [stride === 1 ? at : `${at}*${stride}`];
    });
    if (terms.length === 0) return "0";
    return terms.length === 1 && /^\w+$/.test(terms[0]!) ? terms[0]! : this.index(terms.join("+"));
  }

  /** Element `flat` of the output's shape, read from an operand that broadcasts to it. */
  operand(id: ValueId, shape: readonly number[], flat: string): string {
    const own = this.spec(id).shape;
    if (sizeOf(own) === sizeOf(shape)) return this.value(id, flat);
    if (sizeOf(own) === 1) return this.value(id, "0");
    const coordinates = this.coordinates(shape, flat).slice(shape.length - own.length);
    const clipped = coordinates.map((at, axis) => (own[axis] === 1 ? "0" : at));
    return this.value(id, this.flatten(own, clipped));
  }

  /** The kernel that returns `result` for each of `output`'s threads. */
  finish(result: string, output: readonly number[]): KernelSource {
    return this.#finish([result], output);
  }

  /** The kernel whose threads give the elements they have computed, after what else was done with them. */
  finishAnchored(
    results: readonly string[],
    { flats, inside, output }: Anchored,
    size: number,
  ): KernelSource {
    if (!this.scatters) return this.#finish(results, output);
    for (const [i, result] of results.entries()) {
      const store = `store(${flats[i]!},${result});`;
      this.line(inside[i] === "" ? store : `if (${inside[i]!}) { ${store} }`);
    }
    return { ...this.#finish(["0"], output), stored: size };
  }

  /** The kernel whose threads return one neighbour after the other: one, or as many as `lanes`. */
  #finish(results: readonly string[], output: readonly number[]): KernelSource {
    const result = results.length === 1 ? results[0]! : `[${results.join(",")}]`;
    const parameters = this.#inputs.map((_, i) => `a${i}`).join(",");
    const head = Array.from(this.#head, ([name, value]) => `const ${name} = ${value};`);
    const source = `function(${parameters}) {\n${[...head, ...this.#lines].join("\n")}\nreturn ${result};\n}`;
    return { source, output, inputs: this.#inputs };
  }
}
