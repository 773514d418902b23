import { describe, expect, test } from "vitest";
import { BackendNotFoundError } from "./errors.ts";
import { memoryHost, thrown } from "./fixtures/memory-host.ts";
import type { Machine } from "./fixtures/memory-host.ts";
import { noticeOf } from "./notice.ts";
import { fallbackRequest, resolveBackendName } from "./request.ts";
import { resolveConfig } from "./resolve.ts";

const engine = (name: string) => `@polykeras/backend-${name}`;
const all = ["cpu", "reference", "gpu", "tfjs", "onnx"].map(engine);
const home = { HOME: "/home/me" };
const json = "/home/me/.keras/keras.json";

const request = (machine: Machine) => {
  const host = memoryHost({ env: home, ...machine });
  return resolveBackendName(resolveConfig(host), host);
};
const asked = (name: string, machine: Machine = {}) =>
  request({ env: { ...home, KERAS_BACKEND: name }, ...machine });
const inFile = (name: string, machine: Machine = {}) =>
  request({ files: { [json]: `{\n"backend": "${name}"}` }, ...machine });

describe("built-in names", () => {
  test.each([
    ["cpu", "cpu", "Using CPU backend."],
    ["reference", "reference", "Using Reference backend."],
    ["gpu", "gpu", "Using GPU backend."],
    ["tfjs", "tfjs", "Using TensorFlow.js backend."],
    ["onnx", "onnx", "Using ONNX backend."],
    ["tensorflow", "tfjs", "Using TensorFlow backend (engine: tfjs)."],
    ["theano", "cpu", "Using Theano backend (engine: cpu)."],
    ["cntk", "onnx", "Using CNTK backend (engine: onnx)."],
    ["numpy", "reference", "Using NumPy backend (engine: reference)."],
  ])("%s is engine %s", (name, expected, notice) => {
    for (const found of [
      asked(name, { packages: { "/app": all } }),
      inFile(name, { packages: { "/app": all } }),
    ]) {
      expect(found).toMatchObject({ configuredName: name, engine: expected, variant: null, external: false });
      expect(found.specifier).toBe(engine(expected));
      expect(found.target).toEqual({
        kind: "url",
        url: `file:///app/node_modules/%40polykeras/backend-${expected}/index.js`,
      });
      expect(found.reason).toBeUndefined();
      expect(noticeOf(found)).toBe(notice);
    }
  });

  test.each([
    ["tfjs:wasm", "tfjs", "wasm", "Using TensorFlow.js backend (engine: tfjs:wasm)."],
    ["tensorflow:node", "tfjs", "node", "Using TensorFlow backend (engine: tfjs:node)."],
    ["gpu:webgl2", "gpu", "webgl2", "Using GPU backend (engine: gpu:webgl2)."],
  ])("%s has a variant", (name, expected, variant, notice) => {
    const found = asked(name, { packages: { "/app": all } });
    expect(found).toMatchObject({ configuredName: name, engine: expected, variant });
    expect(noticeOf(found)).toBe(notice);
  });
});

describe("a missing engine", () => {
  test("from the environment is an error with the command and who asked", async () => {
    const error = await thrown(BackendNotFoundError, () =>
      asked("tensorflow", { packages: { "/app": [engine("cpu")] } }),
    );
    expect(error).toMatchObject({
      name: "BackendNotFoundError",
      backend: "tensorflow",
      install: "npm install @polykeras/backend-tfjs",
      source: { kind: "environment" },
    });
    expect(error.message).toBe(
      "Backend 'tensorflow' is not available: @polykeras/backend-tfjs is not installed.\n" +
        "It was asked for by the environment variable KERAS_BACKEND.\nInstall it: npm install @polykeras/backend-tfjs",
    );
  });

  test("from code is an error too", async () => {
    const host = memoryHost({ env: home, packages: { "/app": [engine("cpu")] } });
    const settings = resolveConfig(host);
    settings.configure({ backend: "gpu:webgl2" }, "/app/main.ts:4");
    const error = await thrown(BackendNotFoundError, () => resolveBackendName(settings, host));
    expect(error.install).toBe("npm install @polykeras/backend-gpu");
    expect(error.message).toContain("It was asked for by configure() at /app/main.ts:4.");
  });

  test("from keras.json is cpu, and the notice says why", () => {
    const found = inFile("cntk", { packages: { "/app": [engine("cpu")] } });
    expect(found).toMatchObject({ configuredName: "cntk", engine: "cpu", external: false });
    expect(noticeOf(found)).toBe(
      `Using CNTK backend (engine: cpu). Reason: "cntk" is asked for by ${json}, line 2, but @polykeras/backend-onnx is ` +
        "not installed (npm install @polykeras/backend-onnx).",
    );
  });

  test("an absent file resolves as the file then written", () => {
    for (const packages of [{ "/app": [engine("cpu")] }, { "/app": all }]) {
      const host = memoryHost({ env: home, packages });
      const first = resolveBackendName(resolveConfig(host), host);
      expect(host.files.has(json)).toBe(true);
      const second = resolveBackendName(resolveConfig(host), host);
      expect([first.source.kind, second.source.kind]).toEqual(["default", "file"]);
      const { source: _first, reason: why, ...one } = first;
      const { source: _second, reason: whyAgain, ...two } = second;
      expect(one).toEqual(two);
      expect(why?.replace("the default", `${json}, line 4`)).toBe(whyAgain);
    }
  });

  test("a keras.json that anybody may have written chooses no code, on a machine without a writable home", () => {
    const files = { "/tmp/.keras/keras.json": '{"backend": "/tmp/evil.js"}', "/tmp/evil.js": "" };
    const found = request({ readOnly: ["/home"], files, packages: { "/app": all } });
    expect(found.engine).toBe("cpu");
    expect(found.reason).toContain(
      "/tmp/.keras/keras.json, line 1, but what others can write may only choose a backend",
    );
  });

  test("reference stands in where cpu is missing, and nothing is an error", async () => {
    expect(inFile("tensorflow", { packages: { "/app": [engine("reference")] } }).engine).toBe("reference");
    const error = await thrown(BackendNotFoundError, () => inFile("tensorflow"));
    expect(error.install).toBe("npm install @polykeras/backend-cpu");
    expect(error.message).toContain(`${json}, line 2`);
    expect(error.message).toContain("; nor is cpu or reference installed.");
  });

  test("fallbackRequest serves an engine that cannot run here", () => {
    const host = memoryHost({ packages: { "/app": all } });
    const backend = { value: "cpu", source: { kind: "default", where: "the default" } } as const;
    const found = fallbackRequest(backend, "this page forbids compiling WebAssembly", host, ["reference"]);
    expect(noticeOf(found)).toBe(
      "Using CPU backend (engine: reference). Reason: this page forbids compiling WebAssembly.",
    );
  });
});

describe("Keras's backends without an engine", () => {
  test.each([
    ["jax", "JAX"],
    ["torch", "PyTorch"],
    ["openvino", "OpenVINO"],
  ])("%s", async (name, label) => {
    const error = await thrown(BackendNotFoundError, () => asked(name));
    expect(error.message).toContain(`no engine takes the part of ${label} yet`);
    expect(error.message).toContain(
      "Built in are cpu, reference, gpu, tfjs, onnx, tensorflow, theano, cntk, numpy",
    );
    expect(error.install).toBeUndefined();
    const found = inFile(name, { packages: { "/app": all } });
    expect(found.engine).toBe("cpu");
    expect(noticeOf(found)).toContain(
      `Using ${label} backend (engine: cpu). Reason: "${name}" is asked for by ${json}, line 2`,
    );
  });
});

describe("where packages are looked up", () => {
  const url = (root: string) => ({ url: `file://${root}/node_modules/acme/index.js` });
  const machine: Machine = { cwd: "/work/app", entryScript: "/srv/tool/bin/run.js" };
  const everywhere = { "/work": ["acme"], "/srv/tool": ["acme"], "/core": ["acme"] };
  test("the working directory and its parents first", () => {
    expect(asked("acme", { ...machine, packages: everywhere }).target).toMatchObject(url("/work"));
  });
  test("then the entry script's directory", () => {
    const { "/work": _, ...packages } = everywhere;
    expect(asked("acme", { ...machine, packages }).target).toMatchObject(url("/srv/tool"));
  });
  test("then core's own", () => {
    expect(asked("acme", { ...machine, packages: { "/core": ["acme"] } }).target).toMatchObject(url("/core"));
  });
  test("on Windows", () => {
    const windows: Machine = {
      platform: "win32",
      cwd: "C:\\work\\app",
      packages: { "C:\\work": ["@me/acme"] },
    };
    expect(asked("@me/acme", windows).target).toMatchObject({
      url: "file:///C:/work/node_modules/%40me/acme/index.js",
    });
  });
});
