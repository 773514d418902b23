import { DisposedError, K } from "@polykeras/core";
import { expect, test } from "vitest";
import { later } from "./fixtures/later.ts";
import { restricted } from "./fixtures/restricted.ts";

test.each([
  ["at once", () => restricted("one", () => null)],
  ["later", () => later()],
])("a program reads variables where they are, on an engine that answers %s", async (_, make) => {
  const [one, other] = [make(), restricted("other", () => null)];
  const v = K.variable([1, 2]);
  const x = K.placeholder({ shape: [2] });
  const step = K.function([x], v.add(x), { updates: [K.updateAdd(v, 1)], backend: one });
  const elsewhere = K.function([], K.sum(v), { updates: [K.update(v, v.multiply(10))], backend: other });
  for (const expected of [1, 2, 3]) expect((await step([[0, 0]])).data[0]).toBe(expected);
  expect((await elsewhere([])).item()).toBe(9);
  expect((await step([[0, 1]])).toArray()).toEqual([40, 51]);
  await K.setValue(v, [7, 8]);
  expect((await step([[0, 0]])).toArray()).toEqual([7, 8]);
  expect((await elsewhere([])).item()).toBe(17);
  expect((await step([[0, 0]])).toArray()).toEqual([80, 90]);
  v.dispose();
  await expect(step([[0, 0]])).rejects.toThrow(DisposedError);
});
