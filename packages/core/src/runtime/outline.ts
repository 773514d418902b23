import { attributeKey, numberKey } from "../graph/key.ts";
import type { Node } from "../graph/node.ts";
import { topological } from "../graph/walk.ts";
import type { Goal } from "./plan.ts";

/** The graph of a goal as a text, and the variables in the order in which it has them. */
export interface Outline {
  /** Equal for two goals exactly if their programs for inputs of the same shapes are equal. */
  readonly key: string;
  readonly variables: readonly Node[];
}

/** Constants with more elements are told apart by their nodes. */
const elementsMax = 16;

/** Null where one text could stand for several plans: bodies, effects, and an output that is asked for twice. */
export function outlineOf({ placeholders, outputs, updates }: Goal): Outline | null {
  if (new Set(outputs).size !== outputs.length) return null;
  const fed = new Map(placeholders.map((node, i) => [node, i]));
  const none: readonly Node[] = [];
  const roots = [
    ...outputs,
    ...updates.map(({ value }) => value),
    ...updates.map(({ variable }) => variable.node),
  ];
  const places = new Map<Node, number>();
  const variables: Node[] = [];
  let key = "";
  for (const node of topological(roots, (of) => (fed.has(of) ? none : of.inputs))) {
    const text = textOf(node, fed.get(node), places);
    if (text === null) return null;
    if (node.kind === "leaf" && node.leaf.kind === "variable") variables.push(node);
    places.set(node, places.size);
    key += `${text};`;
  }
  key += outputs.map((node) => places.get(node)).join();
  for (const { variable, value, ifRead } of updates)
    key += `;${places.get(variable.node)}${ifRead ? "?" : "<"}${places.get(value)}`;
  return { key, variables };
}

function textOf(node: Node, fed: number | undefined, places: ReadonlyMap<Node, number>): string | null {
  if (fed !== undefined) return `fed${fed}${node.dtype}`;
  if (node.kind === "leaf") {
    if (node.leaf.kind === "variable") return `${node.dtype}[${node.shape.join()}]`;
    return node.leaf.fallback === undefined ? null : `${node.dtype}${numberKey(node.leaf.fallback)}`;
  }
  if (node.kind === "constant") {
    const { data, dtype, shape, id } = node;
    return data.length > elementsMax
      ? `#${id}`
      : `${dtype}(${shape.join()})${Array.from(data, numberKey).join()}`;
  }
  let inputs = "";
  for (let i = 0; i < node.inputs.length; i++) inputs += `,${places.get(node.inputs[i]!)}`;
  if (node.kind === "output") return `output${inputs}:${Number(node.attributes["index"])}`;
  const { op, attributes } = node;
  return op.body || op.traits.effect ? null : `${op.name}${inputs}:${attributeKey(attributes)}`;
}
