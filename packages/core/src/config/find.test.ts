import { describe, expect, test } from "vitest";
import { findBackend } from "./find.ts";
import type { FindResult } from "./find.ts";
import { memoryHost } from "./fixtures/memory-host.ts";
import type { Machine } from "./fixtures/memory-host.ts";
import { fileUrl } from "./paths.ts";
import { environmentSource, fileSource } from "./source.ts";

const user = environmentSource("KERAS_BACKEND");
const find = (name: string, machine: Machine = {}, source = user) =>
  findBackend(name, source, memoryHost(machine));
const found = (result: FindResult) => ("found" in result ? result.found : expect.fail(result.missing.why));
const missing = (result: FindResult) =>
  "missing" in result ? result.missing : expect.fail(result.found.specifier);

describe("files", () => {
  const linux = {
    env: { HOME: "/home/me" },
    files: { "/app/mine.js": "", "/app/b/ours.mjs": "", "/home/me/own.js": "" },
  };
  test.each([
    ["/app/mine.js", "/app/mine.js"],
    ["./mine.js", "/app/mine.js"],
    ["./mine", "/app/mine.js"],
    ["../app/mine.js", "/app/mine.js"],
    ["b/ours.mjs", "/app/b/ours.mjs"],
    ["mine.js", "/app/mine.js"],
    ["file:///app/mine.js", "/app/mine.js"],
    ["~/own.js", "/home/me/own.js"],
  ])("%s", (name, path) => {
    const result = found(find(name, linux));
    expect(result).toMatchObject({ external: true, variant: null, specifier: path });
    expect(result.target).toEqual({ kind: "url", url: fileUrl("linux", path) });
  });

  test.each([
    ["C:\\b\\mine.js", "C:\\b\\mine.js", "file:///C:/b/mine.js"],
    ["C:/b/mine.js", "C:\\b\\mine.js", "file:///C:/b/mine.js"],
    [".\\mine.js", "C:\\app\\mine.js", "file:///C:/app/mine.js"],
    ["b\\mine.js", "C:\\app\\b\\mine.js", "file:///C:/app/b/mine.js"],
    ["file:///C:/b/mine.js", "C:\\b\\mine.js", "file:///C:/b/mine.js"],
    ["\\\\server\\share\\mine.js", "\\\\server\\share\\mine.js", "file://server/share/mine.js"],
  ])("%s on Windows", (name, path, url) => {
    const result = found(find(name, { platform: "win32", files: { [path]: "" } }));
    expect(result.target).toEqual({ kind: "url", url });
  });

  test("a variant after a path, unless the file's own name has the colon", () => {
    expect(found(find("./mine.js:fast", { files: { "/app/mine.js": "" } }))).toMatchObject({
      engine: "./mine.js",
      variant: "fast",
    });
    expect(found(find("./mine.js:fast", { files: { "/app/mine.js:fast": "" } })).variant).toBeNull();
    const windows: Machine = { platform: "win32", files: { "C:\\mine.js": "" } };
    expect(found(find("C:\\mine.js:fast", windows)).variant).toBe("fast");
  });

  test("a name with a space, a percent sign and a hash stays one file", () => {
    const path = "/app/my backend#1 100%.js";
    expect(found(find(path, { files: { [path]: "" } })).target).toEqual({
      kind: "url",
      url: "file:///app/my%20backend%231%20100%25.js",
    });
  });

  test("a file that is not there", () => {
    expect(missing(find("./gone.js")).why).toBe("there is no file /app/gone.js");
    expect(missing(find("./gone.js")).remedy).toBe("Correct the path; it counts from /app.");
  });
});

describe("packages", () => {
  const packages = { "/app": ["acme", "@me/acme", "my-package", "my_package.my_module"] };
  test.each([
    ["acme", "acme", null],
    ["acme:fast", "acme", "fast"],
    ["@me/acme", "@me/acme", null],
    ["@me/acme:fast", "@me/acme", "fast"],
    ["my_package", "my-package", null],
    ["my_package.my_module", "my_package.my_module", null],
  ])("%s", (name, specifier, variant) => {
    expect(found(find(name, { packages }))).toMatchObject({ external: true, specifier, variant });
  });

  test.each([
    ["my_package.my_module", "my-package", "my-module"],
    ["my_package.my_module", "my_package", "my_module"],
    ["my-package/my-module", "my-package", "my-module"],
  ])("%s as a subpath of %s", (name, owner, module) => {
    const place = `/app/node_modules/${owner}`;
    const manifest = JSON.stringify({ name: owner, exports: { "./*": "./src/*.js" } });
    const files = { [`${place}/package.json`]: manifest, [`${place}/src/${module}.js`]: "" };
    expect(found(find(name, { files })).target).toMatchObject({ url: `file://${place}/src/${module}.js` });
  });

  test("an unknown name says what was tried, how to install it, and what is known", () => {
    const { why, remedy, install } = missing(find("my_package.my_module"));
    expect(why).toBe(
      "there is no package 'my_package.my_module' nor 'my-package/my-module' nor 'my_package/my_module'",
    );
    expect(install).toBe("npm install my-package");
    expect(remedy).toContain("Install it: npm install my-package\nBuilt in are cpu, reference");
  });

  test("a package without that subpath is told from one that is missing", () => {
    const result = missing(find("acme/engine", { packages }));
    expect(result.why).toBe("the package acme is installed, but it exports no engine");
    expect(result.install).toBeUndefined();
  });

  test.each([
    ["TensorFlow", "tensorflow"],
    ["tensorflwo", "tensorflow"],
    ["teano", "theano"],
    ["CPU", "cpu"],
  ])("%s: did you mean %s?", (name, meant) => {
    const { remedy, install } = missing(find(name));
    expect(remedy).toContain(`Did you mean "${meant}"?`);
    expect(install).toBeUndefined();
  });

  test.each(["a b", "data:text/javascript,0", "", ":"])("what npm cannot name has no command: %j", (name) => {
    expect(missing(find(name))).toMatchObject({ why: "it is no built-in name, package or file" });
    expect(missing(find(name)).install).toBeUndefined();
  });
});

describe("registered backends", () => {
  const loader = () => ({});
  test("come before packages and Keras's names", () => {
    const registered = { cpu: loader, acme: loader, jax: loader };
    const packages = { "/app": ["acme", "@polykeras/backend-cpu"] };
    for (const name of ["cpu", "acme", "jax"]) {
      expect(found(find(name, { registered, packages })).target).toEqual({ kind: "loader", loader });
    }
    expect(found(find("theano", { registered }))).toMatchObject({ engine: "cpu", external: false });
    expect(found(find("acme:fast", { registered }))).toMatchObject({
      engine: "acme",
      variant: "fast",
      external: true,
    });
  });
});

describe("sources that others may have written", () => {
  const shared = fileSource("/tmp/.keras/keras.json", 4, true);
  const machine = { files: { "/tmp/evil.js": "" }, packages: { "/app": ["acme", "@polykeras/backend-cpu"] } };
  test.each(["/tmp/evil.js", "acme", "../tmp/evil.js", "file:///tmp/evil.js"])("%s is refused", (name) => {
    expect(missing(find(name, machine, shared)).why).toContain(
      "may only choose a backend that is built in or registered",
    );
    expect(found(find(name, machine))).toBeDefined();
  });
  test("a built-in name is not", () => {
    expect(found(find("cpu", machine, shared)).engine).toBe("cpu");
  });
});

test("an address on the web is for browsers", () => {
  expect(missing(find("https://example.com/b.js")).why).toBe(
    "an address on the web can only be imported in a browser",
  );
});
