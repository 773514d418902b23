import type { Code, FunctionReference, Local } from "../wasm/code.ts";

/** How a kernel's work is cut into chunks that any thread may do, in any order. It depends on the group alone. */
export interface Cut {
  /** What is counted (iterations, rows, columns, images), and how many of them a chunk has; the last may have fewer. */
  readonly units: number;
  readonly perChunk: number;
  /** Bytes by which each of the kernel's parameters moves per unit; 0 where it does not. */
  readonly steps: readonly number[];
  /** The parameter that is the number of units; without one there is a kernel for each number. */
  readonly count: number | null;
  /** The parameter that points to scratch, and the bytes of it that a participant needs. */
  readonly scratch: { readonly parameter: number; readonly bytes: number } | null;
}

/** Time of a chunk, in nanoseconds: many times what claiming one takes. */
const chunkTime = 15_000;
const chunksMost = 48;

/**
 * How many units a chunk has, a multiple of `grain`, for a kernel of that time; null if there is one chunk. With
 * `most` there are no more chunks than that.
 */
export function chunkSize(
  units: number,
  grain: number,
  time: number,
  most: number = chunksMost,
): number | null {
  const grains = Math.ceil(units / grain);
  const chunks = Math.min(most, chunksMost, grains, Math.max(2, Math.round(time / chunkTime)));
  if (chunks < 2) return null;
  return Math.ceil(grains / chunks) * grain;
}

export function chunkCount({ units, perChunk }: Cut): number {
  return Math.ceil(units / perChunk);
}

/** What tells chunk functions of the same kernel apart. */
export function cutKey({ units, perChunk, steps, count, scratch }: Cut): string {
  const sizes = count === null ? `${units}/${perChunk}` : `p${count}`;
  return `chunk:${sizes}:${steps.map((step) => (step === 0 ? 0 : 1)).join("")}:${scratch?.parameter ?? ""}`;
}

/** What a chunk function reads from memory: units in a chunk, bytes by which parameters move, bytes of scratch. */
export function cutNumbers({ perChunk, steps, scratch }: Cut): readonly number[] {
  return [perChunk, ...steps.filter((step) => step !== 0), ...(scratch ? [scratch.bytes] : [])];
}

/**
 * A function of the chunk and the participant: reads the parameters that `run` has put at `at`, moves them to the chunk
 * and calls the kernel for the number of units that it has. After the parameters stands the address of the cut's numbers.
 */
export function emitChunk(
  code: Code,
  cut: Cut,
  at: number,
  kernel: (units: number) => FunctionReference,
): void {
  const { units, perChunk, steps, count, scratch } = cut;
  const [chunk, participant] = [0, 1];
  const [first, own, numbers] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const parameter = (i: number): Code => code.i32(at).mem("i32.load", 4 * i);
  const number = (i: number): Code => code.get(numbers).mem("i32.load", 4 * i);
  parameter(steps.length).set(numbers).get(chunk);
  number(0).op("i32.mul").set(first);
  const call = (callee: FunctionReference): void => {
    let next = 1;
    for (const [i, step] of steps.entries()) {
      if (i === count) {
        code.get(own);
        continue;
      }
      parameter(i);
      if (step !== 0) {
        code.get(first);
        number(next++).op("i32.mul").op("i32.add");
      }
      if (scratch?.parameter === i) {
        code.get(participant);
        number(cutNumbers(cut).length - 1)
          .op("i32.mul")
          .op("i32.add");
      }
    }
    code.call(callee);
  };
  if (count !== null) {
    unitsLeft(
      code,
      own,
      first,
      () => parameter(count),
      () => number(0),
    );
    return call(kernel(0));
  }
  const rest = units % perChunk;
  if (rest === 0) return call(kernel(perChunk));
  code
    .get(chunk)
    .i32(Math.floor(units / perChunk))
    .op("i32.ne")
    .if(
      () => call(kernel(perChunk)),
      () => call(kernel(rest)),
    );
}

/** `into` = the smaller of all units less the first, and the units of a chunk. */
function unitsLeft(code: Code, into: Local, first: Local, all: () => unknown, perChunk: () => unknown): void {
  all();
  code.get(first).op("i32.sub").set(into);
  code.get(into);
  perChunk();
  code.get(into);
  perChunk();
  code.op("i32.lt_u").select().set(into);
}
