import { describe, expect, test } from "vitest";
import { ConfigError } from "./errors.ts";
import { memoryHost, thrown } from "./fixtures/memory-host.ts";
import type { Machine } from "./fixtures/memory-host.ts";
import { loadKerasFile } from "./keras-json.ts";
import { resolveConfig } from "./resolve.ts";

const fresh = `{
    "floatx": "float32",
    "epsilon": 1e-07,
    "backend": "tensorflow",
    "image_data_format": "channels_last"
}`;
const linux: Machine = { env: { HOME: "/home/me" } };
const path = "/home/me/.keras/keras.json";
const withFile = (text: string): Machine => ({ ...linux, files: { [path]: text } });

describe("the place of keras.json", () => {
  const place = (machine: Machine) => loadKerasFile(memoryHost(machine)).path;
  test.each<[string, Machine, string]>([
    ["Linux", linux, path],
    ["macOS", { platform: "darwin", env: { HOME: "/Users/me" } }, "/Users/me/.keras/keras.json"],
    [
      "Windows",
      { platform: "win32", env: { USERPROFILE: "C:\\Users\\me" } },
      "C:\\Users\\me\\.keras\\keras.json",
    ],
    [
      "Windows without USERPROFILE",
      { platform: "win32", env: { HOMEDRIVE: "D:", HOMEPATH: "\\me" } },
      "D:\\me\\.keras\\keras.json",
    ],
    [
      "Windows ignores HOME",
      { platform: "win32", env: { HOME: "C:\\msys", USERPROFILE: "C:\\me" } },
      "C:\\me\\.keras\\keras.json",
    ],
    [
      "Windows, USERPROFILE empty",
      { platform: "win32", env: { USERPROFILE: "" } },
      "/tmp/.keras\\keras.json",
    ],
    ["HOME with a final slash", { env: { HOME: "/home/me/" } }, path],
    ["no HOME: the user database", { userDirectory: "/var/me" }, "/var/me/.keras/keras.json"],
    ["HOME empty: the root", { env: { HOME: "" } }, "/.keras/keras.json"],
    ["no home at all", {}, "/tmp/.keras/keras.json"],
    ["home not writable", { ...linux, readOnly: ["/home/me"] }, "/tmp/.keras/keras.json"],
    [
      "home not writable on macOS",
      { platform: "darwin", env: { HOME: "/Users/me" }, readOnly: ["/Users"] },
      "/tmp/.keras/keras.json",
    ],
    ["KERAS_HOME", { env: { HOME: "/home/me", KERAS_HOME: "/srv/keras" } }, "/srv/keras/keras.json"],
    [
      "KERAS_HOME empty: the working directory",
      { env: { HOME: "/home/me", KERAS_HOME: "" } },
      "/app/keras.json",
    ],
    ["KERAS_HOME relative", { env: { KERAS_HOME: "conf" } }, "/app/conf/keras.json"],
    [
      "KERAS_HOME with a tilde",
      { env: { HOME: "/home/me", KERAS_HOME: "~/conf" } },
      "/home/me/conf/keras.json",
    ],
    ["KERAS_HOME on Windows", { platform: "win32", env: { KERAS_HOME: "D:\\k\\" } }, "D:\\k\\keras.json"],
    ["KERAS_HOME empty on Windows", { platform: "win32", env: { KERAS_HOME: "" } }, "C:\\app\\keras.json"],
    [
      "KERAS_HOME not writable: no fallback",
      { env: { KERAS_HOME: "/ro" }, readOnly: ["/ro"] },
      "/ro/keras.json",
    ],
  ])("%s", (_, machine, expected) => {
    expect(place(machine)).toBe(expected);
  });
});

describe("writing", () => {
  test("an absent file is written as Keras writes it, its directory first, before KERAS_BACKEND is read", () => {
    const host = memoryHost({ env: { HOME: "/home/me", KERAS_BACKEND: "theano" } });
    const settings = resolveConfig(host);
    expect(host.files.get(path)).toBe(fresh);
    expect(settings.file).toEqual({ path, state: "written" });
    expect(settings.backend.value).toBe("theano");
    const order = ["mkdir /home/me/.keras", `create ${path}`, "env KERAS_BACKEND"];
    expect(host.log.filter((entry) => order.includes(entry))).toEqual(order);
  });

  test("the file written on Windows is the same", () => {
    const host = memoryHost({ platform: "win32", env: { USERPROFILE: "C:\\Users\\me" } });
    loadKerasFile(host);
    expect(host.files.get("C:\\Users\\me\\.keras\\keras.json")).toBe(fresh);
  });

  test("failing to write is ignored, and says why", () => {
    const host = memoryHost({ env: { KERAS_HOME: "/ro" }, readOnly: ["/ro"] });
    expect(resolveConfig(host).file).toEqual({
      path: "/ro/keras.json",
      state: "absent",
      note: "EACCES: /ro",
    });
    expect(host.files.size).toBe(0);
  });

  test.each(["", "{ broken", '{"floatx": "float64", "mine": [1]}'])(
    "an existing file is never changed: %j",
    (text) => {
      const host = memoryHost(withFile(text));
      resolveConfig(host);
      expect([...host.files]).toEqual([[path, text]]);
      expect(host.log.filter((entry) => /^(create|mkdir)/.test(entry))).toEqual([]);
    },
  );

  test.each(["[]", '{"epsilon": 1}'])("not even one that is refused: %j", (text) => {
    const host = memoryHost(withFile(text));
    expect(() => resolveConfig(host)).toThrow(ConfigError);
    expect([...host.files]).toEqual([[path, text]]);
    expect(host.log.filter((entry) => /^(create|mkdir)/.test(entry))).toEqual([]);
  });
});

describe("reading", () => {
  test("every field, with its line", () => {
    const text =
      '{\n"floatx": "float16",\n"epsilon": 1e-3,\n"backend": "theano",\n"image_data_format": "channels_first"\n}';
    const settings = resolveConfig(memoryHost(withFile(text)));
    const at = (line: number) => ({ kind: "file", file: path, line, where: `${path}, line ${line}` });
    expect(settings.floatx).toEqual({ value: "float16", source: at(2) });
    expect(settings.epsilon).toEqual({ value: 1e-3, source: at(3) });
    expect(settings.backend).toEqual({ value: "theano", source: at(4) });
    expect(settings.imageDataFormat).toEqual({ value: "channels_first", source: at(5) });
  });

  test("fields left out are the defaults, unknown ones ignored", () => {
    const settings = resolveConfig(
      memoryHost(withFile('{"nnx_enabled": false, "image_dim_ordering": "tf"}')),
    );
    expect(settings.floatx).toEqual({ value: "float32", source: { kind: "default", where: "the default" } });
    expect([settings.epsilon.value, settings.backend.value]).toEqual([1e-7, "tensorflow"]);
    expect(settings.imageDataFormat.value).toBe("channels_last");
    expect(settings.file.state).toBe("read");
  });

  test.each(["", "   ", "{", '{"floatx": "float64",}', "\uFEFF{}"])(
    "bad JSON is silently the defaults: %j",
    (text) => {
      const settings = resolveConfig(memoryHost(withFile(text)));
      expect(settings.floatx.source.kind).toBe("default");
      expect(settings.file).toMatchObject({ state: "invalid", path });
      expect(settings.file.note).toMatch(/^line 1: expected/);
    },
  );

  test.each([
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["-1.0", -1],
    ["0.0", 0],
  ])("epsilon %s passes", (text, value) => {
    expect(resolveConfig(memoryHost(withFile(`{"epsilon": ${text}}`))).epsilon.value).toBe(value);
  });
});

describe("values that are not allowed", () => {
  const floats = '"float16", "float32", "float64"';
  const epsilon = "a float, written with a point or an exponent: 1e-07, 1.0";
  const formats = '"channels_last", "channels_first"';
  test.each<[string, string, unknown, string]>([
    ['"floatx": "float31"', '"floatx"', "float31", floats],
    ['"floatx": "bfloat16"', '"floatx"', "bfloat16", floats],
    ['"floatx": null', '"floatx"', null, floats],
    ['"floatx": ["float32"]', '"floatx"', undefined, floats],
    ['"epsilon": 1', '"epsilon"', 1, epsilon],
    ['"epsilon": "1e-7"', '"epsilon"', "1e-7", epsilon],
    ['"epsilon": true', '"epsilon"', true, epsilon],
    ['"image_data_format": "channels-last"', '"image_data_format"', "channels-last", formats],
    ['"image_data_format": {}', '"image_data_format"', undefined, formats],
    ['"backend": 5', '"backend"', 5, 'the name of a backend, such as "tensorflow"'],
    ['"backend": ""', '"backend"', "", 'the name of a backend, such as "tensorflow"'],
  ])("%s", async (member, field, value, allowed) => {
    const error = await thrown(ConfigError, () =>
      resolveConfig(memoryHost(withFile(`{\n  "x": 0,\n  ${member}\n}`))),
    );
    expect(error).toMatchObject({ name: "ConfigError", file: path, line: 3, field, value, allowed });
    const written = member.slice(member.indexOf(":") + 2);
    expect(error.message).toContain(`${path}, line 3: ${field} is ${written}; allowed: ${allowed}.`);
    expect(error.message).toContain("Correct the file or delete it");
  });

  test.each(["[]", "null", '"tensorflow"', "3"])("a root that is no object: %s", async (text) => {
    const error = await thrown(ConfigError, () => resolveConfig(memoryHost(withFile(`\n${text}`))));
    expect(error).toMatchObject({ file: path, line: 2, field: "the root", value: text });
    expect(error.message).toContain(`${path}, line 2: the root is ${text}; allowed: an object`);
  });

  test("all of them come at once", async () => {
    const text = '{"floatx": 1,\n"epsilon": 2,\n"image_data_format": 3}';
    const error = await thrown(ConfigError, () => resolveConfig(memoryHost(withFile(text))));
    expect(error.problems.map(({ field, source }) => [field, source.line])).toEqual([
      ['"floatx"', 1],
      ['"epsilon"', 2],
      ['"image_data_format"', 3],
    ]);
    for (const { field } of error.problems) expect(error.message).toContain(`${field} is`);
  });

  test("a backend that is no name does not matter when KERAS_BACKEND says another", () => {
    const host = memoryHost({
      ...withFile('{"backend": 5}'),
      env: { HOME: "/home/me", KERAS_BACKEND: "cpu" },
    });
    expect(resolveConfig(host).backend.value).toBe("cpu");
  });

  test("a file that cannot be read", async () => {
    const error = await thrown(ConfigError, () =>
      resolveConfig(memoryHost({ ...linux, unreadable: [path] })),
    );
    expect(error).toMatchObject({ file: path, field: "the file", value: "EACCES: permission denied" });
    expect(error.message).toContain("allowed: a file that this user can read");
    expect(error.cause).toBeInstanceOf(Error);
  });
});
