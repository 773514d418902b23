import { describe, expect, test } from "vitest";
import type { Platform } from "./host.ts";
import { conditionsOf, exportTarget } from "./node-exports.ts";
import { resolveFrom } from "./node-resolve.ts";

const conditions = new Set(["import", "node", "custom"]);

describe("exports", () => {
  test.each<[string, unknown, string, string | null]>([
    ["a string", "./a.js", ".", "./a.js"],
    ["a string has no subpaths", "./a.js", "./sub", null],
    [
      "conditions in their own order",
      { require: "./a.cjs", node: "./n.js", import: "./a.js" },
      ".",
      "./n.js",
    ],
    ["default", { browser: "./b.js", default: "./d.js" }, ".", "./d.js"],
    ["a custom condition", { custom: "./src.ts", default: "./d.js" }, ".", "./src.ts"],
    ["nested conditions", { ".": { import: { types: "./a.d.ts", default: "./a.js" } } }, ".", "./a.js"],
    ["a nested miss goes on", { node: { require: "./a.cjs" }, default: "./d.js" }, ".", "./d.js"],
    ["a subpath", { "./sub": "./s.js", ".": "./a.js" }, "./sub", "./s.js"],
    ["a pattern", { "./*": "./src/*.js" }, "./a/b", "./src/a/b.js"],
    ["the longest pattern", { "./*": "./a/*.js", "./in/*": "./b/*.js" }, "./in/x", "./b/x.js"],
    ["a pattern with an end", { "./*.js": "./src/*.mjs" }, "./x.js", "./src/x.mjs"],
    [
      "of two with one beginning the longer",
      { "./in/*": "./a/*.js", "./in/*.js": "./b/*.js" },
      "./in/x.js",
      "./b/x.js",
    ],
    ["null hides", { "./*": "./src/*.js", "./in/*": null }, "./in/x", null],
    ["an array: the first that fits", [{ require: "./a.cjs" }, "./b.js"], ".", "./b.js"],
    ["a target outside of the package", { ".": "./../x.js" }, ".", null],
    ["a target that is no path", "other", ".", null],
    ["a star cannot climb", { "./*": "./src/*" }, "./../../x", null],
    ["nothing", {}, ".", null],
  ])("%s", (_, exports, subpath, target) => {
    expect(exportTarget(exports, subpath, conditions)).toBe(target);
  });
});

describe("node_modules", () => {
  const resolve = (
    specifier: string,
    from: string,
    paths: Record<string, object | string>,
    platform: Platform = "linux",
  ) => {
    const text = (path: string) => {
      const content = paths[path];
      return content === undefined ? null : typeof content === "string" ? content : JSON.stringify(content);
    };
    const files = { platform, read: text, isFile: (path: string) => path in paths };
    return resolveFrom(specifier, from, files, conditions);
  };
  const at = "/w/node_modules/acme";

  test("the nearest package counts, even if it lacks the subpath", () => {
    const paths = {
      "/w/a/node_modules/acme/package.json": { exports: "./x.js" },
      "/w/a/node_modules/acme/x.js": "",
      [`${at}/package.json`]: {},
      [`${at}/sub.js`]: "",
    };
    expect(resolve("acme", "/w/a/b", paths)).toBe("/w/a/node_modules/acme/x.js");
    expect(resolve("acme/sub", "/w/a/b", paths)).toBeNull();
    expect(resolve("acme/sub", "/w", paths)).toBe(`${at}/sub.js`);
  });

  test.each([
    [{ main: "./lib/main.js" }, "lib/main.js"],
    [{ main: "lib" }, "lib/index.js"],
    [{ main: "main" }, "main.js"],
    [{}, "index.js"],
  ])("main of %j", (manifest, file) => {
    expect(resolve("acme", "/w", { [`${at}/package.json`]: manifest, [`${at}/${file}`]: "" })).toBe(
      `${at}/${file}`,
    );
  });

  test("the package one is in, by its own name", () => {
    const paths = {
      "/w/acme/package.json": { name: "acme", exports: "./src/index.js" },
      "/w/acme/src/index.js": "",
    };
    expect(resolve("acme", "/w/acme/test", paths)).toBe("/w/acme/src/index.js");
  });

  test("not when it exports nothing: then its copy in node_modules", () => {
    const paths = { "/w/acme/package.json": { name: "acme", main: "x.js" }, "/w/acme/x.js": "" };
    expect(resolve("acme", "/w/acme", paths)).toBeNull();
    expect(resolve("acme", "/w/acme", { ...paths, [`${at}/package.json`]: {}, [`${at}/index.js`]: "" })).toBe(
      `${at}/index.js`,
    );
  });

  test("Windows, up to the drive's root", () => {
    const place = "C:\\node_modules\\@me\\acme\\";
    const paths = {
      [`${place}package.json`]: { exports: { "./sub": "./src/sub.js" } },
      [`${place}src\\sub.js`]: "",
    };
    expect(resolve("@me/acme/sub", "C:\\w\\a", paths, "win32")).toBe(`${place}src\\sub.js`);
  });

  test("what is exported but not there, a broken manifest, no package", () => {
    expect(resolve("acme", "/w", { [`${at}/package.json`]: { exports: "./gone.js" } })).toBeNull();
    expect(resolve("acme", "/w", { [`${at}/package.json`]: "{" })).toBeNull();
    expect(resolve("acme", "/w", {})).toBeNull();
    expect(resolve("../acme", "/w", {})).toBeNull();
  });
});

test("conditions of the runtime and the command line", () => {
  const of = (...given: Parameters<typeof conditionsOf>) => [...conditionsOf(...given)];
  expect(of([], "", { node: "20.20.2" })).toEqual(["import", "node", "node-addons"]);
  expect(of([], "", { node: "22.10.0" })).toContain("module-sync");
  expect(
    of(["--conditions=a", "-C", "b", "--conditions", "c"], "-C=d --conditions=e", {
      node: "20.0.0",
      bun: "1.2",
    }),
  ).toEqual(["import", "node", "node-addons", "bun", "d", "e", "a", "b", "c"]);
});
