import { expect, test } from "vitest";
import { racer } from "./racer.ts";

const program = `
  const cases = ["quick", "breaks", "ends", "last"];
  for (const index of process.argv[1].split(",").map(Number)) {
    const name = cases[index];
    if (name === "ends") process.exit(3);
    const line = name === "breaks" ? { failure: "no kernel" } : { best: 1, median: 2, check: 3 };
    console.log(JSON.stringify({ case: name, ...line }));
  }
`;
const plain = {
  name: "runner",
  threads: 1,
  command: process.execPath,
  environment: {},
  parameters: (chosen: readonly number[]): string[] => ["-e", program, chosen.join(",")],
};

test("a case that fails, or ends the process, leaves the others; it is not tried again", async () => {
  const contender = racer({ ...plain, cases: ["quick", "breaks", "ends", "last"] });
  const measures = await contender.run();
  expect(measures).toEqual({
    quick: 1,
    "quick (median)": 2,
    "quick (check)": 3,
    last: 1,
    "last (median)": 2,
    "last (check)": 3,
  });
  expect(contender.failures?.get("breaks")).toBe("no kernel");
  expect(contender.failures?.get("ends")).toContain("exit code 3");
  expect(Object.keys(await contender.run())).toEqual(Object.keys(measures));
});

test("a program that cannot start at all is an error with what it said", async () => {
  const contender = racer({
    ...plain,
    cases: ["quick"],
    parameters: () => ["-e", "throw new Error('not installed')"],
  });
  await expect(contender.run()).rejects.toThrow("not installed");
});
