import { expect, test } from "vitest";
import { explainConfig } from "./explain.ts";
import { memoryHost } from "./fixtures/memory-host.ts";
import type { Machine } from "./fixtures/memory-host.ts";
import { resolveBackendName } from "./request.ts";
import { resolveConfig } from "./resolve.ts";

const explain = (machine: Machine, runtime?: readonly string[]) => {
  const host = memoryHost({ env: { HOME: "/home/me" }, ...machine });
  const settings = resolveConfig(host);
  return explainConfig(settings, resolveBackendName(settings, host), host, runtime);
};
const json = "/home/me/.keras/keras.json";
const packages = { "/app": ["@polykeras/backend-cpu"], "/core": ["@polykeras/backend-tfjs"] };

test("backend, engine, reason, and the source of each setting", () => {
  const files = { [json]: '{"backend": "tensorflow",\n"floatx": "float16"}' };
  const explanation = explain({ files, packages: { "/app": ["@polykeras/backend-cpu"] } });
  expect(explanation).toMatchObject({ backend: "tensorflow", engine: "cpu", variant: null });
  expect(explanation.why).toBe(
    `"tensorflow" is asked for by ${json}, line 1, but @polykeras/backend-tfjs is not installed ` +
      "(npm install @polykeras/backend-tfjs); cpu stands in",
  );
  expect(explanation.settings.floatx).toEqual({
    value: "float16",
    source: { kind: "file", file: json, line: 2, where: `${json}, line 2` },
  });
  expect(explanation.settings.epsilon.source.kind).toBe("default");
  expect(explanation.file).toEqual({ path: json, state: "read" });
});

test("what is installed, with versions", () => {
  const { installed } = explain({ packages, registered: { gpu: () => ({}), acme: () => ({}) } });
  expect(installed).toEqual([
    { name: "cpu", package: "@polykeras/backend-cpu", installed: true, version: "1.2.3" },
    { name: "reference", package: "@polykeras/backend-reference", installed: false },
    { name: "gpu", package: "@polykeras/backend-gpu", installed: true },
    { name: "tfjs", package: "@polykeras/backend-tfjs", installed: true, version: "1.2.3" },
    { name: "onnx", package: "@polykeras/backend-onnx", installed: false },
    { name: "acme", package: null, installed: true },
  ]);
});

test("the text for people", () => {
  const env = { HOME: "/home/me", KERAS_BACKEND: "tfjs:wasm" };
  const text = String(explain({ env, packages }, ["host steps: none"]));
  expect(text).toBe(`Backend: tfjs:wasm, run by engine tfjs:wasm (@polykeras/backend-tfjs)
Why: "tfjs:wasm" is asked for by the environment variable KERAS_BACKEND
File: ${json}: written now, because there was none
Settings:
  floatx           float32        the default
  epsilon          1e-7           the default
  imageDataFormat  channels_last  the default
  notice           true           the default
  fallback         host           the default
Engines:
  cpu              @polykeras/backend-cpu 1.2.3
  reference        not installed (npm install @polykeras/backend-reference)
  gpu              not installed (npm install @polykeras/backend-gpu)
  tfjs             @polykeras/backend-tfjs 1.2.3
  onnx             not installed (npm install @polykeras/backend-onnx)
Runtime:
  host steps: none`);
});

test("a file that is not JSON is said to be kept, and why", () => {
  const text = String(explain({ files: { [json]: "{" }, packages }));
  expect(text).toContain(
    `File: ${json}: not valid JSON, so the defaults count; the file is kept (line 1: expected`,
  );
});
