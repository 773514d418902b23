import { create as createReference } from "@polykeras/backend-reference";
import { configure } from "@polykeras/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { create } from "./engine.ts";
import { losses } from "./fixtures/network.ts";

const epochs = 3;
let wanted: readonly number[];
beforeAll(async () => {
  wanted = await losses(createReference(), epochs);
  // Every step runs on the named engine, or the run fails.
  configure({ fallback: "error" });
});
afterAll(() => configure({ fallback: "host" }));

describe.each(["cpu", "wasm"])("tfjs:%s", (variant) => {
  test("trains the demo's network as the reference engine does, by itself", async () => {
    const backend = await create({ variant });
    const got = await losses(backend, epochs);
    for (const [i, loss] of got.entries()) expect(Math.abs(loss / wanted[i]! - 1)).toBeLessThan(1e-5);
    const held = tf.findBackend(variant).numDataIds();
    await losses(backend, 1);
    // A second model: its variables and constants alone are new.
    expect(tf.findBackend(variant).numDataIds() - held).toBeLessThan(60);
  });
});
