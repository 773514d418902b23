import type { Backend, Buffer, MaybePromise } from "../backend/contract.ts";
import { FeedError, UnsupportedOpsError } from "../errors.ts";
import type { Node } from "../graph/node.ts";
import { topological } from "../graph/walk.ts";
import { type HostValue, toDType } from "../tensor/convert.ts";
import { type TypedArray, carries } from "../tensor/dtype.ts";
import { NDArray } from "../tensor/ndarray.ts";
import { type Spec, type TensorSpec, formatShape, formatSpec, sameShape } from "../tensor/spec.ts";
import { execute } from "./execute.ts";
import { labelOf } from "./label.ts";
import { all, isPromise, chain } from "./maybe.ts";
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
    const specs: TensorSpec[] = [];
    const feeds: TypedArray[] = [];
    const { placeholders } = this.#goal;
    for (let i = 0; i < placeholders.length; i++) {
      const node = placeholders[i]!;
      const value = fitting(values[i]!, node);
      specs.push({ shape: value.shape, dtype: node.dtype });
      feeds.push(
        value.dtype === node.dtype && !isList(value.data) && carries(node.dtype, value.data)
          ? value.data
          : toDType(value.data, node.dtype),
      );
    }
    return chain(this.#backend ?? activeBackend(), (backend) => {
      const last = this.#last;
      if (last?.backend === backend && last.specs.every(({ shape }, i) => sameShape(shape, specs[i]!.shape)))
        return execute(last.plan, feeds);
      return chain(this.#planOn(backend, specs), (plan) => {
        this.#last = { backend, specs, plan };
        return execute(plan, feeds);
      });
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
    const made = chain(this.#make(specs, backend), (plan) => {
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

  /** On the engine alone if it can; else with host engines, unless the policy forbids them. */
  #make(specs: readonly TensorSpec[], backend: Backend): MaybePromise<Plan> {
    const name = labelOf(backend);
    const report = (plan: Plan): Plan => {
      const fresh = recordHostSteps(name, plan.hostSteps);
      if (fresh.length > 0) notify(hostNotice(name, plan.hostSteps));
      return plan;
    };
    try {
      return chain(makePlan(this.#goal, specs, backend, []), report);
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
