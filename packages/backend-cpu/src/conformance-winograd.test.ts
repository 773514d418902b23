import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { expect, test } from "vitest";
import { createForced } from "./engine.ts";

// The suite's convolutions are small: here every one of the right shape counts as worth it.
const emitted = new Set<string>();
const engine = createForced(
  {},
  { forced: { winogradDepth: 1, winogradGain: 0 }, note: (key) => emitted.add(key) },
);

describeBackend("cpu with Winograd's algorithm wherever it fits", engine, {
  only: ["conv2d", "conv2dTranspose", "separableConv2d", "training", "property"],
});

test("convolutions were computed by it", () =>
  expect([...emitted].some((key) => key.startsWith("winograd.output:"))).toBe(true));
