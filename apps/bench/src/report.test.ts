import { expect, test } from "vitest";
import { replaceBetweenMarkers, toMarkdown } from "./report.ts";

const bench = {
  name: "race",
  title: "A race",
  description: "Two runners.",
  measures: [{ key: "time", title: "time", unit: "ms", ratio: true }],
  contenders: () => [],
};

test("shows min and median, their ratios to the first, and who did not run", () => {
  const text = toMarkdown(bench, [
    { contender: "hare", rounds: [{ time: 2 }, { time: 3 }, { time: 4 }], error: null },
    { contender: "tortoise", rounds: [{ time: 40 }, { time: 30 }, { time: 20 }], error: null },
    { contender: "snail", rounds: [], error: "not here\n  at start" },
  ]);
  expect(text).toContain("|          |    time, ms |  times hare |");
  expect(text).toContain("| tortoise | 20.0 / 30.0 | 10.0 / 10.0 |");
  expect(text).toContain("- snail did not run: not here\n".trimEnd());
});

test("only what stands between the markers is replaced", () => {
  const page = "before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n";
  const next = "before\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nafter\n";
  expect(replaceBetweenMarkers(page, "new")).toBe(next);
  expect(() => replaceBetweenMarkers("no markers", "new")).toThrow("bench:begin");
});
