import type { DType } from "@polykeras/core";

/** How a case was run: with the engine's own kernels, forced through decompositions, and its gradients. */
export const routes = ["own", "decomposed", "gradient"] as const;
export type Route = (typeof routes)[number];

/**
 * - `pass`: right, and every step ran on the engine.
 * - `host`: right, but steps ran on a host engine; never counted as the engine's.
 * - `fail`: wrong, or an error.
 * - `expected`: failed as the list of expected failures says.
 * - `unexpected`: passed although the list says that it fails.
 * - `same`: the engine has no kernel of its own here, so that the decomposition is what `own` ran.
 */
export type Status = "pass" | "host" | "fail" | "expected" | "unexpected" | "same";

/** An op that the engine refused and that has no decomposition, with the engine's reason. */
export interface HostedOp {
  readonly op: string;
  readonly reason: string;
}

/** One case by one route. */
export interface Result {
  /** `relu/broadcast-row:own`: what a list of expected failures names. */
  readonly id: string;
  readonly function: string;
  readonly route: Route;
  readonly dtype: DType;
  readonly status: Status;
  /** For failures: the call, what came out and what was wanted. For expected ones also the reason. */
  readonly message: string;
  readonly worstUlp: number;
  /** Composites that the engine ran with kernels of its own. */
  readonly ownKernels: readonly string[];
  /** Ops that ran elsewhere. */
  readonly hosted: readonly HostedOp[];
}

/** True for what makes a run fail. */
export function isFailure({ status }: Result): boolean {
  return status === "fail" || status === "unexpected";
}
