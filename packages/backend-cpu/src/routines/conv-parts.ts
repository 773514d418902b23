import { sizeOf } from "@polykeras/core";
import type { Bounds } from "../choices.ts";
import { timeOfSum } from "../plan/time.ts";
import type { Code as Body, Local } from "../wasm/code.ts";
import { type Geometry, allFilters } from "./conv-geometry.ts";
import { copyOf, move, repeat } from "./loops.ts";
import { type Code, type Request, bytesOfFirst } from "./routine.ts";

const partsMax = 16;
/** The parts may take this share of what is summed. */
const memoryShare = 1 / 4;

function kernelElements(of: Geometry): number {
  return sizeOf(of.axes.map(({ taps }) => taps)) * of.depth * allFilters(of);
}

/** How many equal parts a batch is summed in: it follows from the shapes alone. */
export function partsOf(of: Geometry, { partedProducts, partPlaces }: Bounds): number {
  const { axes, batch, channels, dtype } = of;
  if (dtype !== "float32" && dtype !== "float64") return 1;
  const [places, elements] = [sizeOf(axes.map(({ out }) => out)), kernelElements(of)];
  if (batch * places * elements < partedProducts) return 1;
  const summed = batch * (sizeOf(axes.map(({ size }) => size)) * channels + places * allFilters(of));
  for (let count = Math.min(partsMax, batch); count > 1; count--) {
    const fits = (batch / count) * places >= partPlaces && count * elements <= memoryShare * summed;
    if (batch % count === 0 && fits) return count;
  }
  return 1;
}

/** A sum over a batch, whose code is that of one part, as the sum of so many parts; these stand in the shared scratch. */
export function inParts(part: Code, { inputs: [x, g] }: Request, of: Geometry, count: number): Code {
  const step = kernelElements(of) * of.bytes;
  const steps = [bytesOfFirst(x!) * of.batch, bytesOfFirst(g!) * of.batch, 0];
  const parameters = Array.from({ length: 3 + part.numbers.length + 1 }, () => "i32" as const);
  const places = sizeOf(of.axes.map(({ out }) => out));
  return {
    ...part,
    key: `parts:${part.numbers.join()}:${part.key}`,
    numbers: [count],
    sharedBytes: count * step,
    units: { steps, sharedStep: step, time: timeOfSum(of.batch * places * kernelElements(of), of.bytes) },
    emit: (target) => {
      const { code, module } = target;
      const [x0, g0, parts, scratch, shared] = [0, 1, 3, 4, 5];
      const callee = module.shared(part.key, parameters, (inner) => part.emit({ ...target, code: inner }));
      repeat(code, { local: parts }, () => {
        code.get(x0).get(g0).get(shared);
        for (const number of part.numbers) code.i32(number);
        code.get(scratch).call(callee);
        for (const [i, pointer] of [x0, g0].entries()) move(code, pointer, steps[i]!);
        move(code, shared, step);
      });
    },
    finish: {
      key: `parts:sum:${of.dtype}:${count},${step}`,
      emit: ({ code }) => emitTotal(code, of, count, step),
    },
  };
}

/** The parts one after the other, vector by vector; what fills up the storage may be anything. */
function emitTotal(code: Body, { bytes }: Geometry, count: number, step: number): void {
  const [to, from] = [2, copyOf(code, 5)];
  const total = code.local("v128");
  const add = bytes === 8 ? "f64x2.add" : "f32x4.add";
  const vector = (pointer: Local): void => {
    code.get(pointer).mem("v128.load").set(total);
    for (let part = 1; part < count; part++)
      code
        .get(total)
        .get(pointer)
        .mem("v128.load", part * step)
        .op(add)
        .set(total);
  };
  repeat(code, Math.ceil(step / 16), () => {
    vector(from);
    code.get(to).get(total).mem("v128.store");
    move(code, from, 16);
    move(code, to, 16);
  });
}
