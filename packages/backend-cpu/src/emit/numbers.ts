import type { ValueId } from "@polykeras/core";
import type { Plan } from "../plan/plan.ts";
import type { Code } from "../wasm/code.ts";

/**
 * What the code of a program reads from its table, behind the slots of the plan, because it follows from sizes: numbers
 * as they are, and addresses of places in the arena. Programs that differ in nothing else have the same code.
 */
export class Numbers {
  readonly #first: number;
  readonly #values: number[] = [];
  readonly #inArena: boolean[] = [];

  /** `first` is the slot of the first one. */
  constructor(first: number) {
    this.#first = first;
  }

  /** Slots of the whole table. */
  get slots(): number {
    return this.#first + this.#values.length;
  }

  /** The slot of a number, or of the address of a place in the arena: one for each use, whatever the value. */
  slot(value: number, inArena: boolean): number {
    this.#inArena.push(inArena);
    return this.#first + this.#values.push(value) - 1;
  }

  /** Puts all into the table that begins with that word of the memory, for an arena at that address. */
  write(words: Int32Array, table: number, arena: number): void {
    const first = table + this.#first;
    for (let i = 0; i < this.#values.length; i++)
      words[first + i] = this.#inArena[i] ? arena + this.#values[i]! : this.#values[i]!;
  }
}

const scratch = new Float32Array(1);
const bits = new Int32Array(scratch.buffer);

/** Where in the program's table and arena those of a function begin. */
export interface Frame {
  readonly numbers: Numbers;
  readonly slot: number;
  readonly arena: number;
}

/** Emits what a function, whose parameter is the address of its table, reads from there. */
export class Table {
  readonly #code: Code;
  readonly #places: Plan["places"];
  readonly #frame: Frame;

  constructor(code: Code, { places }: Plan, frame: Frame) {
    this.#code = code;
    this.#places = places;
    this.#frame = frame;
  }

  /** The frame of a body, whose table and arena begin so far behind those of this function. */
  inner(slots: number, bytes: number): Frame {
    const { numbers, slot, arena } = this.#frame;
    return { numbers, slot: slot + slots, arena: arena + bytes };
  }

  /** Pushes a number that follows from sizes. */
  number(value: number): void {
    this.#load(value, false);
  }

  /** Pushes the address of numbers that stand one after the other. */
  block(values: readonly number[]): void {
    const { numbers, slot } = this.#frame;
    const [first] = values.map((value) => numbers.slot(value, false));
    this.#code
      .get(0)
      .i32(4 * (first! - slot))
      .op("i32.add");
  }

  /** Pushes the address of a float32 number. */
  float(value: number): void {
    scratch[0] = value;
    this.block([bits[0]!]);
  }

  /** Pushes the address of a place in the arena. */
  arena(offset: number): void {
    this.#load(this.#frame.arena + offset, true);
  }

  /** Pushes the address of a storage plus `offset` bytes. */
  address(storage: ValueId, offset: number): void {
    const place = this.#places.get(storage);
    if (!place) throw new RangeError(`Storage ${storage} has no place.`);
    if (place.kind === "arena") return this.arena(place.offset + offset);
    this.#code.word(0, 4 * place.slot);
    if (offset === 0) return;
    this.number(offset);
    this.#code.op("i32.add");
  }

  #load(value: number, inArena: boolean): void {
    const { numbers, slot } = this.#frame;
    this.#code.word(0, 4 * (numbers.slot(value, inArena) - slot));
  }
}
