import { build, call } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import type { Rows } from "../graph/op.ts";
import { topological } from "../graph/walk.ts";
import { add, negative, subtract } from "../ops/arithmetic.ts";
import { indexAdd } from "../ops/gather.ts";
import { sameShape } from "../tensor/spec.ts";

/** A linear op on the way from a term out to the sum, which takes the term as its input `at`. */
interface Factor {
  readonly node: Node;
  readonly at: number;
  readonly outer: Factor | null;
}

/** Part of a sum: `node` under its factors, added or taken away. */
interface Term {
  readonly node: Node;
  readonly sign: number;
  readonly factors: Factor | null;
}

/**
 * New values of variables that are a sum with rows among its terms, as w - rate * (gradient of a gather), add these
 * rows where they belong: an array as large as the variable, zeros almost all of it, need not be made. `roots` are
 * those of a function, whose values of variables begin at `first`; a sum that something else reads too stays.
 */
export function addRows(roots: readonly Node[], first: number): readonly Node[] {
  const found = roots.filter((root, i) => i >= first && termsOf(root, () => true).some(hasRows));
  if (found.length === 0) return roots;
  const users = countUsers(roots);
  const isOwn = (node: Node): boolean => users.get(node) === 1;
  return roots.map((root, i) => (i >= first && found.includes(root) ? withRows(root, isOwn) : root));
}

function hasRows({ node }: Term): boolean {
  return node.kind === "op" && node.op.rows !== undefined;
}

function countUsers(roots: readonly Node[]): ReadonlyMap<Node, number> {
  const users = new Map<Node, number>();
  const count = (node: Node): unknown => users.set(node, (users.get(node) ?? 0) + 1);
  for (const { inputs } of topological(roots)) inputs.forEach(count);
  roots.forEach(count);
  return users;
}

/** The terms of a sum from left to right; a node that is not its own is one term. */
function termsOf(root: Node, isOwn: (node: Node) => boolean): readonly Term[] {
  const terms: Term[] = [];
  const open: Term[] = [{ node: root, sign: 1, factors: null }];
  for (let term = open.pop(); term; term = open.pop()) {
    const { node, sign, factors } = term;
    const parts = isOwn(node) && node.kind === "op" && !hasRows(term) ? partsOf(term) : null;
    if (parts) open.push(...parts.toReversed());
    else terms.push({ node, sign, factors });
  }
  return terms;
}

/** What a sum adds up, or what a linear op multiplies; null for another op. */
function partsOf({ node, sign, factors }: Term): readonly Term[] | null {
  const { inputs, op } = node;
  const { sum, linear } = op.traits;
  if (sum) {
    if (!inputs.every(({ shape }) => sameShape(shape, node.shape))) return null;
    return inputs.map((input, i) => ({ node: input, sign: sign * sum[i]!, factors }));
  }
  const at = linear?.find((i) => inputs.every(({ shape }, other) => other === i || shape.length === 0));
  return at === undefined ? null : [{ node: inputs[at]!, sign, factors: { node, at, outer: factors } }];
}

function withRows(root: Node, isOwn: (node: Node) => boolean): Node {
  const terms = termsOf(root, isOwn);
  const sparse = terms.filter((term) => hasRows(term) && isOwn(term.node));
  const [start, ...others] = terms.filter((term) => !sparse.includes(term));
  if (sparse.length === 0 || !start) return root;
  let sum = signed(start.sign, multiplied(start.node, start.factors));
  for (const { node, sign, factors } of others)
    sum = call(sign < 0 ? subtract : add, sum, multiplied(node, factors));
  for (const { node, sign, factors } of sparse) {
    const { indices, updates } = rowsOf(node);
    sum = call(indexAdd, sum, indices, signed(sign, multiplied(updates, factors)));
  }
  return sum;
}

function rowsOf(node: Node): Rows {
  const rows = node.op.rows?.(node.inputs);
  if (!rows) throw new RangeError(`Op '${node.op.name}' has no rows.`);
  return rows;
}

/** The node under the same linear ops. */
function multiplied(node: Node, factors: Factor | null): Node {
  let made = node;
  for (let factor = factors; factor; factor = factor.outer) {
    const { at, node: of } = factor;
    made = build(
      of.op,
      of.inputs.map((input, i) => (i === at ? made : input)),
      of.attributes,
    );
  }
  return made;
}

function signed(sign: number, node: Node): Node {
  return sign < 0 ? call(negative, node) : node;
}
