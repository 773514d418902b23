import { expect, test } from "vitest";
import { mergeSections, replaceBetweenMarkers, textBetweenMarkers, toMarkdown } from "./report.ts";

const bench = {
  name: "race",
  title: "A race",
  description: "Two runners.",
  measures: [{ key: "time", title: "time", unit: "ms", ratio: true }],
  contenders: () => [],
};

const one = { threads: 1, isLimit: false, failures: {} };

test("shows min and median, their ratios to the first, and who did not run", () => {
  const text = toMarkdown(bench, [
    { ...one, contender: "hare", rounds: [{ time: 2 }, { time: 3 }, { time: 4 }], error: null },
    { ...one, contender: "tortoise", rounds: [{ time: 40 }, { time: 30 }, { time: 20 }], error: null },
    { ...one, contender: "snail", rounds: [], error: "not here\n  at start" },
  ]);
  expect(text).toContain("|          |    time, ms |  times hare |");
  expect(text).toContain("| tortoise | 20.0 / 30.0 | 10.0 / 10.0 |");
  expect(text).toContain("- snail did not run: not here\n".trimEnd());
});

test("measures as rows: ratios at equal threads, the share of the limit, and reasons once each", () => {
  const race = { ...bench, measuresAsRows: true };
  const ours = { isLimit: false, failures: {}, error: null };
  const text = toMarkdown(race, [
    { ...ours, contender: "hare", threads: 1, rounds: [{ time: 4, "time (median)": 5 }] },
    { ...ours, contender: "limit", threads: 1, isLimit: true, rounds: [{ time: 3, "time (median)": 3 }] },
    { ...ours, contender: "tortoise", threads: 1, rounds: [{ time: 40, "time (median)": 40 }] },
    {
      ...ours,
      contender: "snail",
      threads: 1,
      rounds: [{}],
      failures: { time: "too slow", place: "too slow" },
    },
    { ...ours, contender: "limit", threads: 2, isLimit: true, rounds: [{ time: 1, "time (median)": 1 }] },
    { ...ours, contender: "hare", threads: 2, rounds: [{ time: 2, "time (median)": 2 }] },
    { ...ours, contender: "tortoise", threads: 2, rounds: [{ time: 30 }] },
  ]);
  const rows = text.split("\n").map((row) => row.replaceAll(/ +/g, " "));
  expect(rows).toContain("| one thread | hare, ms | share of the limit | tortoise |");
  expect(rows).toContain("| time | 4.00 / 5.00 | 0.750 / 0.600 | 10.0 / 8.00 |");
  expect(rows).toContain(
    "| 2 threads | hare, ms | times faster than one thread | share of the limit | tortoise |",
  );
  expect(rows).toContain("| time | 2.00 / 2.00 | 2.00 / 2.50 | 0.500 / 0.500 | 15.0 / 15.0 |");
  expect(rows).toContain("- snail, time; place: too slow");
});

test("sections that were measured again take the place of the old ones", () => {
  const old = "### A\n\n1\n\n### B\n\n2\n\n### C\n\n3";
  const merged = mergeSections(old, ["### B\n\n20", "### D\n\n40"], ["A", "D", "B"]);
  expect(merged).toBe("### A\n\n1\n\n### D\n\n40\n\n### B\n\n20\n\n### C\n\n3");
});

test("only what stands between the markers is replaced", () => {
  const page = "before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n";
  const next = "before\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nafter\n";
  expect(replaceBetweenMarkers(page, "new")).toBe(next);
  expect(textBetweenMarkers(next)).toBe("new");
  expect(() => replaceBetweenMarkers("no markers", "new")).toThrow("bench:begin");
});
