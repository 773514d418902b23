import { type ValueId, sizeOf, specOf } from "@polykeras/core";
import { align } from "../memory/allocator.ts";
import type { Scan } from "../plan/group.ts";
import { type PlannedBody, storageBytes } from "../plan/plan.ts";
import type { Code, FunctionReference, Local } from "../wasm/code.ts";
import { storedBytes } from "./lanes.ts";

/** The `run` of a body, and the bytes that it needs from the address in the first slot of its table on. */
export interface Body {
  readonly run: FunctionReference;
  readonly arenaBytes: number;
}

/**
 * What stands around a scan: its code pushes addresses of the program's storages and of scratch behind them, and numbers
 * that follow from sizes. `run` emits the body, which has its arena at that offset of the scratch.
 */
export interface ScanContext {
  readonly code: Code;
  readonly table: Local;
  readonly input: (index: number) => void;
  readonly output: (index: number) => void;
  readonly scratch: (offset: number) => void;
  readonly number: (value: number) => void;
  readonly run: (offset: number) => Body;
}

/** A tensor of which each step sees a slice. */
interface Sliced {
  /** The slice at hand. */
  readonly pointer: Local;
  readonly bytes: number;
  /** Slot of the body's table. */
  readonly slot: number;
}

/**
 * Emits a loop that runs the body for each step. Slices are addresses in its table; each state has two places, of
 * which one is read while the other is written. Returns the bytes of scratch that are needed.
 *
 * Loops over a storage may go on to the end of a group of elements. Reading beyond a slice is harmless, but an output
 * whose slices are no whole groups is written apart and copied.
 */
export function emitScan(context: ScanContext, scan: Scan, planned: PlannedBody): number {
  const { code, table, input, output, scratch, number } = context;
  const { body, length, reverse, states, sequences, saved, reads } = scan;
  const { plan } = planned;
  const locals: Local[] = [];
  const local = (push: () => void): Local => {
    const made = code.local("i32");
    locals.push(made);
    push();
    code.set(made);
    return made;
  };
  let taken = 0;
  const take = (id: ValueId): number => {
    const offset = taken;
    taken += storageBytes(specOf(body, id));
    return offset;
  };
  const bytesOf = (id: ValueId): number => {
    const { shape, dtype } = specOf(body, id);
    return sizeOf(shape) * storedBytes(dtype);
  };
  const store = (slot: number, push: () => void): void => {
    code.get(own);
    push();
    code.mem("i32.store", 4 * slot);
  };

  const own = local(() =>
    code
      .get(table)
      .i32(4 * planned.slot)
      .op("i32.add"),
  );
  const inputOf = (i: number): ValueId => body.inputs[i]!.value;
  const firstOutput = 1 + body.inputs.length;
  const current = Array.from({ length: states }, (_, i) => local(() => input(i)));
  const pairs = current.map((_, i) => [take(inputOf(i)), take(inputOf(i))] as const);
  const next = pairs.map(([first]) => local(() => scratch(first)));
  const sums = pairs.map(([first, second]) =>
    local(() => {
      scratch(first);
      scratch(second);
      code.op("i32.add");
    }),
  );

  const firstSlice = (bytes: number, push: () => void): Local =>
    local(() => {
      push();
      if (!reverse) return;
      number((length - 1) * bytes);
      code.op("i32.add");
    });
  const slices = Array.from({ length: sequences }, (_, i): Sliced => {
    const bytes = bytesOf(inputOf(states + i));
    return { pointer: firstSlice(bytes, () => input(states + i)), bytes, slot: 1 + states + i };
  });
  const stacks: Sliced[] = [];
  const apart: (Sliced & { readonly place: Local })[] = [];
  for (const [i, id] of body.outputs.entries()) {
    if (i < states) continue;
    const bytes = bytesOf(id);
    const stack: Sliced = { pointer: firstSlice(bytes, () => output(i)), bytes, slot: firstOutput + i };
    if (bytes === storageBytes(specOf(body, id))) stacks.push(stack);
    else {
      const offset = take(id);
      apart.push({ ...stack, place: local(() => scratch(offset)) });
    }
  }
  const history = saved.map((state, i) => {
    const bytes = bytesOf(inputOf(state));
    return { state, bytes, pointer: firstSlice(bytes, () => output(body.outputs.length + i)) };
  });
  for (let i = states + sequences; i < reads.length; i++) store(1 + i, () => input(i));
  const scratchBytes = align(taken);
  const { run, arenaBytes } = context.run(scratchBytes);
  store(0, () => scratch(scratchBytes));
  for (const { slot, place } of apart) store(slot, () => code.get(place));

  const copy = (to: Local, from: Local, bytes: number): void => {
    code.get(to).get(from);
    number(bytes);
    code.memoryCopy();
  };
  const step = (): void => {
    for (const [i, state] of current.entries()) {
      store(1 + i, () => code.get(state));
      store(firstOutput + i, () => code.get(next[i]!));
    }
    for (const { pointer, slot } of [...slices, ...stacks]) store(slot, () => code.get(pointer));
    for (const { pointer, bytes, state } of history) copy(pointer, current[state]!, bytes);
    code.get(own).call(run);
    for (const { slot } of plan.faults)
      code
        .get(own)
        .mem("i32.load", 4 * slot)
        .brIf(length > 1 ? 1 : 0);
    for (const { pointer, bytes, place } of apart) copy(pointer, place, bytes);
    for (const { pointer, bytes } of [...slices, ...stacks, ...apart, ...history]) {
      code.get(pointer);
      number(reverse ? -bytes : bytes);
      code.op("i32.add").set(pointer);
    }
    for (const [i, state] of current.entries()) {
      code.get(next[i]!).set(state);
      code.get(sums[i]!).get(state).op("i32.sub").set(next[i]!);
    }
  };
  // A fault leaves the loop: the states are those of an earlier step then, which nobody reads.
  code.block(() => {
    if (length === 1) step();
    if (length <= 1) return;
    const left = local(() => number(length));
    code.loop(() => {
      step();
      code.get(left).i32(-1).op("i32.add").tee(left).brIf(0);
    });
  });
  for (const [i, state] of current.entries()) {
    output(i);
    code.get(state);
    number(bytesOf(inputOf(i)));
    code.memoryCopy();
  }
  for (const made of locals.toReversed()) code.release(made);
  return scratchBytes + arenaBytes;
}
