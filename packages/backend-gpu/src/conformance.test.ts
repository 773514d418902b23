import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { type GpuBackend, create } from "./engine.ts";
import { misplaced } from "./fixtures/placed.ts";

let engine: GpuBackend;

// gpu.js compiles every kernel of every case anew, which takes a minute: `npm run test:full` runs them all.
describeBackend("gpu:webasm", async () => (engine = await create()), {
  every: process.env["POLYKERAS_LONG"] ? 1 : 4,
  check: (report) => misplaced(report, engine, "webasm"),
});
