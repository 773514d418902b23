import { create as createReference } from "@polykeras/backend-reference";
import { registerBackend } from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";
import { losses } from "../../backend-tfjs/src/fixtures/network.ts";
import { runOp, tensor } from "../../backend-tfjs/src/fixtures/run-op.ts";
import { type GpuBackend, create } from "./engine.ts";
import { executors } from "./fixtures/placed.ts";

const reference = createReference();
// For int32, which these engines do not compute.
registerBackend("reference", () => reference);

describe.each(["webgpu", "webgl2", "webasm"] as const)("gpu:%s in a browser", (variant) => {
  let backend: GpuBackend;
  beforeAll(async () => {
    backend = await create({ variant });
  });

  test("runs what it says", async () => {
    expect(backend.name).toBe(`gpu:${variant}`);
    expect(backend.running).toMatchObject({ mode: variant, executor: executors[variant] });
    expect(backend.running.adapter).not.toBe("");
    const { data } = await runOp(backend, "add", [tensor([0, -Infinity, NaN], [3]), tensor([1], [])]);
    expect(Array.from(data)).toEqual([1, -Infinity, NaN]);
  });

  test("trains the demo's network as the reference engine does", async () => {
    const [got, wanted] = [await losses(backend, 2), await losses(reference, 2)];
    for (const [i, loss] of got.entries()) expect(Math.abs(loss / wanted[i]! - 1)).toBeLessThan(1e-5);
  });
});

test("without a variant it is the first that starts", async () => {
  expect((await create()).name).toBe("gpu:webgpu");
});
