import type { Step, Value, ValueId } from "./program.ts";

/**
 * For each step the storages that it reads or makes last, of those that steps make. Results stay, and so do
 * inputs and constants.
 */
export function lastUses(
  steps: readonly Pick<Step, "inputs" | "outputs">[],
  values: readonly Value[],
  results: readonly ValueId[],
): ValueId[][] {
  /** Made by a step, and neither a result nor used by a later step, as far as the walk has come. */
  const open = new Uint8Array(values.length);
  for (let at = 0; at < steps.length; at++)
    for (let i = 0, { outputs } = steps[at]!; i < outputs.length; i++) open[outputs[i]!] = 1;
  for (let i = 0; i < results.length; i++) open[values[results[i]!]!.viewOf ?? results[i]!] = 0;
  const last: ValueId[][] = [];
  for (let at = steps.length - 1; at >= 0; at--) {
    const { inputs, outputs } = steps[at]!;
    const frees: ValueId[] = [];
    const use = (id: ValueId): void => {
      const storage = values[id]!.viewOf ?? id;
      if (open[storage] === 0) return;
      open[storage] = 0;
      frees.push(storage);
    };
    for (let i = 0; i < inputs.length; i++) use(inputs[i]!);
    for (let i = 0; i < outputs.length; i++) use(outputs[i]!);
    last[at] = frees;
  }
  return last;
}
