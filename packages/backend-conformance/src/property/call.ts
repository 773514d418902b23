import {
  K,
  Tensor,
  type Attributes,
  type Backend,
  type Program,
  type TensorSpec,
  type TypedArray,
  findOp,
  formatSpec,
  isConcrete,
  verify,
  numberKey,
} from "@polykeras/core";
import { build, output } from "@polykeras/core/internal";
import { askEngine } from "../run/observe.ts";
import type { VectorTensor } from "../vectors/format.ts";

/** One op with everything that it needs, on no graph. */
export interface RandomCall {
  readonly op: string;
  readonly inputs: readonly VectorTensor[];
  readonly attributes: Attributes;
}

/** The specs of what a call gives. Throws what the op's `infer` throws. */
export function outputsOf({ op, inputs, attributes }: RandomCall): readonly TensorSpec[] {
  const found = findOp(op);
  if (!found) throw new RangeError(`There is no op '${op}'.`);
  const specs = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const inferred = found.infer(specs, attributes);
  return [inferred].flat().map((spec) => {
    if (isConcrete(spec)) return spec;
    throw new RangeError(`${op}: ${formatSpec(spec)} is no shape of numbers.`);
  });
}

/** True, or the engine's reason why it cannot run the call itself. */
export function canRun(backend: Backend, call: RandomCall): true | string {
  const inputs = call.inputs.map(({ shape, dtype }) => ({ shape, dtype }));
  return askEngine(backend, { op: call.op, attributes: call.attributes, inputs, outputs: outputsOf(call) });
}

/** A program of a single step. */
function programOf(call: RandomCall): Program {
  const inputs = call.inputs.map(({ shape, dtype }) => ({ spec: { shape, dtype } }));
  const outputs = outputsOf(call).map((spec) => ({ spec }));
  const ids = outputs.map((_, i) => inputs.length + i);
  const step = {
    op: call.op,
    inputs: inputs.map((_, i) => i),
    outputs: ids,
    attributes: call.attributes,
    frees: [],
  };
  const program: Program = {
    values: [...inputs, ...outputs],
    inputs: inputs.map((_, value) => ({ value, kind: "placeholder", name: `x${value}` })),
    constants: [],
    steps: [step],
    outputs: ids,
    updates: [],
  };
  verify(program);
  return program;
}

/** Runs a call through the contract alone, and lets go of everything. */
export async function runCall(backend: Backend, call: RandomCall): Promise<readonly VectorTensor[]> {
  const executable = await backend.function(programOf(call));
  const buffers = [];
  try {
    for (const { shape, dtype, data } of call.inputs)
      buffers.push(await (await backend.placeholder({ shape, dtype })).feed(data));
    const results = await executable.run(buffers);
    buffers.push(...results);
    const read: VectorTensor[] = [];
    for (const [i, spec] of outputsOf(call).entries()) {
      const data: TypedArray = await results[i]!.read();
      read.push({ ...spec, data });
    }
    return read;
  } finally {
    for (const buffer of buffers) buffer.dispose();
    executable.dispose();
  }
}

/** The truth of a call: the reference engine, on the op itself or on its decomposition. */
export async function trueResult(truth: Backend, call: RandomCall): Promise<readonly VectorTensor[]> {
  if (canRun(truth, call) === true) return runCall(truth, call);
  const placeholders = call.inputs.map(({ shape, dtype }) => K.placeholder({ shape, dtype }));
  const made = build(
    findOp(call.op)!,
    placeholders.map(({ node }) => node),
    call.attributes,
  );
  const outputs = outputsOf(call).map((_, i) => new Tensor(output(made, i)));
  return K.function(placeholders, outputs, { backend: truth })([...call.inputs]);
}

/** `slice({ begin: [0] }) of [1, 2, 3] in (3,) float32`: all that is needed to try it by hand. */
export function describeRandomCall({ op, inputs, attributes }: RandomCall): string {
  const given = Object.entries(attributes).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const tensors = inputs.map((input) => `${listOf(input.data)} in ${formatSpec(input)}`);
  const settings = given.length > 0 ? `({ ${given.join(", ")} })` : "";
  return `${op}${settings}${tensors.length > 0 ? ` of ${tensors.join(" and ")}` : ""}`;
}

const shown = 24;

function listOf(data: TypedArray): string {
  const numbers = Array.from(data.subarray(0, shown), numberKey);
  return `[${numbers.join(", ")}${data.length > shown ? `, ... ${data.length} in all` : ""}]`;
}
