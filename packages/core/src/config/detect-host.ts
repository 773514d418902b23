import { browserHost } from "./browser-host.ts";
import type { ConfigHost } from "./host.ts";
import { isNode, prepareNode } from "./node-builtins.ts";
import { nodeHost } from "./node-host.ts";

/** The host of this process, page or worker. */
export function detectHost(): ConfigHost {
  return isNode() ? nodeHost() : browserHost();
}

/**
 * To be awaited before `detectHost` where files matter and Node may be older than 20.16; elsewhere nothing
 * happens.
 */
export async function prepareHost(): Promise<void> {
  await prepareNode();
}
