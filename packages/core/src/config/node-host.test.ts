import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { detectHost, prepareHost } from "./detect-host.ts";
import { BackendLoadError, BackendNotFoundError, ConfigError, InvalidBackendError } from "./errors.ts";
import { thrown } from "./fixtures/memory-host.ts";
import { listInstalled } from "./explain.ts";
import { loadBackendModule } from "./load.ts";
import { nodeHost } from "./node-host.ts";
import { resolveBackendName } from "./request.ts";
import { resolveConfig } from "./resolve.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "polykeras-config-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (path: string, text: string): string => {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
};
const host = (env: Record<string, string> = {}) =>
  nodeHost({ env: { HOME: root, ...env }, cwd: root, entryScript: null, registry: new Map() });
const load = async (name: string) => {
  const here = host({ KERAS_BACKEND: name });
  return loadBackendModule(resolveBackendName(resolveConfig(here), here), here);
};
const entries =
  "const compile = () => 'f';\nexport const placeholder = () => 'p';\nexport const variable = () => 'v';\n";
const whole = `${entries}export { compile as function };\nexport const contract = 1;\nexport const answer = 42;\n`;

describe("keras.json on a real file system", () => {
  const path = () => join(root, ".keras", "keras.json");

  test("is written once, with nothing left beside it, then read", () => {
    expect(resolveConfig(host()).file.state).toBe("written");
    const text = readFileSync(path(), "utf8");
    expect(text.startsWith('{\n    "floatx": "float32",\n    "epsilon": 1e-07,\n')).toBe(true);
    expect(text.endsWith('"channels_last"\n}')).toBe(true);
    expect(readdirSync(dirname(path()))).toEqual(["keras.json"]);
    expect(resolveConfig(host()).file.state).toBe("read");
  });

  test("creating it leaves what another process has written in between", () => {
    mkdirSync(dirname(path()));
    writeFileSync(path(), "theirs");
    host().createFile(path(), "ours");
    expect(readFileSync(path(), "utf8")).toBe("theirs");
    expect(readdirSync(dirname(path()))).toEqual(["keras.json"]);
  });

  test("bytes that are not UTF-8 count as bad JSON, a byte order mark too", () => {
    mkdirSync(dirname(path()));
    for (const bytes of [
      Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d),
      Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d),
    ]) {
      writeFileSync(path(), bytes);
      expect(resolveConfig(host()).file.state).toBe("invalid");
      expect(new Uint8Array(readFileSync(path()))).toEqual(bytes);
    }
  });

  test("a bad value names the real file", async () => {
    put(".keras/keras.json", '{\n"floatx": "half"}');
    expect(await thrown(ConfigError, () => resolveConfig(host()))).toMatchObject({
      file: path(),
      line: 2,
      value: "half",
    });
  });

  test("a directory in its place is an error", async () => {
    mkdirSync(path(), { recursive: true });
    expect((await thrown(ConfigError, () => resolveConfig(host()))).file).toBe(path());
  });

  test("a file in the place of its directory: not written, no error", () => {
    put(".keras", "");
    expect(resolveConfig(host()).file.state).toBe("absent");
  });

  test("a writable and a missing directory", () => {
    expect(host().isWritable(root)).toBe(true);
    expect(host().isWritable(join(root, "gone"))).toBe(false);
  });
});

describe("external backends on a real file system", () => {
  test("an npm package, its subpath, and the Keras documentation's dotted name", async () => {
    const exports = { ".": { import: "./index.js" }, "./*": "./engines/*.js" };
    put(
      "node_modules/my-package/package.json",
      JSON.stringify({ name: "my-package", version: "0.3.0", type: "module", exports }),
    );
    put("node_modules/my-package/index.js", whole);
    put("node_modules/my-package/engines/my-module.js", `${whole}export const name = "sub";\n`);
    const main = await load("my-package");
    expect({ ...main.extras }).toEqual({ answer: 42 });
    expect(main.notice).toBe("Using my-package backend.");
    expect(await main.backend.placeholder({ shape: [], dtype: "float32" })).toBe("p");
    for (const name of ["my-package/my-module", "my_package.my_module"]) {
      const sub = await load(name);
      expect(sub.backend.name).toBe("sub");
      expect(sub.request).toMatchObject({ configuredName: name, specifier: "my-package/my-module" });
    }
  });

  test("a CommonJS package", async () => {
    put("node_modules/old/package.json", JSON.stringify({ name: "old", main: "lib" }));
    put(
      "node_modules/old/lib/index.js",
      "module.exports = { placeholder() {}, variable() {}, function() {}, extra: 1 };",
    );
    const { backend, extras } = await load("old");
    expect(backend.contract).toBe(1);
    expect({ ...extras }).toEqual({ extra: 1 });
  });

  test("a linked package is the module that an import gives", async () => {
    put("store/acme/package.json", JSON.stringify({ name: "acme", type: "module", exports: "./index.js" }));
    const real = put("store/acme/index.js", whole);
    mkdirSync(join(root, "node_modules"));
    symlinkSync(join(root, "store/acme"), join(root, "node_modules/acme"));
    expect(host().resolvePackage("acme", [root])).toBe(pathToFileURL(real).href);
  });

  test("files: absolute, relative, file URL, with create", async () => {
    const path = put("backends/my backend.mjs", whole);
    for (const name of [
      path,
      "./backends/my backend.mjs",
      "backends/my backend.mjs",
      pathToFileURL(path).href,
    ]) {
      expect((await load(name)).backend.contract).toBe(1);
    }
    put(
      "made.mjs",
      `export const create = ({ variant }) => ({ name: variant, placeholder() {}, variable() {}, function() {} });`,
    );
    expect((await load("./made.mjs:fast")).backend.name).toBe("fast");
  });

  test("one entry missing, all three missing, thrown on load, not there", async () => {
    put("one.mjs", entries);
    put("three.mjs", "export const other = 1;");
    put("throws.mjs", "throw new TypeError('no driver');");
    put("needs.mjs", "import 'not-installed-anywhere';");
    const one = await thrown(InvalidBackendError, () => load("./one.mjs"));
    expect(one.missing).toEqual(["function"]);
    expect(one.message).toContain(
      `Invalid backend '${join(root, "one.mjs")}'. Missing required entry: function.`,
    );
    expect(one.message).toContain("It was asked for by the environment variable KERAS_BACKEND.");
    const three = await thrown(InvalidBackendError, () => load("./three.mjs"));
    expect(three.missing).toEqual(["placeholder", "variable", "function"]);
    const throws = await thrown(BackendLoadError, () => load("./throws.mjs"));
    expect(throws.message).toContain("TypeError: no driver");
    expect(throws.message).toContain("It was asked for by the environment variable KERAS_BACKEND.");
    const needs = await thrown(BackendLoadError, () => load("./needs.mjs"));
    expect(needs.message).toContain("not-installed-anywhere");
    const gone = await thrown(BackendNotFoundError, () => load("gone"));
    expect(gone.install).toBe("npm install gone");
  });

  test("Node's own modules are no packages", () => {
    expect(host().resolvePackage("fs", [root])).toBeNull();
  });
});

test("the host of this process finds this package's engines from core", async () => {
  await prepareHost();
  const here = detectHost();
  expect(here.platform).toBe(process.platform);
  expect(here.cwd()).toBe(process.cwd());
  expect(existsSync(join(here.coreDirectory() ?? "", "node-host.ts"))).toBe(true);
  expect(
    listInstalled(here)
      .map(({ name }) => name)
      .slice(0, 5),
  ).toEqual(["cpu", "reference", "gpu", "tfjs", "onnx"]);
});
