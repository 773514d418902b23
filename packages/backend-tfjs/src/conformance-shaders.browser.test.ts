import { pageSuite } from "../../backend-conformance/src/fixtures/page-suite.ts";
import type { Report } from "@polykeras/backend-conformance";
import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { create as createReference } from "@polykeras/backend-reference";
import { type Backend, configure, registerBackend } from "@polykeras/core";
import { env } from "@tensorflow/tfjs-core";
import { inject } from "vitest";
import { create } from "./engine.ts";
import { shaderFailures } from "./fixtures/shader-failures.ts";

configure({ notice: false });
// For int32 and the like, which these engines do not compute.
registerBackend("reference", () => createReference());

const [every, seed] = [inject("every"), inject("seed")];

/** The engine, with TensorFlow.js kept from computing in JavaScript what is small and not on the device yet. */
async function onDevice(variant: "webgl" | "webgpu"): Promise<Backend> {
  const backend = await create({ variant });
  env().set(`${variant.toUpperCase()}_CPU_FORWARD`, false);
  return backend;
}

/** The engine by its name, all of it on the device but for what its adapter gives reasons for. */
function misplaced(variant: string, { backend, ops }: Report): readonly string[] {
  const forward = env().getBool(`${variant.toUpperCase()}_CPU_FORWARD`);
  return [
    ...(backend === `tfjs:${variant}` ? [] : [`${backend} ran, not tfjs:${variant}`]),
    ...(forward ? ["TensorFlow.js computed what is small in JavaScript"] : []),
    ...ops
      .filter(
        ({ place, reason }) => place === "host" && !/^(dtype|rank|int32|it reads memory)\b/.test(reason),
      )
      .map(({ op, dtype, reason }) => `${op} in ${dtype} is not the engine's: ${reason}`),
  ];
}

for (const variant of ["webgl", "webgpu"] as const)
  describeBackend(`tfjs:${variant}`, () => onDevice(variant), {
    ...pageSuite,
    // A software rasteriser takes tenths of a second to compile the shaders of a case, and most of a minute for trainings.
    ...(every === 1 ? {} : { every: every * 3, level: 2 }),
    properties: { runs: every === 1 ? 25 : 0, seed, subnormals: false },
    expectedFailures: shaderFailures(variant, every),
    check: (report) => misplaced(variant, report),
    print: every === 1,
  });
