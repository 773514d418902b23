import type { Backend, Buffer, MaybePromise } from "../backend/contract.ts";
import { FeedError, UnsupportedOpsError } from "../errors.ts";
import type { Node } from "../graph/node.ts";
import { topological } from "../graph/walk.ts";
import { type HostValue, toDType } from "../tensor/convert.ts";
import { type TypedArray, carries } from "../tensor/dtype.ts";
import { NDArray } from "../tensor/ndarray.ts";
import { type Spec, type TensorSpec, formatShape, formatSpec, sameShape } from "../tensor/spec.ts";
import { keepPlan, planAgain } from "./blueprint.ts";
import { execute } from "./execute.ts";
import { labelOf } from "./label.ts";
import { all, isPromise, chain } from "./maybe.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { type Goal, type Plan, makePlan } from "./plan.ts";
import { hostNotice, recordHostSteps } from "./report.ts";
import { activeBackend, hostEngines, notify, settings } from "./session.ts";
import { type VariableState, stateOf } from "./variable.ts";

/** How many input shapes one function keeps plans for: those that it ran last. */
const capacity = 128;

/** The compiled side of `K.function`: nodes in, buffers out. Shapes decide which plan runs. */
export class Runner {
  readonly #goal: Goal;
  readonly #backend: Backend | null;
  readonly #plans = new Map<Backend, Map<string, MaybePromise<Plan>>>();
  /** The text of the graph, made for the first plan. */
  #outline: Outline | null | undefined;
  /** The plan of the last run: most runs have the shapes of the one before. */
  #last: { readonly backend: Backend; readonly specs: readonly TensorSpec[]; readonly plan: Plan } | null =
    null;

  /** Variables that random ops read advance by themselves unless `updates` says otherwise. */
  constructor(goal: Goal, backend: Backend | null) {
    const given = new Set(goal.updates.map(({ variable }) => variable));
    const advancing: { variable: VariableState; value: Node }[] = [];
    let ifRead = false;
    for (const node of topological([...goal.outputs, ...goal.updates.map(({ value }) => value)])) {
      const state = stateOf(node);
      if (state?.advance && !given.has(state))
        advancing.push({ variable: state, value: state.advance(node) });
      if (node.kind === "leaf" && node.leaf.fallback !== undefined)
        ifRead ||= !goal.placeholders.includes(node);
    }
    const updates = ifRead ? advancing.map((update) => ({ ...update, ifRead })) : advancing;
    this.#goal = { ...goal, updates: [...goal.updates, ...updates] };
    this.#backend = backend;
  }

  /** Runs on host values, one per placeholder, and gives buffers that the caller owns. */
  run(values: readonly HostValue[]): MaybePromise<readonly Buffer[]> {
    const backend = this.#backend ?? activeBackend();
    const last = this.#last;
    if (last?.backend === backend && last.specs.every(({ shape }, i) => sameShape(shape, values[i]!.shape)))
      return execute(last.plan, this.#feeds(values));
    const specs = this.#goal.placeholders.map((node, i): TensorSpec => {
      const { shape } = fitting(values[i]!, node);
      return { shape, dtype: node.dtype };
    });
    const feeds = this.#feeds(values);
    return chain(backend, (ready) =>
      chain(this.#planOn(ready, specs), (plan) => {
        this.#last = { backend: ready, specs, plan };
        return execute(plan, feeds);
      }),
    );
  }

  /** The elements in the dtypes of the placeholders. */
  #feeds(values: readonly HostValue[]): readonly TypedArray[] {
    return this.#goal.placeholders.map(({ dtype }, i) => {
      const { data, dtype: from } = values[i]!;
      return from === dtype && !isList(data) && carries(dtype, data) ? data : toDType(data, dtype);
    });
  }

  /** The plan for inputs of these specs. */
  #planOn(backend: Backend, specs: readonly TensorSpec[]): MaybePromise<Plan> {
    let plans = this.#plans.get(backend);
    if (!plans) this.#plans.set(backend, (plans = new Map()));
    let key = "";
    for (let i = 0; i < specs.length; i++) key += `${specs[i]!.shape.join()};`;
    const hit = plans.get(key);
    if (hit) {
      // Only where one may have to go does it count which was used last.
      if (plans.size === capacity) {
        plans.delete(key);
        plans.set(key, hit);
      }
      return hit;
    }
    const made = chain(this.#make(specs, backend, key), (plan) => {
      plans.set(key, plan);
      return plan;
    });
    if (isPromise(made)) {
      plans.set(key, made);
      made.catch(() => plans.delete(key));
    }
    const oldest = plans.size > capacity ? plans.keys().next().value : undefined;
    if (oldest !== undefined) plans.delete(oldest);
    return made;
  }

  /** On the engine alone if it can; else with host engines, unless the policy forbids them. `shapes` are those of `specs`. */
  #make(specs: readonly TensorSpec[], backend: Backend, shapes: string): MaybePromise<Plan> {
    const name = labelOf(backend);
    const report = (plan: Plan): Plan => {
      const fresh = recordHostSteps(name, plan.hostSteps);
      if (fresh.length > 0) notify(hostNotice(name, plan.hostSteps));
      return plan;
    };
    if (this.#outline === undefined) this.#outline = outlineOf(this.#goal);
    const outline = this.#outline;
    const key = outline ? `${shapes}|${outline.key}` : "";
    const again = outline && planAgain(this.#goal, outline, key, backend);
    if (again) return again;
    try {
      return chain(makePlan(this.#goal, specs, backend, []), (plan) => {
        if (outline) keepPlan(plan, outline, key);
        return report(plan);
      });
    } catch (error) {
      if (!(error instanceof UnsupportedOpsError) || settings().fallback.value === "error") throw error;
    }
    return hostEngines().then((hosts) => chain(makePlan(this.#goal, specs, backend, hosts), report));
  }
}

function isList(data: TypedArray | readonly number[]): data is readonly number[] {
  return Array.isArray(data);
}

/** The value under the placeholder's shape. Throws FeedError naming the placeholder and both shapes. */
function fitting(value: HostValue, node: Node): HostValue {
  const spec: Spec = node;
  const fits =
    value.shape.length === spec.shape.length &&
    spec.shape.every((dim, i) => dim === null || dim === value.shape[i]);
  if (fits) return value;
  const name = node.kind === "leaf" ? `placeholder '${node.leaf.name}'` : `node ${node.id}`;
  throw new FeedError(
    `K.function: ${name} takes ${formatSpec(spec)}; it was fed a value of shape ${formatShape(value.shape)}.`,
  );
}

/** Downloads the buffers and lets go of them. */
export function download(buffers: readonly Buffer[]): MaybePromise<NDArray[]> {
  const arrays = buffers.map((buffer) =>
    chain(buffer.read(), (data) => {
      buffer.dispose();
      return new NDArray(data, buffer.spec.shape, buffer.spec.dtype);
    }),
  );
  return all(arrays);
}
