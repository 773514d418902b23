import { type Program, type ValueId, sizeOf, specOf, storageOf } from "@polykeras/core";
import { type Group, type RoutineCall, readsOf, writesOf } from "./group.ts";

/** Whether the routine may change its first operand in its place, as far as its other operands go. */
export function overwrites({ code, reads: [first, ...others] }: RoutineCall): boolean {
  return (
    code.overwrites === true &&
    first!.offset === 0 &&
    others.every(({ storage }) => storage !== first!.storage)
  );
}

/**
 * Values that are made only to be changed in their place: for each the storage that it shares with the result. Results
 * of the program have storages of their own.
 */
export function sharedStorages(program: Program, groups: readonly Group[]): ReadonlyMap<ValueId, ValueId> {
  const shared = new Map<ValueId, ValueId>();
  if (!groups.some((group) => group.kind === "routine" && group.code.overwrites)) return shared;
  const results = [...program.outputs, ...program.updates.map(({ value }) => value)];
  const kept = new Set(results.map((id) => storageOf(program, id)));
  const made = new Set(groups.flatMap(writesOf));
  const lastRead = new Map<ValueId, Group>();
  for (const group of groups) for (const id of readsOf(group)) lastRead.set(id, group);
  for (const group of groups.toReversed()) {
    if (group.kind !== "routine" || !overwrites(group)) continue;
    const { storage } = group.reads[0]!;
    const [result] = group.writes;
    if (!made.has(storage) || kept.has(storage) || lastRead.get(storage) !== group) continue;
    // The operand may be the beginning of something larger.
    if (sizeOf(specOf(program, storage).shape) === sizeOf(specOf(program, result!).shape))
      shared.set(storage, shared.get(result!) ?? result!);
  }
  return shared;
}
