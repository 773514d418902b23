import { describe, expect, test } from "vitest";
import { type Span, layOut } from "./arena.ts";

const span = (id: number, bytes: number, from: number, to: number): Span => ({ id, bytes, from, to });

describe("the arena", () => {
  test("gives what does not live at once the same place", () => {
    const { offsets, bytes, ends } = layOut([span(1, 64, 0, 1), span(2, 64, 2, 3), span(3, 128, 1, 2)], 4);
    expect(offsets.get(1)).toBe(offsets.get(2));
    expect(bytes).toBe(192);
    expect(ends).toEqual([192, 192, 192, 192]);
  });

  test("puts the largest first, so that small ones leave no holes between them", () => {
    const spans = [span(1, 64, 0, 3), span(2, 1024, 0, 0), span(3, 1024, 1, 1), span(4, 1024, 2, 3)];
    expect(layOut(spans, 4).bytes).toBe(1088);
  });

  test("says behind which address nothing lives while a group runs", () => {
    const { ends } = layOut([span(1, 1024, 0, 1), span(2, 64, 1, 2)], 4);
    expect(ends).toEqual([1024, 1088, 1088, 0]);
  });

  test("lets nothing overlap that lives at once, and stays near the largest sum", () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    for (let round = 0; round < 30; round++) {
      const spans = Array.from({ length: 80 }, (_, id) => {
        const from = random(60);
        return span(id, 64 * (1 + random(40)), from, Math.min(59, from + random(12)));
      });
      const { offsets, bytes, ends } = layOut(spans, 60);
      let largest = 0;
      for (let at = 0; at < 60; at++) {
        const live = spans
          .filter(({ from, to }) => from <= at && at <= to)
          .map(({ id, bytes: size }) => [offsets.get(id)!, offsets.get(id)! + size] as const)
          .toSorted(([a], [b]) => a - b);
        for (const [i, [start]] of live.slice(1).entries()) expect(start).toBeGreaterThanOrEqual(live[i]![1]);
        expect(ends[at]).toBe(live.at(-1)?.[1] ?? 0);
        largest = Math.max(
          largest,
          live.reduce((sum, [start, end]) => sum + end - start, 0),
        );
      }
      expect(bytes).toBeLessThanOrEqual(1.2 * largest);
    }
  });
});
