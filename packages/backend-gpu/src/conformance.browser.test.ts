import { pageSuite } from "../../backend-conformance/src/fixtures/page-suite.ts";
import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { create as createReference } from "@polykeras/backend-reference";
import { configure, registerBackend } from "@polykeras/core";
import { inject } from "vitest";
import { type GpuBackend, create } from "./engine.ts";
import { misplaced } from "./fixtures/placed.ts";
import { subnormalFailures } from "./fixtures/subnormals.ts";

configure({ notice: false });
// For int32 and the like, which these engines do not compute.
registerBackend("reference", () => createReference());

const [every, seed] = [inject("every"), inject("seed")];
// Every case has kernels of its own, which a software rasteriser compiles in tens of milliseconds on WebGL2.
const share = { webgpu: 1, webgl2: 3, webasm: 1 } as const;

for (const variant of ["webgpu", "webgl2", "webasm"] as const) {
  const isGpu = variant !== "webasm";
  let engine: GpuBackend;
  describeBackend(`gpu:${variant}`, async () => (engine = await create({ variant })), {
    ...pageSuite,
    every: every === 1 ? 1 : every * share[variant],
    properties: { runs: every === 1 ? 25 : 2, seed, subnormals: !isGpu },
    expectedFailures: isGpu ? subnormalFailures : [],
    check: (report) => misplaced(report, engine, variant),
    print: every === 1,
  });
}
