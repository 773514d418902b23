import { PolykerasError } from "../errors.ts";
import type { Node } from "./node.ts";

const origins = new WeakMap<Node, Error>();
const own = new URL("..", import.meta.url).href.replace(/^file:\/\//, "");

/**
 * Remembers where a node was first built, if an error about it can come up later: when several inputs meet
 * under dimensions that are not known yet. The stack is only formatted when a message needs it.
 */
export function noteOrigin(node: Node): void {
  if (node.inputs.length < 2 || !node.inputs.some(({ shape }) => shape.includes(null))) return;
  if (!origins.has(node)) origins.set(node, new Error("origin"));
}

/** `file:line:column` of the first frame outside of polykeras, or undefined. */
function userLine(error: Error): string | undefined {
  for (const line of error.stack?.split("\n").slice(1) ?? []) {
    const at = /\(?([^()\s]+:\d+:\d+)\)?$/.exec(line.trim())?.[1];
    // Tests stand beside the source and are users of it.
    const inside = at?.includes(own) && !/\.test\.[jt]s:/.test(at);
    if (at && !inside && !at.startsWith("node:") && !/polykeras\/(src|dist)\//.test(at)) return at;
  }
  return undefined;
}

/** The same error, its message completed by the line that built `node`. */
export function withOrigin(error: unknown, node: Node): unknown {
  const origin = origins.get(node);
  const line = origin && userLine(origin);
  if (error instanceof PolykerasError && line && !error.message.includes("\nBuilt at "))
    error.message += `\nBuilt at ${line}.`;
  return error;
}
