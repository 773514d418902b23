import { ProgramError } from "../errors.ts";
import { carries } from "../tensor/dtype.ts";
import { formatSpec, sameShape, sizeOf } from "../tensor/spec.ts";
import { type Program, type Step, type ValueId, specOf, storageOf } from "./program.ts";

/** Checks every rule that `Program` promises to engines. Throws ProgramError with all violations. */
export function verify(program: Program): void {
  const problems: string[] = [];
  const { values, inputs, constants, steps } = program;
  for (let id = 0; id < values.length; id++) checkValue(program, id, problems);

  // Every program passes here, most of them before any of this is optimised: loops by index make no iterators.
  const live = new Uint8Array(values.length);
  const made = new Uint8Array(values.length);
  const define = (id: ValueId, by: () => string): void => {
    const value = values[id];
    if (!value) problems.push(`${by()} defines value ${id}, which does not exist`);
    else if (value.viewOf !== undefined) problems.push(`${by()} defines value ${id}, which is a view`);
    else if (live[id] === 1) problems.push(`${by()} defines value ${id} again`);
    live[id] = 1;
  };
  for (let i = 0; i < inputs.length; i++) define(inputs[i]!.value, () => `input ${i}`);
  for (const { value, data } of constants) {
    define(value, () => "a constant");
    const spec = specOf(program, value);
    if (!carries(spec.dtype, data) || data.length !== sizeOf(spec.shape))
      problems.push(`constant ${value} does not hold ${formatSpec(spec)}`);
  }
  const given = live.slice();
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    const by = (): string => `step ${i} (${step.op})`;
    if (step.bodies) verifyBodies(step, by, problems);
    for (let k = 0; k < step.inputs.length; k++) {
      const id = step.inputs[k]!;
      if (!values[id] || live[storageOf(program, id)] !== 1)
        problems.push(`${by()} reads value ${id}, which is not there yet or already freed`);
    }
    for (let k = 0; k < step.outputs.length; k++) {
      define(step.outputs[k]!, by);
      made[step.outputs[k]!] = 1;
    }
    for (let k = 0; k < step.frees.length; k++) {
      const id = step.frees[k]!;
      if (made[id] !== 1) problems.push(`${by()} frees value ${id}, which no step made`);
      if (live[id] !== 1) problems.push(`${by()} frees value ${id} twice`);
      live[id] = 0;
    }
  }
  verifyResults(
    program,
    (id) => live[id] === 1,
    (id) => made[id] === 1 && given[id] !== 1,
    problems,
  );
  if (problems.length > 0)
    throw new ProgramError(`The program breaks the contract:\n  ${problems.join("\n  ")}`);
}

function checkValue({ values }: Program, id: ValueId, problems: string[]): void {
  const { spec, viewOf } = values[id]!;
  for (let i = 0; i < spec.shape.length; i++)
    if (!Number.isInteger(spec.shape[i]) || spec.shape[i]! < 0) {
      problems.push(`value ${id} has shape [${spec.shape.join(", ")}]`);
      break;
    }
  if (viewOf === undefined) return;
  const owner = values[viewOf];
  if (!owner || owner.viewOf !== undefined)
    problems.push(`value ${id} views ${viewOf}, which owns no storage`);
  if (!owner || owner.spec.dtype !== spec.dtype || sizeOf(owner.spec.shape) !== sizeOf(spec.shape))
    problems.push(`value ${id} (${formatSpec(spec)}) cannot view ${viewOf}`);
}

/** Outputs and updates, which all have a storage of their own that a step made and that is live at the end. */
function verifyResults(
  program: Program,
  isLive: (id: ValueId) => boolean,
  isMade: (id: ValueId) => boolean,
  problems: string[],
): void {
  const taken = new Set<ValueId>();
  const give = (id: ValueId, what: () => string): void => {
    const owner = storageOf(program, id);
    if (!isMade(owner)) problems.push(`${what()} is value ${id}, whose storage no step made`);
    if (!isLive(owner)) problems.push(`${what()} is value ${id}, which is freed`);
    if (taken.has(owner)) problems.push(`${what()} shares the storage of value ${owner} with another result`);
    taken.add(owner);
  };
  for (const [i, id] of program.outputs.entries()) give(id, () => `output ${i}`);
  const updated = new Set<number>();
  for (const { input, value } of program.updates) {
    const target = program.inputs[input];
    if (target?.kind !== "variable")
      problems.push(`an update goes to input ${input}, which is not a variable`);
    if (updated.has(input)) problems.push(`variable ${input} is updated twice`);
    updated.add(input);
    const spec = target && program.values[target.value]?.spec;
    const from = program.values[value]?.spec;
    if (!spec || !from || spec.dtype !== from.dtype || !sameShape(spec.shape, from.shape))
      problems.push(`the update of variable ${input} has spec ${from ? formatSpec(from) : "?"}`);
    give(value, () => `the update of variable ${input}`);
  }
}

/** Bodies take one value for each input of their step and keep every rule of a program, without state of their own. */
function verifyBodies(step: Step, by: () => string, problems: string[]): void {
  for (const body of step.bodies ?? []) {
    if (body.inputs.length !== step.inputs.length)
      problems.push(`${by()} has ${step.inputs.length} inputs, its body ${body.inputs.length}`);
    if (body.updates.length > 0 || body.inputs.some(({ kind }) => kind === "variable"))
      problems.push(`the body of ${by()} has variables`);
    try {
      verify(body);
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      problems.push(`in the body of ${by()}: ${error.message.replaceAll("\n", "\n  ")}`);
    }
  }
}

/** The largest sum of bytes of step-made storages that live at once, for engines' arenas to be measured against. */
export function peakBytes(program: Program, bytesOf: (id: ValueId) => number): number {
  let now = 0;
  let peak = 0;
  for (const step of program.steps) {
    for (const id of step.outputs) now += bytesOf(id);
    peak = Math.max(peak, now);
    for (const id of step.frees) now -= bytesOf(id);
  }
  return peak;
}
