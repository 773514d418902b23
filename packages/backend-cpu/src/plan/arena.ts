import { align } from "../memory/allocator.ts";

/** A storage that lives from one group to another, both included. */
export interface Span {
  readonly id: number;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

interface Placed extends Span {
  readonly offset: number;
}

export interface Arena {
  readonly offsets: ReadonlyMap<number, number>;
  readonly bytes: number;
  /** For each group, where what lives during it ends: it may use what lies behind. */
  readonly ends: readonly number[];
}

/**
 * Lays storages out by liveness: the largest first, each in the smallest gap that fits among those that live with it.
 * Pisarchyk, Lee: Efficient Memory Management for Deep Neural Net Inference (2020), "greedy by size".
 */
export function layOut(spans: readonly Span[], groups: number): Arena {
  const offsets = new Map<number, number>();
  const ends = Array.from({ length: groups }, () => 0);
  let bytes = 0;
  /** In the order of their offsets. */
  const placed: Placed[] = [];
  for (const span of spans.toSorted((a, b) => b.bytes - a.bytes || a.from - b.from)) {
    const size = align(Math.max(span.bytes, 1));
    const offset = gapFor(span, size, placed);
    const end = offset + size;
    offsets.set(span.id, offset);
    bytes = Math.max(bytes, end);
    for (let at = span.from; at <= span.to; at++) if (ends[at]! < end) ends[at] = end;
    let index = placed.length;
    while (index > 0 && placed[index - 1]!.offset > offset) index--;
    placed.splice(index, 0, { ...span, bytes: size, offset });
  }
  return { offsets, bytes, ends };
}

function gapFor({ from, to }: Span, size: number, placed: readonly Placed[]): number {
  let best = -1;
  let smallest = Infinity;
  let end = 0;
  // Each storage is held against all that are laid out: by index.
  for (let i = 0; i < placed.length; i++) {
    const other = placed[i]!;
    if (other.to < from || other.from > to) continue;
    const gap = other.offset - end;
    if (gap >= size && gap < smallest) {
      smallest = gap;
      best = end;
    }
    end = Math.max(end, other.offset + other.bytes);
  }
  return best >= 0 ? best : end;
}
