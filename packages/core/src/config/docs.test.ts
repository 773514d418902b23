import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { explainConfig } from "./explain.ts";
import { memoryHost } from "./fixtures/memory-host.ts";
import type { Machine } from "./fixtures/memory-host.ts";
import { loadBackendModule, loadBackendObject } from "./load.ts";
import { noticeOf } from "./notice.ts";
import { registerBackend } from "./registry.ts";
import { resolveBackendName } from "./request.ts";
import { resolveConfig } from "./resolve.ts";
import { codeSource } from "./source.ts";

const page = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");
const json = "/home/me/.keras/keras.json";
const packages = { "/app": ["@polykeras/backend-cpu", "acme"] };
const acme = "file:///app/node_modules/acme/index.js";

const start = (machine: Machine) => {
  const host = memoryHost({ packages, ...machine });
  const settings = resolveConfig(host);
  return { host, settings, request: resolveBackendName(settings, host) };
};
const asked = (name: string, machine: Machine = {}) =>
  start({ env: { HOME: "/home/me", KERAS_BACKEND: name }, ...machine });
const inFile = (text: string) => start({ env: { HOME: "/home/me" }, files: { [json]: text } });
const load = (machine: Machine) => {
  const { host, request } = asked("acme", machine);
  return loadBackendModule(request, host);
};
const settings = () => asked("cpu").settings;

const cases: Readonly<Record<string, () => unknown>> = {
  "bad values in keras.json": () =>
    inFile('{\n    "floatx": "float31",\n    "epsilon": 1,\n    "image_data_format": "tf"\n}'),
  "keras.json is no object": () => inFile("[]"),
  "a backend that is no name": () => inFile('{"backend": 5}'),
  "keras.json cannot be read": () => start({ env: { HOME: "/home/me" }, unreadable: [json] }),
  setFloatx: () => settings().setFloatx("float31"),
  setEpsilon: () => settings().setEpsilon("1e-7"),
  setImageDataFormat: () => settings().setImageDataFormat("tf"),
  configure: () =>
    settings().configure(
      Object.fromEntries([
        ["floatx", "f32"],
        ["flotax", 1],
      ]),
    ),
  registerBackend: () => registerBackend("tfjs:wasm", () => 0, new Map()),
  "an engine that is not installed": () => asked("tensorflow"),
  "a package that is not installed": () => asked("my_package.my_module"),
  "a subpath that is not exported": () => asked("acme/engine"),
  "a file that is not there": () => asked("./backends/mine.js"),
  "a misspelt name": () => asked("tensorflwo"),
  "a backend of Keras without an engine": () => asked("jax"),
  "an address that names code": () =>
    start({ platform: "browser", query: "https://example.com/x.js", registered: { cpu: () => 0 } }),
  "not installed in a bundle": () =>
    start({ platform: "browser", query: "tfjs", registered: { cpu: () => 0 } }),
  "one entry missing": () => load({ modules: { [acme]: () => ({ placeholder() {}, variable() {} }) } }),
  "all entries missing and another contract": () => load({ modules: { [acme]: () => ({ contract: 2 }) } }),
  "no such variant": () => {
    const backend = { placeholder() {}, variable() {}, function() {} };
    return loadBackendObject(backend, codeSource("useBackend(...)"), { name: "acme", variant: "fast" });
  },
  "the module throws": () =>
    load({
      modules: {
        [acme]: () => {
          throw new Error("no device");
        },
      },
    }),
};

test.each(Object.entries(cases))("docs/configuration.md shows the error of: %s", async (_, run) => {
  const error = await Promise.resolve()
    .then(run)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  const text = error instanceof Error ? `${error.name}: ${error.message}` : "";
  expect(page).toContain(text);
});

test("docs/configuration.md shows the file, a fallback's notice and what explain() says", () => {
  const { host, settings: current, request } = start({ env: { HOME: "/home/me" } });
  expect(page).toContain(host.files.get(json));
  expect(page).toContain(noticeOf(request));
  expect(page).toContain(String(explainConfig(current, request, host)));
});
