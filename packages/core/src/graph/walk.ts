import type { Node } from "./node.ts";

/**
 * Every node that `roots` depend on, inputs before users, each once. Iterative: chains of 100,000 nodes are
 * ordinary. `next` replaces the edges to follow (inputs by default).
 */
export function topological(roots: Iterable<Node>, next: (node: Node) => readonly Node[] = inputsOf): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // The path from the root: a node, the edges to follow from it, and how many of them have been followed.
  const nodes: Node[] = [];
  const edges: (readonly Node[])[] = [];
  const followed: number[] = [];
  const enter = (node: Node): void => {
    seen.add(node);
    nodes.push(node);
    edges.push(next(node));
    followed.push(0);
  };
  for (const root of roots) {
    if (!seen.has(root)) enter(root);
    while (nodes.length > 0) {
      const top = nodes.length - 1;
      const child = edges[top]![followed[top]!++];
      if (child === undefined) {
        order.push(nodes[top]!);
        nodes.pop();
        edges.pop();
        followed.pop();
      } else if (!seen.has(child)) enter(child);
    }
  }
  return order;
}

function inputsOf(node: Node): readonly Node[] {
  return node.inputs;
}
