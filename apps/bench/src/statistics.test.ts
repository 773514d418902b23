import { expect, test } from "vitest";
import { ratios, summarise } from "./statistics.ts";

test("the least and the middle value, whatever the order", () => {
  expect(summarise([5, 1, 9])).toEqual({ min: 1, median: 5 });
  expect(summarise([4, 2, 8, 6])).toEqual({ min: 2, median: 4 });
  expect(() => summarise([])).toThrow(RangeError);
});

test("ratios pair the rounds; the first is that of the least values", () => {
  const own = [{ time: 30 }, { time: 20 }, { time: 90 }];
  const baseline = [{ time: 10 }, { time: 2 }, { time: 30 }];
  expect(ratios(own, baseline, "time")).toEqual({ min: 10, median: 3 });
  expect(ratios(own, baseline, "space")).toBeNull();
});
