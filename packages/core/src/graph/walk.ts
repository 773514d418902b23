import type { Node } from "./node.ts";

/**
 * Every node that `roots` depend on, inputs before users, each once. Iterative: chains of 100,000 nodes are
 * ordinary. `next` replaces the edges to follow (inputs by default).
 */
export function topological(roots: Iterable<Node>, next: (node: Node) => readonly Node[] = inputsOf): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; edges: readonly Node[]; at: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, edges: next(root), at: 0 });
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = top.edges[top.at++];
      if (child === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(child)) {
        seen.add(child);
        stack.push({ node: child, edges: next(child), at: 0 });
      }
    }
  }
  return order;
}

function inputsOf(node: Node): readonly Node[] {
  return node.inputs;
}
