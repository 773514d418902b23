import { type Tensor, type TypedArray, K, NDArray, allocate, sizeOf } from "@polykeras/core";
import { type Backend, Runner, isPromise } from "@polykeras/core/internal";
import type { Batches } from "./batches.ts";
import type { Trainable } from "./trainable.ts";
import { Breath } from "./yield.ts";

/** The program of inference: inputs to outputs. */
export function predictor(model: Trainable, backend: Backend | null): Runner {
  const feeds = model.inputs.map((input, i) =>
    K.placeholder({ shape: input.shape, dtype: input.dtype, name: model.inputNames[i]! }),
  );
  const outputs: readonly Tensor[] = model.run(feeds, {
    training: false,
    addUpdate: () => {},
    addLoss: () => {},
  });
  return new Runner(
    { placeholders: feeds.map(({ node }) => node), outputs: outputs.map(({ node }) => node), updates: [] },
    backend,
  );
}

/** The outputs for all batches, one array per output. */
export async function runPrediction(runner: Runner, batches: Batches): Promise<NDArray[]> {
  const breath = new Breath();
  const parts: { data: TypedArray; shape: readonly number[]; dtype: NDArray["dtype"] }[][] = [];
  for (let step = 0; step < batches.steps; step++) {
    const pending = runner.run(batches.values(step, null));
    const buffers = isPromise(pending) ? await pending : pending;
    for (const [i, buffer] of buffers.entries()) {
      const read = buffer.read();
      const data = isPromise(read) ? await read : read;
      (parts[i] ??= []).push({ data, ...buffer.spec });
      buffer.dispose();
    }
    if (breath.due) await breath.take();
  }
  return parts.map((list) => {
    const [first] = list;
    const shape = [list.reduce((sum, part) => sum + part.shape[0]!, 0), ...first!.shape.slice(1)];
    const data = allocate(first!.dtype, sizeOf(shape));
    let at = 0;
    for (const part of list) {
      data.set(part.data, at);
      at += part.data.length;
    }
    return new NDArray(data, shape, first!.dtype);
  });
}
