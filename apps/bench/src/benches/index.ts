import type { Bench } from "../bench.ts";
import { webgl2, webgpu } from "./chromium.ts";
import { compile } from "./compile.ts";
import { frontEnd } from "./front-end.ts";
import { memory } from "./memory.ts";
import { mlp } from "./mlp.ts";
import { races } from "./race.ts";
import { step } from "./step.ts";

/** Every bench, in the order of the report. */
export const benches: readonly Bench[] = [...races, mlp, step, frontEnd, compile, memory, webgpu, webgl2];
