import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { expect, test, vi } from "vitest";
import { create } from "./engine.ts";

const emitted = vi.hoisted(() => ({ count: 0 }));

// The suite's convolutions are small: here every one of the right shape counts as worth it.
vi.mock("./routines/winograd-limits.ts", () => ({ limits: { depth: 1, gain: 0 } }));
vi.mock(import("./routines/winograd.ts"), async (original) => {
  const { emitWinograd } = await original();
  return {
    emitWinograd: (...given) => {
      emitted.count++;
      emitWinograd(...given);
    },
  };
});

describeBackend("cpu with Winograd's algorithm wherever it fits", () => create(), {
  only: ["conv2d", "conv2dTranspose", "separableConv2d", "training", "property"],
});

test("convolutions were computed by it", () => expect(emitted.count).toBeGreaterThan(0));
