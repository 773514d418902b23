import { runConformance } from "@polykeras/backend-conformance";
import { expect, test } from "vitest";
import { allClaim } from "./fixtures/all-claim.ts";
import { force, missed, paths } from "./fixtures/paths.ts";

/** A sample: tools/cpu-paths.ts runs the whole suite on each path, in processes of their own, which have flags and floatx. */
const elsewhere = /revectorized|floatx|not fused|4 threads|epilogues/;
const here = paths.filter(({ name }) => !elsewhere.test(name));
const only = ["dot", "batchDot", "conv2d", "sum", "relu"];

test.each(here.map((path) => [path.name, path] as const))(
  "%s: taken, and right",
  { timeout: 120_000 },
  async (_name, path) => {
    const forced = force(path);
    const { results, failures } = await runConformance(forced.backend, {
      only,
      properties: { runs: 0, seed: 1 },
    });
    await allClaim(forced.engine);
    const taken = missed(path, forced);
    forced.engine.dispose();
    expect(failures.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
    expect(results.filter(({ status }) => status === "pass").length).toBeGreaterThan(50);
    expect(taken).toEqual([]);
  },
);
