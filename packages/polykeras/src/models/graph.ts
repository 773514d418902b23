import { type Tensor, ArgumentError, K } from "@polykeras/core";
import type { CallContext } from "../layers/context.ts";
import { within } from "../layers/context.ts";
import { type Call, callOf } from "../layers/history.ts";
import type { Layer } from "../layers/layer.ts";
import { bridge } from "./bridge.ts";

/** The calls of layers between inputs and outputs, inputs first. */
export interface ModelGraph {
  readonly calls: readonly Call[];
  /** Layers by depth, as Keras orders them. */
  readonly layers: readonly Layer[];
}

/** The call that made a tensor; K functions between layers count as a layer of their own. */
function madeBy(tensor: Tensor, where: string): Call {
  const call = callOf(tensor) ?? bridge(tensor, where);
  if (call) return call;
  throw disconnected(tensor, where);
}

function disconnected(tensor: Tensor, where: string): ArgumentError {
  return new ArgumentError(
    `${where}: Graph disconnected: the outputs depend on '${tensor.name}', which is none of the model's inputs. ` +
      `Name every Input that the outputs need: Model([a, b], outputs).`,
  );
}

/** Follows outputs back to inputs. Throws ArgumentError for a graph that does not end at the inputs. */
export function trace(inputs: readonly Tensor[], outputs: readonly Tensor[], where: string): ModelGraph {
  const given = new Set(inputs);
  const order: Call[] = [];
  const entered = new Map<Layer, number>();
  const seen = new Set<Call>();
  const visit = (root: Tensor): void => {
    const stack: { call: Call; at: number }[] = [];
    const enter = (tensor: Tensor): void => {
      if (given.has(tensor) && !callOf(tensor)) return;
      const call = madeBy(tensor, where);
      if (seen.has(call)) return;
      if (call.inputs.length === 0 && !given.has(tensor)) throw disconnected(tensor, where);
      seen.add(call);
      if (!entered.has(call.layer)) entered.set(call.layer, entered.size);
      stack.push({ call: given.has(tensor) ? { ...call, inputs: [] } : call, at: 0 });
    };
    enter(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.call.inputs[top.at++];
      if (next) enter(next);
      else {
        order.push(top.call);
        stack.pop();
      }
    }
  };
  for (const output of outputs) visit(output);
  return { calls: order, layers: byDepth(order, entered) };
}

/** Layers farthest from the outputs first; at one depth in the order in which the walk met them. */
function byDepth(order: readonly Call[], entered: ReadonlyMap<Layer, number>): Layer[] {
  const depths = new Map<Call, number>();
  const deepest = new Map<Layer, number>();
  const makers = new Map<Tensor, Call>();
  for (const call of order) for (const output of call.outputs) makers.set(output, call);
  for (const call of order.toReversed()) {
    const depth = Math.max(depths.get(call) ?? 0, deepest.get(call.layer) ?? 0);
    depths.set(call, depth);
    deepest.set(call.layer, depth);
    for (const input of call.inputs) {
      const maker = makers.get(input);
      if (maker) depths.set(maker, Math.max(depths.get(maker) ?? 0, depth + 1));
    }
  }
  const layers = [...entered.keys()];
  return layers.toSorted((a, b) => deepest.get(b)! - deepest.get(a)! || entered.get(a)! - entered.get(b)!);
}

/** Repeats the calls on other tensors: once for training, once for inference. */
export function replay(
  graph: ModelGraph,
  inputs: readonly Tensor[],
  feeds: readonly Tensor[],
  outputs: readonly Tensor[],
  context: CallContext,
): Tensor[] {
  const values = new Map(inputs.map((input, i) => [input, feeds[i]!]));
  for (const { layer, inputs: from, outputs: made, single, training } of graph.calls) {
    if (from.length === 0) continue;
    const list = from.map((input) => values.get(input)!);
    const how: CallContext = { ...context, training: training ?? context.training };
    const result = within(how, () => layer.call(single ? list[0]! : list, how));
    const results = K.isTensor(result) ? [result] : result;
    for (const [i, output] of made.entries()) values.set(output, results[i]!);
  }
  return outputs.map((output) => values.get(output)!);
}
