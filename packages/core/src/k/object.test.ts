import * as reference from "@polykeras/backend-reference";
import { K, useBackend } from "@polykeras/core";
import { expect, test, vi } from "vitest";

test("other exports of a backend join K, untyped, but replace nothing", async () => {
  const tile = (): string => "acme's own";
  const epsilon = (): number => 42;
  await useBackend({ ...reference, acmeTile: tile, epsilon, sum: tile }, { name: "acme" });
  expect(Reflect.get(K, "acmeTile")).toBe(tile);
  expect(K.epsilon()).toBe(1e-7);
  expect(K.sum.name).toBe("sum");
  await useBackend(reference);
  expect(Reflect.has(K, "acmeTile")).toBe(false);
});

test("tensors, variables and backends of another copy of core are understood", async () => {
  vi.resetModules();
  const other = await import("@polykeras/core");
  expect(other.K).not.toBe(K);
  await other.useBackend(reference);
  const x = K.placeholder({ shape: [null, 2] });
  const w = K.variable([[1], [2]]);
  const theirs = other.K.dot(x, w).add(other.K.sum(K.square(w)));
  const [gradient] = other.K.gradients(theirs, [w]);
  const f = other.K.function([x], [theirs, gradient!], { updates: [other.K.updateAdd(w, gradient!)] });
  const [y, g] = await f([[[3, 4]]]);
  expect(y.toArray()).toEqual([[16]]);
  expect(g.toArray()).toEqual([[5], [8]]);
  expect((await K.getValue(w)).toArray()).toEqual([[6], [10]]);
});
