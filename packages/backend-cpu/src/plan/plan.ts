import {
  type Program,
  type TensorSpec,
  type TypedArray,
  type ValueId,
  sizeOf,
  specOf,
  storageOf,
  stridesOf,
} from "@polykeras/core";
import type { Bounds } from "../choices.ts";
import { storedBytes } from "../emit/lanes.ts";
import { align } from "../memory/allocator.ts";
import { type Span, layOut } from "./arena.ts";
import { fuseEpilogues } from "./epilogue.ts";
import { type Group, type Loop, readsOf, writesOf } from "./group.ts";
import { overwrites, sharedStorages } from "./overwrite.ts";
import { Planner } from "./planner.ts";
import { sameExtents } from "./source.ts";

/** Where a storage is at run time: in the arena, or at an address of the table that `run` gets. */
type Place =
  | { readonly kind: "arena"; readonly offset: number }
  | { readonly kind: "table"; readonly slot: number };

/** What is left to copy into a variable after the last group. */
interface Copy {
  readonly from: ValueId;
  readonly to: ValueId;
  readonly bytes: number;
}

/** A constant that is read from memory. */
export interface PlannedConstant {
  readonly slot: number;
  /** Where it stands in `constantsOf(program)`. */
  readonly index: number;
}

/** The body of a scan: the part of the table from `slot` on is its own table. */
export interface PlannedBody {
  readonly slot: number;
  readonly plan: Plan;
}

/**
 * The groups of a program with the places of all storages. Table slots: the arena, then inputs, outputs, and the
 * constants that are read from memory; then faults; then the tables of bodies, whose constants and faults are among
 * those of the whole.
 */
export interface Plan {
  readonly groups: readonly Group[];
  readonly places: ReadonlyMap<ValueId, Place>;
  readonly copies: readonly Copy[];
  readonly arenaBytes: number;
  /** For each group, from where on it may use the arena for itself; beyond its end, too, where there is more. */
  readonly scratch: readonly number[];
  readonly constants: readonly PlannedConstant[];
  readonly slots: number;
  /** Two words for each routine that may find that its operands do not fit. */
  readonly faults: readonly Fault[];
  /** By the index of their group. */
  readonly bodies: ReadonlyMap<number, PlannedBody>;
}

/** The constants of a program, then those of its bodies. */
export function constantsOf(program: Program): readonly Constant[] {
  const inner = program.steps.flatMap(({ bodies }) => bodies ?? []);
  return [
    ...program.constants.map(({ value, data }) => ({ spec: specOf(program, value), data })),
    ...inner.flatMap(constantsOf),
  ];
}

interface Constant {
  readonly spec: TensorSpec;
  readonly data: TypedArray;
}

/** What a routine of the group of that index may have to say after a run. */
export interface Fault {
  readonly group: number;
  readonly slot: number;
  readonly describe: (value: number) => string;
}

/** Bytes of a storage: whole groups of 32 elements, since loops over it may end with a full one. */
export function storageBytes(spec: TensorSpec): number {
  return align(Math.max(1, Math.ceil(sizeOf(spec.shape) / 32)) * 32 * storedBytes(spec.dtype));
}

function isEmpty(group: Group): boolean {
  if (group.kind === "routine") return group.empty;
  // Without a step it still hands on its states.
  if (group.kind === "scan") return false;
  return group.kind === "product" ? group.batch * group.m * group.n === 0 : group.extents.includes(0);
}

/** `hasOwnOutputs` says that nothing else is where outputs are written, from the first group on. */
export function plan(program: Program, choices: Bounds, hasOwnOutputs = true): Plan {
  const made = new Planner(program, choices).groups.filter((group) => !isEmpty(group));
  const groups = fuseEpilogues(made, choices);
  const shared = sharedStorages(program, groups);
  const placeOf = (id: ValueId): ValueId => shared.get(id) ?? id;
  const first = new Map<ValueId, number>();
  const writer = new Map<ValueId, number>();
  const last = new Map<ValueId, number>();
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at]!;
    const writes = writesOf(group);
    for (let i = 0; i < writes.length; i++) {
      const id = placeOf(writes[i]!);
      if (!first.has(id)) first.set(id, at);
      writer.set(id, at);
      last.set(id, at);
    }
    const reads = readsOf(group);
    for (let i = 0; i < reads.length; i++) last.set(placeOf(reads[i]!), at);
  }

  const places = new Map<ValueId, Place>();
  let slots = 1;
  for (const { value } of program.inputs) places.set(value, { kind: "table", slot: slots++ });
  for (const id of program.outputs) places.set(storageOf(program, id), { kind: "table", slot: slots++ });
  const constants: PlannedConstant[] = [];
  for (const [index, { value }] of program.constants.entries()) {
    if (!last.has(value)) continue;
    constants.push({ slot: slots, index });
    places.set(value, { kind: "table", slot: slots++ });
  }

  const faults: Fault[] = [];
  // A run that stops at a fault has changed no variable: updates before it wait until the end.
  let lastFault = -1;
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at]!;
    if (group.kind !== "routine" || !group.code.fault) continue;
    lastFault = at;
    faults.push({ group: group.index, slot: slots, describe: group.code.fault });
    slots += 2;
  }
  const bodies = new Map<number, PlannedBody>();
  let earlier = program.constants.length;
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at]!;
    if (group.kind !== "scan") continue;
    const body: PlannedBody = { slot: slots, plan: plan(group.body, choices, false) };
    bodies.set(group.index, body);
    for (const { slot, index } of body.plan.constants)
      constants.push({ slot: slots + slot, index: earlier + index });
    for (const { slot, describe } of body.plan.faults)
      faults.push({ group: group.index, slot: slots + slot, describe });
    if (body.plan.faults.length > 0) lastFault = Math.max(lastFault, at);
    slots += body.plan.slots;
    earlier += constantsOf(group.body).length;
  }

  const copies: Copy[] = [];
  const kept = new Set<ValueId>();
  for (const { input, value } of program.updates) {
    const to = program.inputs[input]!.value;
    const from = storageOf(program, value);
    const at = first.get(from);
    if (at === undefined) continue;
    const inPlace =
      at > lastFault &&
      (at === writer.get(from) || changesOnly(groups.slice(at + 1), from, placeOf)) &&
      (last.get(to) ?? -1) <= at &&
      readsInStep(groups[at]!, to, from, placeOf);
    if (inPlace) places.set(from, places.get(to)!);
    else {
      kept.add(from);
      copies.push({
        from,
        to,
        bytes: sizeOf(specOf(program, from).shape) * storedBytes(specOf(program, from).dtype),
      });
    }
  }

  if (hasOwnOutputs)
    for (const id of program.outputs) {
      const output = storageOf(program, id);
      const at = first.get(output);
      if (at === undefined || at !== writer.get(output)) continue;
      const group = groups[at]!;
      if (group.kind !== "loop") continue;
      // What is read for the last time where the output is written, element by element, stands in its place until then.
      const found = readsOf(group).find(
        (read) =>
          first.has(read) &&
          !places.has(read) &&
          !kept.has(read) &&
          last.get(read) === at &&
          isAlike(program, read, output) &&
          readsInStep(group, read, output, placeOf),
      );
      if (found !== undefined) places.set(found, places.get(output)!);
    }

  const spans: Span[] = [];
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at]!;
    const writes = writesOf(group);
    for (let i = 0; i < writes.length; i++) {
      const id = placeOf(writes[i]!);
      if (!places.has(id) && first.get(id) === at)
        spans.push({
          id,
          bytes: storageBytes(specOf(program, id)),
          from: at,
          to: kept.has(id) ? groups.length - 1 : last.get(id)!,
        });
    }
    // What has no elements has no writer either; its address is taken, but never read.
    if (group.kind === "routine" || group.kind === "scan")
      for (const id of readsOf(group))
        if (!places.has(id) && !first.has(placeOf(id))) places.set(id, { kind: "table", slot: 0 });
  }
  const { offsets, bytes: arenaBytes, ends } = layOut(spans, groups.length);
  for (const [id, offset] of offsets) places.set(id, { kind: "arena", offset });
  for (const [id, other] of shared) places.set(id, places.get(other)!);
  return { groups, places, copies, arenaBytes, scratch: ends, constants, slots, faults, bodies };
}

/** True if what of the groups writes the storage changes it in its place. */
function changesOnly(groups: readonly Group[], storage: ValueId, placeOf: PlaceOf): boolean {
  return groups.every(
    (group) =>
      (group.kind === "routine" && overwrites(group)) ||
      !writesOf(group).some((id) => placeOf(id) === storage),
  );
}

/** The storage that a value shares, or its own. */
type PlaceOf = (id: ValueId) => ValueId;

/** True if elements that stand at the same index stand at the same place. */
function isAlike(program: Program, a: ValueId, b: ValueId): boolean {
  const [left, right] = [specOf(program, a), specOf(program, b)];
  const isAsWide = storedBytes(left.dtype) === storedBytes(right.dtype);
  return isAsWide && storageBytes(left) === storageBytes(right);
}

/** True if the group reads `variable` only at the index at which it writes `value`, or not at all. */
function readsInStep(group: Group, variable: ValueId, value: ValueId, placeOf: PlaceOf): boolean {
  if (!readsOf(group).includes(variable)) return true;
  if (group.kind === "routine") return overwrites(group) && group.reads[0]!.storage === variable;
  if (group.kind === "scan") return false;
  if (group.kind === "product")
    return (
      group.epilogue !== null &&
      ![group.a.storage, group.b.storage].includes(variable) &&
      readsInStep(group.epilogue, variable, value, placeOf)
    );
  const store = group.stores.find(({ access }) => placeOf(access.storage) === value);
  return store !== undefined && !store.partial && readsInOrder(group, variable);
}

function readsInOrder(loop: Loop, variable: ValueId): boolean {
  return (
    loop.random !== variable &&
    loop.operands.every(
      (operand) =>
        operand.kind !== "load" ||
        operand.storage !== variable ||
        (operand.offset === 0 && sameExtents(operand.strides, stridesOf(loop.extents))),
    )
  );
}
