import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { create } from "./engine.ts";

describeBackend("cpu", () => create());
