import type { HostStep } from "./places.ts";

/** A host step, with the engine that left it. */
export interface LeftStep extends HostStep {
  readonly engine: string;
}

const seen = new Map<string, LeftStep>();

/** Remembers what ran elsewhere, for `explain()`; gives the steps that are new. */
export function recordHostSteps(engine: string, steps: readonly HostStep[]): readonly HostStep[] {
  return steps.filter((step) => {
    const key = `${engine} ${step.op} ${step.backend} ${step.reason}`;
    const before = seen.get(key);
    if (!before || before.count < step.count) seen.set(key, { ...step, engine });
    return !before;
  });
}

/** Every op that ran on another engine than the one in force, since the process started. */
export function listHostSteps(): LeftStep[] {
  return [...seen.values()];
}

/** One line per op that ran on another engine. */
export function describeHostSteps(): string[] {
  return listHostSteps().map(
    ({ engine, op, backend, reason, count }) =>
      `${op}: ${count} step${count === 1 ? "" : "s"} a run on '${backend}' instead of '${engine}' (${reason})`,
  );
}

/** The notice for ops that an engine leaves to others: which, where, and what it costs. */
export function hostNotice(engine: string, steps: readonly HostStep[]): string {
  const ops = [...new Set(steps.map(({ op }) => op))];
  const hosts = [...new Set(steps.map(({ backend }) => `'${backend}'`))];
  const total = steps.reduce((sum, { count }) => sum + count, 0);
  return (
    `polykeras: backend '${engine}' leaves ${total} step${total === 1 ? "" : "s"} a run to ${hosts.join(" and ")} ` +
    `(${ops.join(", ")}): their tensors are copied there and back. explain() gives the reasons; ` +
    `configure({ fallback: 'error' }) forbids it.`
  );
}
