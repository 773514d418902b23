import { expect, test } from "vitest";
import { growth } from "./fixtures/growth.ts";

test("gpu:webasm in Node holds no more after many training steps", async () => {
  const steps = process.env["POLYKERAS_LONG"] ? 1000 : 200;
  const { running, before, after, losses } = await growth("webasm", steps);
  expect(running).toMatchObject({ mode: "webasm", executor: "fused-sync" });
  expect(before.live["instances"]).toBeGreaterThan(0);
  expect(before.memory.buffers).toBeGreaterThan(0);
  expect(after).toEqual(before);
  expect(losses[1]).toBeLessThan(losses[0]);
}, 120_000);
