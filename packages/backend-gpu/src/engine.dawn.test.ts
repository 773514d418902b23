import { loadVectors } from "@polykeras/backend-conformance";
import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { create as createReference } from "@polykeras/backend-reference";
import { beforeAll, expect, inject, test } from "vitest";
import { losses } from "../../backend-tfjs/src/fixtures/network.ts";
import { type GpuBackend, create } from "./engine.ts";
import { executors, misplaced } from "./fixtures/placed.ts";
import { subnormalFailures } from "./fixtures/subnormals.ts";

let backend: GpuBackend;
beforeAll(async () => {
  backend = await create({ variant: "webgpu" });
});

test("gpu:webgpu runs in Node through Dawn, and trains as the reference engine does", async () => {
  expect(backend.running).toMatchObject({ mode: "webgpu", executor: executors.webgpu });
  expect(backend.running.adapter).not.toBe("");
  const [got, wanted] = [await losses(backend, 2), await losses(createReference(), 2)];
  for (const [i, loss] of got.entries()) expect(Math.abs(loss / wanted[i]! - 1)).toBeLessThan(1e-5);
});

const [every, seed] = [inject("every"), inject("seed")];
/** Others than those that are checked in, held-out ones for example. */
const vectors = process.env["POLYKERAS_VECTORS"];

describeBackend("gpu:webgpu", () => backend, {
  ...(vectors === undefined ? {} : { vectors: await loadVectors(undefined, vectors) }),
  every,
  properties: { runs: every === 1 ? 25 : 2, seed, subnormals: false },
  expectedFailures: subnormalFailures,
  check: (report) => misplaced(report, backend, "webgpu"),
  print: every === 1,
});
