import { UnsupportedOpsError } from "../errors.ts";
import { build } from "../graph/build.ts";
import { type Node, output } from "../graph/node.ts";
import { topological } from "../graph/walk.ts";
import type { StepSignature } from "../program/program.ts";
import type { TensorSpec } from "../tensor/spec.ts";

/**
 * Whether some engine runs an op node whose shapes are known; a string is the reason why not, a node what runs in
 * its place (an op whose body had to be legalised).
 */
export type Supports = (node: Node) => true | string | Node;

/** Nodes that are legal already, with what stands for them; a list for each output of a decomposed op. */
type Settled = Map<Node, Node | readonly Node[]>;

/**
 * Replaces every op that `supports` refuses by its decomposition, until all that is left can run; views stay.
 * Shapes must be concrete. All gaps come at once, as one UnsupportedOpsError that names `backend`.
 */
export function legalise(roots: readonly Node[], supports: Supports, backend: string): readonly Node[] {
  const settled: Settled = new Map();
  const missing = new Map<string, string>();
  settleAll(roots, settled, supports, missing);
  if (missing.size > 0)
    throw new UnsupportedOpsError(
      backend,
      missing,
      "Add these kernels to the backend, choose another backend, or allow host steps: configure({ fallback: 'host' }).",
    );
  return roots.map((root) => single(settled.get(root)!));
}

/** Recursion here is as deep as decompositions nest, never as deep as the graph. */
function settleAll(
  roots: readonly Node[],
  settled: Settled,
  supports: Supports,
  missing: Map<string, string>,
): void {
  const none: readonly Node[] = [];
  for (const node of topological(roots, (of) => (settled.has(of) ? none : of.inputs))) {
    if (settled.has(node)) continue;
    const fresh = refresh(node, settled);
    if (fresh.kind !== "op" || settled.has(fresh)) {
      settled.set(node, settled.get(fresh) ?? fresh);
      continue;
    }
    const answer = fresh.op.category === "view" ? true : supports(fresh);
    if (typeof answer === "object") {
      settled.set(node, answer).set(fresh, answer).set(answer, answer);
      continue;
    }
    const parts = answer === true ? fresh : fresh.op.decompose?.(fresh.inputs, fresh.attributes);
    if (parts === undefined || answer === true) {
      if (answer !== true) missing.set(fresh.op.name, answer);
      settled.set(fresh, fresh);
    } else {
      const list = isList(parts) ? parts : [parts];
      settleAll(list, settled, supports, missing);
      const legal = list.map((part) => single(settled.get(part)!));
      settled.set(fresh, legal.length === 1 ? legal[0]! : legal);
    }
    settled.set(node, settled.get(fresh)!);
  }
}

/** The node over its legal inputs. */
function refresh(node: Node, settled: Settled): Node {
  if (node.kind === "output") {
    const from = settled.get(node.inputs[0]!)!;
    const index = Number(node.attributes["index"]);
    return isList(from) ? from[index]! : output(from, index);
  }
  if (node.kind !== "op") return node;
  const inputs = node.inputs.map((input) => single(settled.get(input)!));
  const same = inputs.every((input, i) => input === node.inputs[i]);
  return same ? node : build(node.op, inputs, node.attributes);
}

function isList(value: Node | readonly Node[]): value is readonly Node[] {
  return Array.isArray(value);
}

function single(value: Node | readonly Node[]): Node {
  return isList(value) ? value[0]! : value;
}

/** What an engine is asked about a node whose shapes are all known. */
export function signature(node: Node): StepSignature {
  return {
    op: node.op.name,
    attributes: node.attributes,
    inputs: node.inputs.map((input) => tensorsOf(input)[0]!),
    outputs: tensorsOf(node),
  };
}

/** The specs of a node's outputs. Throws RangeError for a graph that has not been specialised. */
export function tensorsOf(node: Node): readonly TensorSpec[] {
  if (node.tensors) return node.tensors;
  throw new RangeError("A program needs concrete shapes: specialise the graph first.");
}
