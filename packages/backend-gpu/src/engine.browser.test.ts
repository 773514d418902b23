import { create as createReference } from "@polykeras/backend-reference";
import { registerBackend } from "@polykeras/core";
import { expect, test } from "vitest";
import { losses } from "../../backend-tfjs/src/fixtures/network.ts";
import { runOp, tensor } from "../../backend-tfjs/src/fixtures/run-op.ts";
import { create } from "./engine.ts";

test("gpu:webasm runs in a browser and trains as the reference engine does", async () => {
  const reference = createReference();
  // For int32, which this engine does not compute.
  registerBackend("reference", () => reference);
  const backend = await create();
  const { data } = await runOp(backend, "exp", [tensor([0, -Infinity, NaN], [3])]);
  expect(Array.from(data)).toEqual([1, 0, NaN]);
  const [got, wanted] = [await losses(backend, 2), await losses(reference, 2)];
  for (const [i, loss] of got.entries()) expect(Math.abs(loss / wanted[i]! - 1)).toBeLessThan(1e-5);
});
