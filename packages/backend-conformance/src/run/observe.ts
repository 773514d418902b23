import { type Backend, type StepSignature, findOp } from "@polykeras/core";

/** What core asked of an engine while it planned one function. */
export interface Observation {
  /** Composites for which the engine has a kernel of its own. */
  readonly own: ReadonlySet<string>;
  /** Ops that the engine refused and that have no decomposition: they run on a host engine. Name to reason. */
  readonly hosted: ReadonlyMap<string, string>;
}

export interface Observed {
  readonly backend: Backend;
  /** What was asked since the last call. */
  take(): Observation;
}

/**
 * The same engine, watched. With `decomposed` it refuses every op that core can decompose, so that the
 * decompositions run on the engine's primitives.
 */
export function observe(engine: Backend, decomposed: boolean): Observed {
  let own = new Set<string>();
  let hosted = new Map<string, string>();
  const supports = (step: StepSignature): true | string => {
    const op = findOp(step.op);
    const canDecompose = op?.decompose !== undefined;
    if (decomposed && canDecompose) return "the conformance runner asks for its decomposition";
    const answer = askEngine(engine, step);
    if (answer === true && op?.category === "composite") own.add(step.op);
    if (answer !== true && !canDecompose) hosted.set(step.op, answer);
    return answer;
  };
  const backend: Backend = {
    contract: engine.contract,
    name: engine.name ?? "unnamed",
    placeholder: (spec) => engine.placeholder(spec),
    variable: (spec, value) => engine.variable(spec, value),
    function: (program) => engine.function(program),
    supports,
    ...(engine.memory ? { memory: engine.memory.bind(engine) } : {}),
  };
  return {
    backend,
    take: () => {
      const seen = { own, hosted };
      own = new Set();
      hosted = new Map();
      return seen;
    },
  };
}

/** A backend without `supports` runs the primitives: that is the contract. */
function askEngine(engine: Backend, step: StepSignature): true | string {
  if (engine.supports) return engine.supports(step);
  return findOp(step.op)?.category === "primitive" ? true : "no supports() in the backend, and no primitive";
}
