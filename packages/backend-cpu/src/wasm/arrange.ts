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
 * of the lists of spare ones until all are done. By index: this runs for every part of a body.
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
  const streams: (readonly number[])[] = [];
  let longest = 0;
  for (let i = 0; i < pieces.length; i++) {
    const ends = record(pieces[i]!);
    for (let type = 0; type < spare.length; type++) moveAll(spare[type]!, kept[type]!);
    streams.push(ends);
    longest = Math.max(longest, ends.length);
  }
  for (let type = 0; type < spare.length; type++) moveAll(kept[type]!, spare[type]!);
  const recorded = body.slice(start);
  const moved = calls.splice(firstCall);
  let at = start;
  for (let k = 1; k < longest; k++)
    for (let s = 0; s < streams.length; s++) {
      const ends = streams[s]!;
      if (k >= ends.length) continue;
      const from = ends[k - 1]!;
      const to = ends[k]!;
      for (let i = 0; i < moved.length; i++) {
        const call = moved[i]!;
        if (call.at >= from && call.at < to) calls.push({ at: at + call.at - from, target: call.target });
      }
      for (let i = from - start; i < to - start; i++) body[at++] = recorded[i]!;
    }
  body.length = at;
}

function moveAll(from: number[], to: number[]): void {
  for (let i = 0; i < from.length; i++) to.push(from[i]!);
  from.length = 0;
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
