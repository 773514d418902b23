import { K } from "@polykeras/core";
import { expect, test } from "vitest";
import { restricted } from "./fixtures/restricted.ts";

test("a function keeps its plans for 128 shapes, those that it ran last", async () => {
  let asked = 0;
  const engine = restricted("shapes", () => {
    asked++;
    return null;
  });
  const x = K.placeholder({ shape: [null] });
  // What is asked for twice is planned by each function for itself.
  const y = K.exp(x);
  const run = K.function([x], [y, y], { backend: engine });
  const plansFor = async (size: number): Promise<number> => {
    asked = 0;
    await run([new Float32Array(size)]);
    return asked;
  };
  const one = await plansFor(1);
  expect(one).toBeGreaterThan(0);
  for (let size = 2; size <= 128; size++) expect(await plansFor(size)).toBe(one);
  for (let size = 1; size <= 128; size++) expect(await plansFor(size)).toBe(0);
  // 1 and 2 were used first; then 1 once more, so that 2 makes way for the next.
  expect(await plansFor(1)).toBe(0);
  expect(await plansFor(129)).toBe(one);
  expect(await plansFor(1)).toBe(0);
  expect(await plansFor(3)).toBe(0);
  expect(await plansFor(2)).toBe(one);
});
