import {
  type Program,
  type Step,
  type TypedArray,
  type ValueId,
  sizeOf,
  specOf,
  storageOf,
} from "@polykeras/core";
import { elementwise } from "../emit/elementwise.ts";
import { movement } from "../emit/movement.ts";
import { reduction } from "../emit/reduction.ts";
import { anchors, standalone } from "../emit/standalone.ts";
import { type Surroundings, Writer, type Written } from "../emit/writer.ts";
import { GpuError } from "../variants.ts";
import { anchor } from "./anchor.ts";
import { fuse } from "./fuse.ts";
import { split } from "./split.ts";
import { type Target, webasm, wide } from "./target.ts";

/** Where a kernel finds an argument. */
export type Reference =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "constant"; readonly data: Float32Array }
  | { readonly kind: "kernel"; readonly index: number };

export interface PlannedKernel {
  readonly source: string;
  readonly output: readonly number[];
  readonly inputs: readonly Reference[];
  /** See KernelSource. */
  readonly stored?: number;
}

/** A program as kernels that run one after the other. */
export interface Plan {
  readonly kernels: readonly PlannedKernel[];
  /** Positions among the program's inputs, in the order in which the kernels' references count them. */
  readonly inputs: readonly number[];
  /** For each output, then each update: the kernel that makes it, or null where there are no elements. */
  readonly results: readonly (number | null)[];
}

/** Ops that have code here. */
export function isWritten(op: string): boolean {
  return standalone.has(op) || elementwise.has(op) || movement.has(op) || reduction.has(op);
}

export function plan(given: Program, target: Target = webasm): Plan {
  const program = split(given, target);
  const inlined = fuse(program, target.arguments);
  const anchored = anchor(program, inlined, target);
  const absorbed = new Set(anchored.values());
  const scalars = new Map<ValueId, number>();
  const constants = new Map<ValueId, TypedArray>();
  for (const { value, data } of program.constants)
    if (data.length === 1) scalars.set(value, data[0]!);
    else constants.set(value, data);

  const around: Surroundings = { program, target, inlined, scalars };
  const inputs: number[] = [];
  const made = new Map<ValueId, number>();
  const kernels: PlannedKernel[] = [];
  const refer = (id: ValueId): Reference => {
    const index = made.get(id);
    if (index !== undefined) return { kind: "kernel", index };
    const constant = constants.get(id);
    if (constant) return { kind: "constant", data: Float32Array.from(constant) };
    const scalar = scalars.get(id);
    if (scalar !== undefined) return { kind: "constant", data: Float32Array.of(scalar) };
    const position = program.inputs.findIndex(({ value }) => value === id);
    if (position < 0) throw new GpuError(`No kernel makes value ${id} of the program.`);
    const at = inputs.indexOf(position);
    return { kind: "input", index: at >= 0 ? at : inputs.push(position) - 1 };
  };

  for (const step of program.steps) {
    if (inlined.has(step.outputs[0]!) || absorbed.has(step)) continue;
    if (step.outputs.every((id) => sizeOf(specOf(program, id).shape) === 0)) continue;
    const first = kernels.length;
    const written = write(around, step, anchored.get(step));
    for (const { inputs: read, ...kernel } of written.kernels)
      kernels.push({
        ...kernel,
        inputs: read.map((id) => (id < 0 ? { kind: "kernel", index: first - 1 - id } : refer(id))),
      });
    for (const [i, kernel] of written.results.entries()) made.set(step.outputs[i]!, first + kernel);
  }
  const results = [...program.outputs, ...program.updates.map(({ value }) => value)].map((id) => {
    return made.get(storageOf(program, id)) ?? null;
  });
  return { kernels, inputs, results };
}

/** The kernels of one step, with everything that is inlined into them. */
function write(around: Surroundings, step: Step, first?: Step): Written {
  const apart = standalone.get(step.op);
  if (apart) return apart(() => new Writer(around), step);
  const writer = new Writer(around);
  const rule = elementwise.get(step.op) ?? movement.get(step.op) ?? reduction.get(step.op);
  if (!rule) throw new GpuError(`Backend 'gpu' has no kernel for '${step.op}'; check supports() first.`);
  if (first) {
    const made = anchors.get(first.op)!(writer, first);
    writer.computed(first.outputs[0]!, made.flats, made.totals);
    const ends = made.flats.map((flat) => rule(writer, step, flat));
    const size = sizeOf(writer.spec(step.outputs[0]!).shape);
    return { kernels: [writer.finishAnchored(ends, made, size)], results: [0] };
  }
  const size = sizeOf(writer.spec(step.outputs[0]!).shape);
  const isWide = writer.lanes > 1 && size >= wide && size % writer.lanes === 0;
  if (isWide && !writer.scatters && !reduction.has(step.op)) {
    const origin = writer.constant(`${writer.thread()}*${writer.lanes}`);
    const flats = Array.from({ length: writer.lanes }, (_, lane) => writer.constant(`${origin}+${lane}`));
    const ends = flats.map((flat) => rule(writer, step, flat));
    const made = { totals: ends, flats, inside: [], output: [size / writer.lanes] };
    return { kernels: [writer.finishAnchored(ends, made, size)], results: [0] };
  }
  const flat = size === 1 ? "0" : writer.thread();
  return { kernels: [writer.finish(rule(writer, step, flat), [size])], results: [0] };
}
