import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { afterAll, expect, test } from "vitest";
import { create } from "./engine.ts";
import { allClaim } from "./fixtures/all-claim.ts";
import { twins } from "./fixtures/twins.ts";

// Everything that can be cut is, however small: the same bits on one, two and four threads.
const several = [2, 4].map((threads) => create({ threads, sharedFrom: 0 }));

describeBackend("cpu on one, two and four threads", () => twins([create({ threads: 1 }), ...several]), {
  every: process.env["POLYKERAS_LONG"] ? 1 : 24,
});

test("every thread claims chunks", { timeout: 150_000 }, async () => {
  for (const engine of several) {
    await allClaim(engine);
    const { threads, workers, claimed } = engine.threads();
    expect(workers).toBe(threads - 1);
    for (const chunks of claimed) expect(chunks).toBeGreaterThan(0);
  }
});

afterAll(() => {
  for (const engine of several) engine.dispose();
});
