import type { Backend, MaybePromise } from "../backend/contract.ts";
import type { Program } from "../program/program.ts";
import type { TensorSpec } from "../tensor/spec.ts";
import type { Compiled } from "./cache.ts";
import { Inputs, type Source } from "./inputs.ts";
import { all, chain } from "./maybe.ts";
import type { Outline } from "./outline.ts";
import type { Goal, Plan } from "./plan.ts";
import { stateOf } from "./variable.ts";

/** A plan of one program without its variables: later goals of the same outline put theirs in. */
interface Blueprint {
  readonly program: Program;
  readonly compiled: Compiled;
  /** For each input of the program the fed value, with its spec, or the variable, by their places in the outline. */
  readonly inputs: readonly (
    | { readonly fed: number; readonly spec: TensorSpec }
    | { readonly variable: number }
  )[];
  /** For each output of the program the result that it is. */
  readonly outputs: readonly number[];
}

/** What a backend keeps at most: the oldest leave, as soon as there are more of them or of the characters of their keys. */
const plansMax = 128;
const charactersMax = 2 ** 22;

class Blueprints {
  readonly #plans = new Map<string, Blueprint>();
  #characters = 0;

  get(key: string): Blueprint | undefined {
    return this.#plans.get(key);
  }

  set(key: string, plan: Blueprint): void {
    if (!this.#plans.has(key)) this.#characters += key.length;
    this.#plans.set(key, plan);
    for (const oldest of this.#plans.keys()) {
      if (this.#plans.size <= plansMax && this.#characters <= charactersMax) break;
      this.#plans.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}

const known = new WeakMap<Backend, Blueprints>();

/** Keeps a plan that is one program on one backend, for goals of the same key: that of the outline, with the shapes fed. */
export function keepPlan(plan: Plan, outline: Outline, key: string): void {
  const { backend, stages, late, results } = plan;
  const [stage] = stages;
  if (
    !stage ||
    stages.length > 1 ||
    stage.backend !== backend ||
    late.length > 0 ||
    plan.hostSteps.length > 0
  )
    return;
  const inputs: Blueprint["inputs"][number][] = [];
  for (const source of stage.inputs.sources) {
    if (source.kind === "value") return;
    if (source.kind === "fed") inputs.push({ fed: source.index, spec: source.slot.spec });
    else {
      const variable = outline.variables.indexOf(source.state.node);
      if (variable < 0) return;
      inputs.push({ variable });
    }
  }
  const outputs = stage.outputs.map((of) => results.indexOf(of));
  let plans = known.get(backend);
  if (!plans) known.set(backend, (plans = new Blueprints()));
  plans.set(key, { program: stage.program, compiled: stage.compiled, inputs, outputs });
}

/** The plan for a goal, if one of its key was planned before. */
export function planAgain(
  goal: Goal,
  outline: Outline,
  key: string,
  backend: Backend,
): MaybePromise<Plan> | null {
  const found = known.get(backend)?.get(key);
  if (!found) return null;
  const { program, compiled, inputs, outputs } = found;
  const sources = inputs.map((input): MaybePromise<Source> => {
    if ("variable" in input) return { kind: "variable", state: stateOf(outline.variables[input.variable]!)! };
    const { fed: index, spec } = input;
    return chain(backend.placeholder(spec), (slot): Source => ({ kind: "fed", index, slot }));
  });
  return chain(all(sources), (ready) => ({
    backend,
    stages: [
      {
        backend,
        program,
        compiled,
        inputs: new Inputs(backend, ready),
        outputs: outputs.map((at) => goal.outputs[at]!),
      },
    ],
    results: goal.outputs,
    late: [],
    hostSteps: [],
  }));
}

/** Forgets the plans of a backend. */
export function forgetPlans(backend: Backend): void {
  known.delete(backend);
}
