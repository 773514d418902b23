import { expect, test } from "vitest";
import { type Outcome, checked, measure } from "./harness.ts";

const one = { threads: 1, isLimit: false, failures: {}, error: null };
const bench = {
  name: "race",
  title: "A race",
  description: "Runners.",
  measures: [{ key: "time", title: "time", unit: "ms", ratio: true }],
};
const options = { python: null, pythonPackages: [], onnxRuntime: null, threads: [1] };

test("contenders take turns, and one that fails stays out of later rounds", async () => {
  const order: string[] = [];
  const contenders = ["hare", "snail", "tortoise"].map((name) => ({
    name,
    run: () => {
      order.push(name);
      return name === "snail" ? Promise.reject(new Error("not here")) : Promise.resolve({ time: 1 });
    },
  }));
  const outcomes = await measure({ ...bench, contenders: () => contenders }, options, 2, () => undefined);
  expect(order).toEqual(["hare", "snail", "tortoise", "hare", "tortoise"]);
  expect(outcomes.map(({ error }) => error)).toEqual([null, "not here", null]);
});

test("who computes something else than the baseline has no time", () => {
  const outcomes: Outcome[] = [
    { ...one, contender: "hare", rounds: [{ time: 2, "time (check)": 10 }] },
    { ...one, contender: "tortoise", rounds: [{ time: 40, "time (check)": 10.005 }] },
    { ...one, contender: "cheat", rounds: [{ time: 1, "time (check)": 10.02 }] },
  ];
  const [, tortoise, cheat] = checked(outcomes, ["time"]);
  expect(tortoise?.rounds[0]?.["time"]).toBe(40);
  expect(cheat?.rounds[0]?.["time"]).toBeUndefined();
  expect(cheat?.failures).toEqual({ time: "computed 10.02 where hare computed 10" });
});
