import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { create } from "./engine.ts";

describeBackend("tfjs:wasm", () => create({ variant: "wasm" }));
describeBackend("tfjs:cpu", () => create({ variant: "cpu" }));
