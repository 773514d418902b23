import type { Backend, MaybePromise } from "../backend/contract.ts";
import { type Node, withOwnTable } from "../graph/node.ts";
import { topological } from "../graph/walk.ts";
import { type Supports, legalise } from "../passes/legalise.ts";
import { lower, separate } from "../passes/lower.ts";
import { type Segment, partition, wholeSegment } from "../passes/partition.ts";
import { prune } from "../passes/prune.ts";
import { addRows } from "../passes/row-updates.ts";
import { specialise } from "../passes/specialise.ts";
import type { Program } from "../program/program.ts";
import { verify } from "../program/verify.ts";
import type { TensorSpec } from "../tensor/spec.ts";
import { type Compiled, compile } from "./cache.ts";
import { Inputs, type Source } from "./inputs.ts";
import { labelOf } from "./label.ts";
import { all, chain } from "./maybe.ts";
import { type HostStep, Places } from "./places.ts";
import { type VariableState, stateOf } from "./variable.ts";

/** What a function computes, before shapes are known. */
export interface Goal {
  readonly placeholders: readonly Node[];
  readonly outputs: readonly Node[];
  readonly updates: readonly {
    readonly variable: VariableState;
    readonly value: Node;
    /** Only if something still reads the variable once a phase that is not fed has picked its side. */
    readonly ifRead?: boolean;
  }[];
}

/** One compiled program of a plan. */
export interface Stage {
  readonly backend: Backend;
  readonly program: Program;
  readonly compiled: Compiled;
  readonly inputs: Inputs;
  /** The value that each output of the program is. */
  readonly outputs: readonly Node[];
}

/** A function for one set of input shapes on one engine: usually one stage; more when host engines help. */
export interface Plan {
  readonly backend: Backend;
  readonly stages: readonly Stage[];
  readonly results: readonly Node[];
  /** Updates that no stage can do in place: written after the last stage. */
  readonly late: readonly { readonly state: VariableState; readonly value: Node }[];
  readonly hostSteps: readonly HostStep[];
}

/** From a goal to compiled programs: specialise, simplify, legalise, partition, lower, verify, compile. */
export function makePlan(
  goal: Goal,
  specs: readonly TensorSpec[],
  backend: Backend,
  hosts: readonly Backend[],
): MaybePromise<Plan> {
  return withOwnTable(() => planFor(goal, specs, backend, hosts));
}

function planFor(
  given: Goal,
  specs: readonly TensorSpec[],
  backend: Backend,
  hosts: readonly Backend[],
): MaybePromise<Plan> {
  const feeds = new Map(given.placeholders.map((node, i) => [node, specs[i]!]));
  const concrete = specialise([...given.outputs, ...given.updates.map(({ value }) => value)], feeds);
  const { goal, roots: read } = withoutIdleUpdates(given, concrete.roots);
  const roots = addRows(read, goal.outputs.length);
  const fed = goal.placeholders.map((node) => concrete.leaves.get(node)!);
  const places = new Places(backend, hosts);
  const owned = ownAndLegal(goal, roots, places.supports, labelOf(backend));
  const legal = places.bodies ? prune(owned, (from, to) => places.move(from, to)) : owned;
  const results = legal.slice(0, goal.outputs.length);
  const updates = goal.updates.map(({ variable }, i) => ({
    state: variable,
    value: legal[goal.outputs.length + i]!,
  }));
  const segments =
    places.alone && legal.length > 0
      ? [wholeSegment(backend, legal)]
      : partition(legal, (node) => places.of(node));
  const homes = updateHomes(segments, updates);
  const stages = segments.map((segment, at) => {
    const mine = updates.filter(({ value }) => homes.get(value) === at);
    return makeStage(segment, fed, mine);
  });
  return chain(all(stages), (ready) => ({
    backend,
    stages: ready,
    results,
    late: updates.filter(({ value }) => !homes.has(value)),
    hostSteps: places.alone && !places.bodies ? [] : places.hostSteps(topological(legal)),
  }));
}

/** The goal and its concrete roots without the updates whose variable none of the other roots reads. */
function withoutIdleUpdates(
  goal: Goal,
  roots: readonly Node[],
): { readonly goal: Goal; readonly roots: readonly Node[] } {
  const { outputs, updates } = goal;
  if (!updates.some(({ ifRead }) => ifRead)) return { goal, roots };
  const results = roots.slice(0, outputs.length);
  const values = roots.slice(outputs.length);
  const read = new Set(topological([...results, ...values.filter((_, i) => !updates[i]!.ifRead)]));
  const stays = ({ variable, ifRead }: Goal["updates"][number]): boolean =>
    !ifRead || read.has(variable.node);
  return {
    goal: { ...goal, updates: updates.filter(stays) },
    roots: [...results, ...values.filter((_, i) => stays(updates[i]!))],
  };
}

/**
 * The roots in ops that run, each with a storage of its own. Legal ops may simplify to views of an input: then
 * the copies that make the storage their own are added, and have to be legal as well.
 */
function ownAndLegal(goal: Goal, roots: readonly Node[], supports: Supports, name: string): readonly Node[] {
  const own = (of: readonly Node[]): Node[] => {
    const { outputs, updates } = separate({
      outputs: of.slice(0, goal.outputs.length),
      updates: goal.updates.map(({ variable }, i) => ({
        variable: variable.node,
        value: of[goal.outputs.length + i]!,
      })),
    });
    return [...outputs, ...updates.map(({ value }) => value)];
  };
  const legal = legalise(roots, supports, name);
  const owned = own(legal);
  return owned.every((node, i) => node === legal[i]) ? legal : legalise(owned, supports, name);
}

/**
 * The segment that can apply each update itself: the one that computes the value, provided that no later
 * segment, nor one elsewhere, still reads the variable's old value.
 */
function updateHomes(
  segments: readonly Segment<Backend>[],
  updates: readonly { state: VariableState; value: Node }[],
): Map<Node, number> {
  if (segments.length === 1) return new Map(updates.map(({ value }) => [value, 0]));
  const readers = segments.map((segment) => new Set(topological(segment.roots)));
  const homes = new Map<Node, number>();
  for (const { state, value } of updates) {
    const at = segments.findIndex((segment) => segment.outputs.includes(value));
    const shared = segments.some(({ imports }) => [...imports.values()].includes(value));
    const safe =
      !shared &&
      segments.every(
        ({ place }, i) => !readers[i]!.has(state.node) || (i <= at && place === segments[at]!.place),
      );
    if (at >= 0 && safe) homes.set(value, at);
  }
  return homes;
}

function makeStage(
  segment: Segment<Backend>,
  fed: readonly Node[],
  mine: readonly { state: VariableState; value: Node }[],
): MaybePromise<Stage> {
  const { place, imports } = segment;
  const local = new Map(segment.outputs.map((of, i) => [of, segment.roots[i]!]));
  // `separate` gave each result and each update a node of its own: a value is one or the other.
  const applied = new Set(mine.map(({ value }) => value));
  const outputs = segment.outputs.filter((of) => !applied.has(of));
  const { program, leaves } = lower({
    outputs: outputs.map((of) => local.get(of)!),
    updates: mine.map(({ state, value }) => ({ variable: state.node, value: local.get(value)! })),
  });
  verify(program);
  const sources = leaves.map((leaf): MaybePromise<Source> => {
    const state = stateOf(leaf);
    if (state) return { kind: "variable", state };
    const index = fed.indexOf(leaf);
    const of = imports.get(leaf);
    const spec: TensorSpec = { shape: leaf.shape.map(Number), dtype: leaf.dtype };
    return chain(place.placeholder(spec), (slot): Source =>
      of ? { kind: "value", of, slot } : { kind: "fed", index, slot },
    );
  });
  return chain(all(sources), (ready) =>
    chain(compile(place, program), (compiled) => ({
      backend: place,
      program,
      compiled,
      inputs: new Inputs(place, ready),
      outputs,
    })),
  );
}
