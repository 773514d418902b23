import { Bytes } from "./bytes.ts";
import {
  type LaneInstruction,
  type MemoryInstruction,
  type MemoryLaneInstruction,
  type PlainInstruction,
  lane as laneTable,
  memory as memoryTable,
  memoryLane as memoryLaneTable,
  plain,
} from "./instructions.ts";
import { AssemblerError, type ValueType, letters, valueTypes } from "./types.ts";

/** Index of a parameter or local. */
export type Local = number;

/** What a call needs to know of its target. */
export interface FunctionReference {
  readonly index: number;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/**
 * The body of one function. Every method appends an instruction and applies its type to an operand stack, so
 * that a sequence which would not validate throws AssemblerError at the line that emits it.
 */
export class Code implements FunctionReference {
  readonly index: number;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly #body = new Bytes(512);
  readonly #prelude = new Bytes(64);
  readonly #types: ValueType[];
  readonly #stack: ValueType[] = [];
  readonly #constants = new Map<string, Local>();
  readonly #spare: Record<ValueType, Local[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  #floor = 0;

  constructor(index: number, parameters: readonly ValueType[], results: readonly ValueType[]) {
    this.index = index;
    this.parameters = parameters;
    this.results = results;
    this.#types = [...parameters];
  }

  #pop(type: ValueType, by: string): void {
    const found = this.#stack.length > this.#floor ? this.#stack.pop() : undefined;
    if (found !== type)
      throw new AssemblerError(`${by} takes ${type}; the operand stack has ${found ?? "nothing"}.`);
  }

  #apply(name: string, operands: string, results: string): void {
    for (let i = operands.length - 1; i >= 0; i--) this.#pop(letters[operands[i]!]!, name);
    for (let i = 0; i < results.length; i++) this.#stack.push(letters[results[i]!]!);
  }

  #opcode(opcode: number): void {
    if (opcode > 0xff) {
      this.#body.byte(opcode >> 16);
      this.#body.unsigned(opcode & 0xffff);
    } else this.#body.byte(opcode);
  }

  /** A local of its own, or one that was released. Its contents are unspecified. */
  local(type: ValueType): Local {
    return this.#spare[type].pop() ?? this.#types.push(type) - 1;
  }

  /** Gives a local back for another use. */
  release(local: Local): void {
    this.#spare[this.#typeOf(local)].push(local);
  }

  #typeOf(local: Local): ValueType {
    const type = this.#types[local];
    if (!type)
      throw new AssemblerError(`There is no local ${local}; the function has ${this.#types.length}.`);
    return type;
  }

  get(local: Local): this {
    this.#body.byte(0x20);
    this.#body.unsigned(local);
    this.#stack.push(this.#typeOf(local));
    return this;
  }

  set(local: Local): this {
    this.#pop(this.#typeOf(local), "local.set");
    this.#body.byte(0x21);
    this.#body.unsigned(local);
    return this;
  }

  tee(local: Local): this {
    this.#pop(this.#typeOf(local), "local.tee");
    this.#stack.push(this.#typeOf(local));
    this.#body.byte(0x22);
    this.#body.unsigned(local);
    return this;
  }

  op(name: PlainInstruction): this {
    const [opcode, operands, results] = plain.get(name)!;
    this.#opcode(opcode);
    this.#apply(name, operands, results);
    return this;
  }

  /** A load takes an address; a store an address and a value. Nothing is assumed of the alignment. */
  mem(name: MemoryInstruction, offset = 0): this {
    const [opcode, operands, results] = memoryTable[name];
    this.#opcode(opcode);
    this.#body.byte(0);
    this.#body.unsigned(offset);
    this.#apply(name, `i${operands}`, results);
    return this;
  }

  memLane(name: MemoryLaneInstruction, offset: number, index: number): this {
    const [opcode, operands, results] = memoryLaneTable[name];
    this.#opcode(opcode);
    this.#body.byte(0);
    this.#body.unsigned(offset);
    this.#body.byte(index);
    this.#apply(name, `i${operands}`, results);
    return this;
  }

  lane(name: LaneInstruction, index: number): this {
    const [opcode, operands, results] = laneTable[name];
    this.#opcode(opcode);
    this.#body.byte(index);
    this.#apply(name, operands, results);
    return this;
  }

  /** i8x16.shuffle by 32-bit lanes: 0 to 3 of the first operand, 4 to 7 of the second. */
  shuffle32(lanes: readonly [number, number, number, number]): this {
    this.#opcode(0xfd000d);
    for (const index of lanes) for (let byte = 0; byte < 4; byte++) this.#body.byte(index * 4 + byte);
    this.#apply("i8x16.shuffle", "vv", "v");
    return this;
  }

  i32(value: number): this {
    this.#body.byte(0x41);
    this.#body.signed(value);
    this.#stack.push("i32");
    return this;
  }

  i64(value: bigint): this {
    this.#body.byte(0x42);
    this.#body.signed64(value);
    this.#stack.push("i64");
    return this;
  }

  f32(value: number): this {
    this.#body.byte(0x43);
    this.#body.float32(value);
    this.#stack.push("f32");
    return this;
  }

  f64(value: number): this {
    this.#body.byte(0x44);
    this.#body.float64(value);
    this.#stack.push("f64");
    return this;
  }

  /** v128.const with one value in every lane. */
  splat(shape: "f32x4" | "i32x4" | "f64x2", value: number): this {
    writeSplat(this.#body, shape, value);
    this.#stack.push("v128");
    return this;
  }

  i32x4(a: number, b: number, c: number, d: number): this {
    this.#opcode(0xfd000c);
    for (const value of [a, b, c, d]) this.#body.int32(value);
    this.#stack.push("v128");
    return this;
  }

  /** Like `splat`, from a local that is set once at the start: V8 would rebuild v128.const in every iteration. */
  constant(shape: "f32x4" | "i32x4" | "f64x2", value: number): this {
    return this.get(this.constantLocal(shape, value));
  }

  /** The local of such a constant; it is never written again. */
  constantLocal(shape: "f32x4" | "i32x4" | "f64x2", value: number): Local {
    const key = `${shape}${Object.is(value, -0) ? "-0" : value}`;
    let local = this.#constants.get(key);
    if (local === undefined) {
      local = this.#types.push("v128") - 1;
      this.#constants.set(key, local);
      writeSplat(this.#prelude, shape, value);
      this.#prelude.byte(0x21);
      this.#prelude.unsigned(local);
    }
    return local;
  }

  select(): this {
    this.#pop("i32", "select");
    const type = this.#stack.at(-1);
    if (!type || type === "v128") throw new AssemblerError(`select does not take ${type ?? "nothing"} here.`);
    this.#pop(type, "select");
    this.#pop(type, "select");
    this.#stack.push(type);
    this.#body.byte(0x1b);
    return this;
  }

  #structured(opcode: number, body: () => void, otherwise?: () => void): this {
    const floor = this.#floor;
    this.#floor = this.#stack.length;
    this.#body.byte(opcode);
    this.#body.byte(0x40);
    this.#inside(body);
    if (otherwise) {
      this.#body.byte(0x05);
      this.#inside(otherwise);
    }
    this.#body.byte(0x0b);
    this.#floor = floor;
    return this;
  }

  #inside(body: () => void): void {
    body();
    if (this.#stack.length !== this.#floor)
      throw new AssemblerError(`A block leaves ${this.#stack.slice(this.#floor).join(", ")} on the stack.`);
  }

  block(body: () => void): this {
    return this.#structured(0x02, body);
  }

  loop(body: () => void): this {
    return this.#structured(0x03, body);
  }

  if(then: () => void, otherwise?: () => void): this {
    this.#pop("i32", "if");
    return this.#structured(0x04, then, otherwise);
  }

  /** Branches to the label `depth` blocks out if the i32 on the stack is not zero. */
  brIf(depth: number): this {
    this.#pop("i32", "br_if");
    this.#body.byte(0x0d);
    this.#body.unsigned(depth);
    return this;
  }

  call(target: FunctionReference): this {
    for (let i = target.parameters.length - 1; i >= 0; i--) this.#pop(target.parameters[i]!, "call");
    for (const type of target.results) this.#stack.push(type);
    this.#body.byte(0x10);
    this.#body.unsigned(target.index);
    return this;
  }

  /** Takes destination, source and byte count. */
  memoryCopy(): this {
    this.#apply("memory.copy", "iii", "");
    for (const byte of [0xfc, 0x0a, 0, 0]) this.#body.byte(byte);
    return this;
  }

  /** Takes destination, byte value and byte count. */
  memoryFill(): this {
    this.#apply("memory.fill", "iii", "");
    for (const byte of [0xfc, 0x0b, 0]) this.#body.byte(byte);
    return this;
  }

  /** Checks the results and writes locals, prelude and body, with their length, as the code section wants them. */
  finish(into: Bytes): void {
    for (let i = this.results.length - 1; i >= 0; i--) this.#pop(this.results[i]!, "end");
    if (this.#stack.length > 0)
      throw new AssemblerError(`The function leaves ${this.#stack.join(", ")} on the stack.`);
    const head = new Bytes(16);
    const runs: [number, ValueType][] = [];
    for (const type of this.#types.slice(this.parameters.length)) {
      const last = runs.at(-1);
      if (last && last[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    head.unsigned(runs.length);
    for (const [count, type] of runs) {
      head.unsigned(count);
      head.byte(valueTypes[type]);
    }
    into.unsigned(head.length + this.#prelude.length + this.#body.length + 1);
    into.append(head);
    into.append(this.#prelude);
    into.append(this.#body);
    into.byte(0x0b);
  }
}

function writeSplat(into: Bytes, shape: "f32x4" | "i32x4" | "f64x2", value: number): void {
  into.byte(0xfd);
  into.unsigned(0x0c);
  if (shape === "f64x2") for (let i = 0; i < 2; i++) into.float64(value);
  else if (shape === "f32x4") for (let i = 0; i < 4; i++) into.float32(value);
  else for (let i = 0; i < 4; i++) into.int32(value);
}
