import { describe, expect, test } from "vitest";
import { browserHost } from "./browser-host.ts";
import type { BrowserHostOptions } from "./browser-host.ts";
import { BackendNotFoundError, ConfigError } from "./errors.ts";
import { plainBackend, thrown } from "./fixtures/memory-host.ts";
import { loadBackendModule } from "./load.ts";
import type { BackendLoader } from "./registry.ts";
import { resolveBackendName } from "./request.ts";
import { resolveConfig } from "./resolve.ts";

interface Page extends BrowserHostOptions {
  readonly script?: string;
  readonly search?: string;
  readonly registered?: Readonly<Record<string, BackendLoader>>;
}

const base = "https://app.example/train/";
function page({ script, search = "", registered = {}, ...options }: Page = {}) {
  const wanted = 'script[type="application/json"][id="keras.json"]';
  const querySelector = (selectors: string) =>
    script !== undefined && selectors === wanted ? { textContent: script } : null;
  const scope = { document: { baseURI: base, querySelector }, location: { href: base + search, search } };
  return browserHost({
    scope,
    registry: new Map(Object.entries(registered)),
    resolve: undefined,
    ...options,
  });
}
const loader = () => plainBackend();
const requestOf = (options: Page) => {
  const host = page({ registered: { cpu: loader }, ...options });
  return resolveBackendName(resolveConfig(host), host);
};

test("a page without settings has the defaults, and cpu with the reason", () => {
  const settings = resolveConfig(page());
  expect(settings.file).toEqual({ path: null, state: "none" });
  expect([settings.floatx.value, settings.epsilon.value, settings.backend.value]).toEqual([
    "float32",
    1e-7,
    "tensorflow",
  ]);
  expect(requestOf({})).toMatchObject({ configuredName: "tensorflow", engine: "cpu" });
});

describe("the script element", () => {
  test("is read like the file", () => {
    const settings = resolveConfig(page({ script: '\n{\n"floatx": "float16",\n"backend": "theano"}' }));
    const file = '<script id="keras.json">';
    expect(settings.floatx).toEqual({
      value: "float16",
      source: { kind: "file", file, line: 3, where: `${file}, line 3` },
    });
    expect(settings.backend.value).toBe("theano");
  });

  test("a bad value is an error that names it", async () => {
    const error = await thrown(ConfigError, () => resolveConfig(page({ script: '{"epsilon": 1}' })));
    expect(error).toMatchObject({ file: '<script id="keras.json">', line: 1, field: '"epsilon"', value: 1 });
    expect(error.message).toContain('<script id="keras.json">, line 1: "epsilon" is 1; allowed: a float');
  });

  test("bad JSON is the defaults", () => {
    expect(resolveConfig(page({ script: "{" })).file.state).toBe("invalid");
  });

  test("a missing engine falls back to cpu", () => {
    expect(requestOf({ script: '{"backend": "cntk"}' })).toMatchObject({
      configuredName: "cntk",
      engine: "cpu",
    });
  });
});

describe("?backend=", () => {
  test("comes before the script element, and is ignored when empty", () => {
    const script = '{"backend": "theano"}';
    expect(resolveConfig(page({ script, search: "?x=1&backend=tfjs%3Awasm" })).backend).toMatchObject({
      value: "tfjs:wasm",
      source: { kind: "environment", where: "the page's address (?backend=tfjs:wasm)" },
    });
    expect(resolveConfig(page({ script, search: "?backend=" })).backend.value).toBe("theano");
  });

  test("code comes before it", () => {
    const settings = resolveConfig(page({ search: "?backend=gpu" }));
    settings.configure({ backend: "cpu" });
    expect(settings.backend.value).toBe("cpu");
  });

  test("a missing engine is an error that shows the registration", async () => {
    const error = await thrown(BackendNotFoundError, () => requestOf({ search: "?backend=tfjs" }));
    expect(error.message).toContain("It was asked for by the page's address (?backend=tfjs).");
    expect(error.message).toContain(
      'Install it (npm install @polykeras/backend-tfjs) and make it known to the bundle: registerBackend("tfjs", () => import("@polykeras/backend-tfjs"))',
    );
  });

  test.each([
    "https://evil.example/x.js",
    "//evil.example/x.js",
    "./upload.js",
    "lodash",
    "data:text/javascript,0",
  ])("a link cannot make the page run %s", async (name) => {
    const options = {
      search: `?backend=${encodeURIComponent(name)}`,
      resolve: (specifier: string) => `${base}${specifier}`,
    };
    const error = await thrown(BackendNotFoundError, () => requestOf(options));
    expect(error.message).toContain("may only choose a backend that is built in or registered");
  });

  test("a registered name may be chosen", () => {
    expect(requestOf({ search: "?backend=acme", registered: { acme: loader } }).engine).toBe("acme");
  });
});

describe("modules", () => {
  const wanted = (name: string, options: Page = {}) => {
    const host = page(options);
    const settings = resolveConfig(host);
    settings.configure({ backend: name });
    return { host, request: resolveBackendName(settings, host) };
  };

  test("a registered backend loads through its loader", async () => {
    const { host, request } = wanted("acme", {
      registered: { acme: async () => ({ default: plainBackend() }) },
    });
    expect((await loadBackendModule(request, host)).notice).toBe("Using acme backend.");
  });

  test("paths count from the page, addresses stay, names go through the import map", async () => {
    const imported: string[] = [];
    const importModule = async (url: string) => {
      imported.push(url);
      return plainBackend();
    };
    const resolve = (specifier: string) => {
      if (specifier !== "acme") throw new TypeError("not in the import map");
      return "https://cdn.example/acme.js";
    };
    for (const name of ["./mine.js", "/own.js", "https://cdn.example/b.js", "acme"]) {
      const { host, request } = wanted(name, { importModule, resolve });
      await loadBackendModule(request, host);
    }
    expect(imported).toEqual([
      "https://app.example/train/mine.js",
      "https://app.example/own.js",
      "https://cdn.example/b.js",
      "https://cdn.example/acme.js",
    ]);
    await thrown(BackendNotFoundError, () => wanted("other", { resolve }));
  });
});

test("a worker and an edge runtime, without document or location", () => {
  const host = browserHost({ scope: {}, registry: new Map(), resolve: undefined });
  expect([host.pageConfig(), host.pageBackend(), host.cwd()]).toEqual([null, null, "about:blank"]);
  expect(resolveConfig(host).file.state).toBe("none");
});
