import { FeedError, ShapeError } from "../errors.ts";
import { build } from "../graph/build.ts";
import { Node, leaf, output, scalar } from "../graph/node.ts";
import { topological } from "../graph/walk.ts";
import { type TensorSpec, formatShape, formatSpec } from "../tensor/spec.ts";
import { withOrigin } from "../graph/origin.ts";

/** A graph for concrete shapes, and the leaf that each placeholder became. */
export interface Specialised {
  readonly roots: readonly Node[];
  readonly leaves: ReadonlyMap<Node, Node>;
}

/**
 * Rebuilds the graph of `roots` with the specs that `feeds` gives to its nodes (placeholders, or intermediate
 * tensors that are fed), so that every dimension is a number, and simplifies on the way: shapes become
 * constants, exact identities disappear, functions of constants are computed.
 */
export function specialise(roots: readonly Node[], feeds: ReadonlyMap<Node, TensorSpec>): Specialised {
  const made = new Map<Node, Node>();
  const leaves = new Map<Node, Node>();
  const none: readonly Node[] = [];
  for (const node of topological([...feeds.keys(), ...roots], (of) => (feeds.has(of) ? none : of.inputs))) {
    const spec = feeds.get(node);
    const fresh = spec ? feed(node, spec) : settle(node, made);
    made.set(node, fresh);
    if (fresh.kind === "leaf") leaves.set(node, fresh);
  }
  return { roots: roots.map((root) => made.get(root)!), leaves };
}

/** A fed node keeps its identity when nothing about it changes, so that equal graphs stay equal. */
function feed(node: Node, spec: TensorSpec): Node {
  if (node.kind === "leaf" && node.tensors) return node;
  const name = node.kind === "leaf" ? node.leaf.name : `fed_${node.id}`;
  return leaf({ kind: "placeholder", name }, spec);
}

/** Errors that only concrete shapes bring up name the line that built the node. */
function settle(node: Node, made: ReadonlyMap<Node, Node>): Node {
  try {
    const fresh = rebuild(node, made);
    if (fresh.tensors) return fresh;
    throw new ShapeError(
      `${node.op.name}: its shape ${formatShape(fresh.shape)} is not known when the function runs. A shape argument ` +
        `may be computed from shapes (K.shape), but not from the elements of a tensor.`,
    );
  } catch (error) {
    throw withOrigin(error, node);
  }
}

function rebuild(node: Node, made: ReadonlyMap<Node, Node>): Node {
  if (node.kind === "constant") return node;
  if (node.kind === "leaf") {
    if (node.leaf.kind === "variable") return node;
    if (node.leaf.fallback !== undefined) return scalar(node.leaf.fallback, node.dtype);
    throw new FeedError(
      `Placeholder '${node.leaf.name}' (${formatSpec(node)}) was not fed; add it to the inputs of K.function.`,
    );
  }
  const inputs = node.inputs.map((input) => made.get(input)!);
  if (node.kind === "output") return output(inputs[0]!, Number(node.attributes["index"]));
  return build(node.op, inputs, node.attributes);
}
