import { unsigned } from "./encode.ts";
import type { FunctionReference } from "./types.ts";

/** A call: where a body has the index of its target. */
export interface Call {
  readonly at: number;
  readonly target: FunctionReference;
}

/**
 * Has the pieces append to the body, then puts it into the order of first statements, second statements and so on.
 * `record` runs a piece and tells where it begins and where its statements end. Locals that a piece releases stay out
 * of the lists of spare ones until all are done.
 */
export function interleave(
  body: number[],
  calls: Call[],
  spare: readonly number[][],
  pieces: readonly (() => void)[],
  record: (piece: () => void) => readonly number[],
): void {
  const start = body.length;
  const firstCall = calls.length;
  const kept = spare.map((list) => list.splice(0));
  const streams = pieces.map((piece) => {
    const ends = record(piece);
    for (const [i, list] of spare.entries()) kept[i]!.push(...list.splice(0));
    return ends;
  });
  for (const [i, list] of spare.entries()) list.push(...kept[i]!);
  const recorded = body.splice(start);
  const moved = calls.splice(firstCall);
  const longest = Math.max(...streams.map(({ length }) => length));
  for (let k = 1; k < longest; k++)
    for (const ends of streams) {
      const [from, to] = [ends[k - 1], ends[k]];
      if (from === undefined || to === undefined) continue;
      for (const { at, target } of moved)
        if (at >= from && at < to) calls.push({ at: body.length + at - from, target });
      for (let i = from; i < to; i++) body.push(recorded[i - start]!);
    }
}

/** A function's length and the locals after its parameters, in runs of one type, then prelude and body. */
export function functionBody(
  types: readonly number[],
  parameters: number,
  prelude: readonly number[],
  body: readonly number[],
): readonly (readonly number[])[] {
  const runs: { count: number; readonly type: number }[] = [];
  for (let i = parameters; i < types.length; i++) {
    const type = types[i]!;
    const last = runs.at(-1);
    if (last && last.type === type) last.count++;
    else runs.push({ count: 1, type });
  }
  const groups: number[] = [];
  unsigned(groups, runs.length);
  for (const { count, type } of runs) {
    unsigned(groups, count);
    groups.push(type);
  }
  const length: number[] = [];
  unsigned(length, groups.length + prelude.length + body.length);
  return [length, groups, prelude, body];
}
