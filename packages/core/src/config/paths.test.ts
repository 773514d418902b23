import { expect, test } from "vitest";
import type { Platform } from "./host.ts";
import { filePath, fileUrl, isAbsolutePath, joinPath, parentPath } from "./paths.ts";

test.each<[Platform, string, string, string]>([
  ["linux", "/a", "b", "/a/b"],
  ["linux", "/a/", "b", "/a/b"],
  ["linux", "", "b", "b"],
  ["linux", "a\\", "b", "a\\/b"],
  ["win32", "C:\\a", "b", "C:\\a\\b"],
  ["win32", "C:\\", "b", "C:\\b"],
  ["win32", "C:/a/", "b", "C:/a/b"],
  ["win32", "", "b", "b"],
])("%s: join %j and %j", (platform, directory, name, path) => {
  expect(joinPath(platform, directory, name)).toBe(path);
});

test.each<[Platform, string, string | null]>([
  ["linux", "/a/b", "/a"],
  ["linux", "/a/b/", "/a"],
  ["linux", "/a", "/"],
  ["linux", "/", null],
  ["win32", "C:\\a\\b", "C:\\a"],
  ["win32", "C:\\a", "C:\\"],
  ["win32", "C:\\", null],
  ["win32", "C:/a/b", "C:/a"],
])("%s: the parent of %j", (platform, path, parent) => {
  expect(parentPath(platform, path)).toBe(parent);
});

test.each<[Platform, string, boolean]>([
  ["linux", "/a", true],
  ["linux", "C:\\a", false],
  ["win32", "C:\\a", true],
  ["win32", "C:a", false],
  ["win32", "\\\\s\\a", true],
])("%s: %j is absolute: %s", (platform, path, absolute) => {
  expect(isAbsolutePath(platform, path)).toBe(absolute);
});

test.each<[Platform, string, string]>([
  ["linux", "/a b/ü#?%.js", "file:///a%20b/%C3%BC%23%3F%25.js"],
  ["win32", "C:\\a b\\x.js", "file:///C:/a%20b/x.js"],
  ["win32", "\\\\server\\share\\x.js", "file://server/share/x.js"],
  ["win32", "\\tmp\\x.js", "file:///tmp/x.js"],
])("%s: %j is %s, and back", (platform, path, url) => {
  expect(fileUrl(platform, path)).toBe(url);
  expect(filePath(platform, url)).toBe(path);
});

test("what is no file URL has no path", () => {
  expect(["https://a/b", "file", "", undefined].map((url) => filePath("linux", url))).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
