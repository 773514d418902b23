import { numberKey } from "@polykeras/core";
import { type Call, functionBody, interleave } from "./arrange.ts";
import { type Shape, float64, int32, signed, signed64, splat, unsigned } from "./encode.ts";
import {
  type Instruction,
  type LaneInstruction,
  type MemoryInstruction,
  type MemoryLaneInstruction,
  type PlainInstruction,
  instructions,
  memoryCopy,
  memoryFill,
  shuffle,
} from "./instructions.ts";
import {
  AssemblerError,
  type FunctionReference,
  type ValueType,
  valueTypeName,
  valueTypes,
} from "./types.ts";

export type { FunctionReference };

/** Index of a parameter or local. */
export type Local = number;

/**
 * The body of one function. Every method appends an instruction and applies its type to an operand stack, so
 * that a sequence which would not validate throws AssemblerError at the line that emits it.
 */
export class Code implements FunctionReference {
  readonly index: number;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly #body: number[] = [];
  readonly #prelude: number[] = [];
  /** Types of parameters and locals, and of the operand stack, in their binary encoding. */
  readonly #types: number[];
  readonly #stack: number[] = [];
  readonly #constants = new Map<string, Local>();
  readonly #spare: Local[][] = [[], [], [], [], []];
  #floor = 0;
  /** Where statements end, while a piece is recorded; null within its blocks. */
  #ends: number[] | null = null;
  /** Calls to other functions: where the body has their index, which is known when the module is complete. */
  readonly calls: Call[] = [];

  constructor(index: number, parameters: readonly ValueType[], results: readonly ValueType[]) {
    this.index = index;
    this.parameters = parameters;
    this.results = results;
    this.#types = parameters.map((type) => valueTypes[type]);
  }

  #fail(by: string, wanted: number): never {
    const stack = this.#stack.slice(this.#floor).map(valueTypeName).join(", ");
    throw new AssemblerError(
      `${by} takes ${valueTypeName(wanted)}; the operand stack has ${stack || "nothing"}.`,
    );
  }

  #pop(type: number, by: string): void {
    if (this.#stack.length <= this.#floor) this.#fail(by, type);
    const found = this.#stack.pop();
    if (found !== type) {
      if (found !== undefined) this.#stack.push(found);
      this.#fail(by, type);
    }
  }

  /**
   * Writes the opcode and applies the types. This and what follows runs thousands of times in a program's first
   * milliseconds, before any of it is optimised: it makes few calls.
   */
  #emit({ name, bytes, operands, result }: Instruction): void {
    const stack = this.#stack;
    const count = operands.length;
    const base = stack.length - count;
    if (base < this.#floor) this.#fail(name, operands[0]!);
    for (let i = 0; i < count; i++) if (stack[base + i] !== operands[i]) this.#fail(name, operands[i]!);
    if (result === 0) stack.length = base;
    else if (count === 0) stack.push(result);
    else {
      stack[base] = result;
      if (count > 1) stack.length = base + 1;
    }
    this.#opcode(bytes);
  }

  /** Notes the end of a statement, if nothing is left on the operand stack. */
  #end(): void {
    if (this.#ends !== null && this.#stack.length === this.#floor) this.#ends.push(this.#body.length);
  }

  /**
   * Emits pieces statement by statement in turn, so that one works while another waits for its results. They write no
   * local that another one uses, and store nothing that another one loads.
   */
  interleave(pieces: readonly (() => void)[]): this {
    if (pieces.length === 1) pieces[0]!();
    else
      interleave(this.#body, this.calls, this.#spare, pieces, (piece) => {
        const ends = (this.#ends = [this.#body.length]);
        piece();
        this.#ends = null;
        return ends;
      });
    return this;
  }

  #opcode(bytes: readonly number[]): void {
    if (bytes.length === 2) this.#body.push(bytes[0]!, bytes[1]!);
    else this.#body.push(...bytes);
  }

  /** A local of its own, or one that was released. Its contents are unspecified. */
  local(type: ValueType): Local {
    const code = valueTypes[type];
    return this.#spare[(0x7f - code) & 7]!.pop() ?? this.#types.push(code) - 1;
  }

  /** Gives a local back for another use. */
  release(local: Local): void {
    this.#spare[(0x7f - this.#typeOf(local)) & 7]!.push(local);
  }

  #typeOf(local: Local): number {
    const type = this.#types[local];
    if (!type)
      throw new AssemblerError(`There is no local ${local}; the function has ${this.#types.length}.`);
    return type;
  }

  #local(opcode: number, local: Local): void {
    if (local < 128) this.#body.push(opcode, local);
    else {
      this.#body.push(opcode);
      unsigned(this.#body, local);
    }
  }

  get(local: Local): this {
    const type = this.#types[local];
    if (type === undefined) this.#typeOf(local);
    else this.#stack.push(type);
    this.#local(0x20, local);
    return this;
  }

  set(local: Local): this {
    this.#pop(this.#typeOf(local), "local.set");
    this.#local(0x21, local);
    if (this.#ends !== null) this.#end();
    return this;
  }

  tee(local: Local): this {
    this.#pop(this.#typeOf(local), "local.tee");
    this.#stack.push(this.#typeOf(local));
    this.#local(0x22, local);
    return this;
  }

  op(name: PlainInstruction): this {
    this.#emit(instructions.get(name)!);
    return this;
  }

  /** `into` = the instruction on locals, in one step. */
  assign(into: Local, name: PlainInstruction, a: Local, b?: Local, c?: Local): this {
    const { operands, bytes, result } = instructions.get(name)!;
    this.#operand(a, operands[0]!, name);
    if (b !== undefined) this.#operand(b, operands[1]!, name);
    if (c !== undefined) this.#operand(c, operands[2]!, name);
    const count = c !== undefined ? 3 : b !== undefined ? 2 : 1;
    if (operands.length !== count)
      throw new AssemblerError(`${name} takes ${operands.length} operands, not ${count}.`);
    this.#opcode(bytes);
    this.#result(into, result, name);
    return this;
  }

  /** `into` = the load at a pointer plus offset, in one step. */
  loadTo(into: Local, name: MemoryInstruction, pointer: Local, offset: number): this {
    const { bytes, result } = instructions.get(name)!;
    this.#operand(pointer, valueTypes.i32, name);
    this.#opcode(bytes);
    this.#offset(offset);
    this.#result(into, result, name);
    return this;
  }

  #operand(local: Local, type: number, by: string): void {
    if (this.#types[local] !== type)
      throw new AssemblerError(`${by} takes ${valueTypeName(type)}; local ${local} is not.`);
    this.#local(0x20, local);
  }

  #result(into: Local, type: number, by: string): void {
    if (this.#types[into] !== type)
      throw new AssemblerError(`${by} gives ${valueTypeName(type)}; local ${into} does not hold that.`);
    this.#local(0x21, into);
    if (this.#ends !== null) this.#end();
  }

  /** A load takes an address; a store an address and a value. Nothing is assumed of the alignment. */
  mem(name: MemoryInstruction, offset = 0): this {
    this.#emit(instructions.get(name)!);
    this.#offset(offset);
    if (this.#ends !== null) this.#end();
    return this;
  }

  #offset(offset: number): void {
    this.#body.push(0);
    if (offset < 128) this.#body.push(offset);
    else unsigned(this.#body, offset);
  }

  /** The i32 at a pointer plus offset. */
  word(pointer: Local, offset: number): this {
    this.#operand(pointer, valueTypes.i32, "i32.load");
    this.#body.push(0x28);
    this.#offset(offset);
    this.#stack.push(valueTypes.i32);
    return this;
  }

  memLane(name: MemoryLaneInstruction, offset: number, index: number): this {
    this.#emit(instructions.get(name)!);
    this.#offset(offset);
    this.#body.push(index);
    if (this.#ends !== null) this.#end();
    return this;
  }

  lane(name: LaneInstruction, index: number): this {
    this.#emit(instructions.get(name)!);
    this.#body.push(index);
    return this;
  }

  /** i8x16.shuffle by 32-bit lanes: 0 to 3 of the first operand, 4 to 7 of the second. */
  shuffle32(lanes: readonly [number, number, number, number]): this {
    this.#emit(shuffle);
    for (const index of lanes) for (let byte = 0; byte < 4; byte++) this.#body.push(index * 4 + byte);
    return this;
  }

  i32(value: number): this {
    this.#body.push(0x41);
    signed(this.#body, value);
    this.#stack.push(valueTypes.i32);
    return this;
  }

  i64(value: bigint): this {
    this.#body.push(0x42);
    signed64(this.#body, value);
    this.#stack.push(valueTypes.i64);
    return this;
  }

  f64(value: number): this {
    this.#body.push(0x44);
    float64(this.#body, value);
    this.#stack.push(valueTypes.f64);
    return this;
  }

  /** v128.const with one value in every lane. */
  splat(shape: Shape, value: number): this {
    splat(this.#body, shape, value);
    this.#stack.push(valueTypes.v128);
    return this;
  }

  i32x4(a: number, b: number, c: number, d: number): this {
    this.#body.push(0xfd, 0x0c);
    for (const value of [a, b, c, d]) int32(this.#body, value);
    this.#stack.push(valueTypes.v128);
    return this;
  }

  /** Like `splat`, from a local that is set once at the start: V8 would rebuild v128.const in every iteration. */
  constant(shape: Shape, value: number): this {
    return this.get(this.constantLocal(shape, value));
  }

  /** The local of such a constant; it is never written again. */
  constantLocal(shape: Shape, value: number): Local {
    const key = `${shape}${numberKey(value)}`;
    let local = this.#constants.get(key);
    if (local === undefined) {
      local = this.#types.push(valueTypes.v128) - 1;
      this.#constants.set(key, local);
      splat(this.#prelude, shape, value);
      this.#prelude.push(0x21);
      unsigned(this.#prelude, local);
    }
    return local;
  }

  select(): this {
    this.#pop(valueTypes.i32, "select");
    const type = this.#stack.at(-1);
    if (!type || type === valueTypes.v128) throw new AssemblerError("select does not take v128 or nothing.");
    this.#pop(type, "select");
    this.#pop(type, "select");
    this.#stack.push(type);
    this.#body.push(0x1b);
    return this;
  }

  #structured(opcode: number, body: () => void, otherwise?: () => void): this {
    const floor = this.#floor;
    this.#floor = this.#stack.length;
    const ends = this.#ends;
    this.#ends = null;
    this.#body.push(opcode, 0x40);
    this.#inside(body);
    if (otherwise) {
      this.#body.push(0x05);
      this.#inside(otherwise);
    }
    this.#body.push(0x0b);
    this.#floor = floor;
    this.#ends = ends;
    if (this.#ends !== null) this.#end();
    return this;
  }

  #inside(body: () => void): void {
    body();
    if (this.#stack.length !== this.#floor)
      throw new AssemblerError(
        `A block leaves ${this.#stack.slice(this.#floor).map(valueTypeName).join(", ")} on the stack.`,
      );
  }

  block(body: () => void): this {
    return this.#structured(0x02, body);
  }

  loop(body: () => void): this {
    return this.#structured(0x03, body);
  }

  if(then: () => void, otherwise?: () => void): this {
    this.#pop(valueTypes.i32, "if");
    return this.#structured(0x04, then, otherwise);
  }

  /** Branches to the label `depth` blocks out if the i32 on the stack is not zero. */
  brIf(depth: number): this {
    this.#pop(valueTypes.i32, "br_if");
    this.#body.push(0x0d);
    unsigned(this.#body, depth);
    return this;
  }

  call(target: FunctionReference): this {
    for (let i = target.parameters.length - 1; i >= 0; i--)
      this.#pop(valueTypes[target.parameters[i]!], "call");
    for (const type of target.results) this.#stack.push(valueTypes[type]);
    this.calls.push({ at: this.#body.length + 1, target });
    this.#body.push(0x10, 0, 0, 0);
    return this;
  }

  /** Takes destination, source and byte count. */
  memoryCopy(): this {
    this.#emit(memoryCopy);
    return this;
  }

  /** Takes destination, byte value and byte count. */
  memoryFill(): this {
    this.#emit(memoryFill);
    return this;
  }

  /** Bytes of the finished function before those of `calls`. */
  get bodyLength(): number {
    return this.#body.length;
  }

  /** Checks the results and gives length, locals, prelude and body: the parts that the code section wants. */
  finish(): readonly (readonly number[])[] {
    for (let i = this.results.length - 1; i >= 0; i--) this.#pop(valueTypes[this.results[i]!], "end");
    if (this.#stack.length > 0)
      throw new AssemblerError(
        `The function leaves ${this.#stack.map(valueTypeName).join(", ")} on the stack.`,
      );
    this.#body.push(0x0b);
    return functionBody(this.#types, this.parameters.length, this.#prelude, this.#body);
  }
}
