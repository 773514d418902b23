import { create as createReference } from "@polykeras/backend-reference";
import { explain } from "@polykeras/core";
import { expect, test } from "vitest";
import { losses } from "../../backend-tfjs/src/fixtures/network.ts";
import { create } from "./engine.ts";

const epochs = 3;

test("gpu:webasm trains the demo's network as the reference engine does", async () => {
  const wanted = await losses(createReference(), epochs);
  const got = await losses(await create(), epochs);
  for (const [i, loss] of got.entries()) expect(Math.abs(loss / wanted[i]! - 1)).toBeLessThan(1e-5);
  // Random bits, and the int32 counter of their stream, are all that runs elsewhere.
  const elsewhere = JSON.stringify(explain());
  expect(elsewhere).toContain("randomUniform");
  expect(elsewhere).not.toMatch(/(matmul|sum|exp|where|multiply): \d+ step/);
});
