import { describe, expect, test } from "vitest";
import { ConfigError } from "./errors.ts";
import { memoryHost, thrown } from "./fixtures/memory-host.ts";
import type { Machine } from "./fixtures/memory-host.ts";
import { resolveConfig } from "./resolve.ts";

const settingsOf = (machine: Machine = {}) =>
  resolveConfig(memoryHost({ env: { HOME: "/home/me" }, ...machine }));

describe("precedence of the backend", () => {
  const file = { "/home/me/.keras/keras.json": '{"backend": "theano"}' };
  test.each<[string, Machine, string | undefined, string, string]>([
    ["default", {}, undefined, "tensorflow", "default"],
    ["file over default", { files: file }, undefined, "theano", "file"],
    [
      "environment over file",
      { files: file, env: { HOME: "/home/me", KERAS_BACKEND: "cntk" } },
      undefined,
      "cntk",
      "environment",
    ],
    [
      "empty environment is none",
      { files: file, env: { HOME: "/home/me", KERAS_BACKEND: "" } },
      undefined,
      "theano",
      "file",
    ],
    [
      "code over environment",
      { files: file, env: { HOME: "/home/me", KERAS_BACKEND: "cntk" } },
      "gpu",
      "gpu",
      "code",
    ],
  ])("%s", (_, machine, code, value, kind) => {
    const settings = settingsOf(machine);
    if (code !== undefined) settings.configure({ backend: code });
    expect(settings.backend.value).toBe(value);
    expect(settings.backend.source.kind).toBe(kind);
  });

  test("the environment is named as the source", () => {
    const { backend } = settingsOf({ env: { KERAS_BACKEND: "cpu" } });
    expect(backend.source.where).toBe("the environment variable KERAS_BACKEND");
  });
});

describe("setters", () => {
  test("take Keras's values and remember the call", () => {
    const settings = settingsOf();
    settings.setFloatx("float16", "/app/main.ts:3");
    settings.setEpsilon(1);
    settings.setImageDataFormat("channels_first");
    expect(settings.floatx).toEqual({
      value: "float16",
      source: { kind: "code", where: 'setFloatx("float16") at /app/main.ts:3' },
    });
    expect([settings.epsilon.value, settings.imageDataFormat.value]).toEqual([1, "channels_first"]);
  });

  test("setFloatx refuses with Keras's message", async () => {
    const settings = settingsOf();
    const error = await thrown(ConfigError, () => settings.setFloatx("bfloat16"));
    expect(error.message).toContain(
      "Unknown `floatx` value: bfloat16. Expected one of {'float16', 'float32', 'float64'}",
    );
    expect(error.message).toContain(
      'setFloatx("bfloat16"): floatx is "bfloat16"; allowed: "float16", "float32", "float64".',
    );
    expect(error).toMatchObject({
      field: "floatx",
      value: "bfloat16",
      allowed: '"float16", "float32", "float64"',
    });
    expect(settings.floatx.value).toBe("float32");
  });

  test("setImageDataFormat refuses with Keras's message", async () => {
    const error = await thrown(ConfigError, () => settingsOf().setImageDataFormat("tf"));
    expect(error.message).toMatch(/^Unknown data_format: tf\n/);
    expect(error).toMatchObject({
      field: "imageDataFormat",
      value: "tf",
      allowed: '"channels_last", "channels_first"',
    });
  });

  test.each(["1e-7", null, undefined, 1n])("setEpsilon refuses %s", async (value) => {
    const error = await thrown(ConfigError, () => settingsOf().setEpsilon(value));
    expect(error).toMatchObject({ field: "epsilon", value, allowed: "a number" });
    expect(error.message).toMatch(/^Unknown `epsilon` value: .*\. Expected a number\n/);
  });
});

describe("configure", () => {
  test("sets what is given and leaves the rest", () => {
    const settings = settingsOf();
    settings.configure({
      floatx: "float64",
      epsilon: 1e-3,
      imageDataFormat: "channels_first",
      notice: false,
      fallback: "error",
    });
    const { floatx, epsilon, imageDataFormat, notice, fallback, backend } = settings;
    expect([floatx, epsilon, imageDataFormat, notice, fallback].map(({ value }) => value)).toEqual([
      "float64",
      1e-3,
      "channels_first",
      false,
      "error",
    ]);
    expect(floatx.source).toEqual({ kind: "code", where: "configure()" });
    expect(backend.source.kind).toBe("default");
    expect(settingsOf().fallback.value).toBe("host");
  });

  test("leaves what is undefined", () => {
    const settings = settingsOf();
    settings.configure(Object.fromEntries([["floatx", undefined]]));
    expect(settings.floatx.source.kind).toBe("default");
  });

  test("refuses a single fault, and what is no object", async () => {
    const error = await thrown(ConfigError, () => settingsOf().configure({ backend: "" }));
    expect(error).toMatchObject({ field: "backend", value: "", allowed: "the name of a backend" });
    const wrong: unknown[] = ["cpu"];
    const settings = settingsOf();
    const other = await thrown(ConfigError, () => Reflect.apply(settings.configure, settings, wrong)); // oxlint-disable-line unbound-method
    expect(other).toMatchObject({
      field: "the argument",
      value: "cpu",
      allowed: 'an object, such as { backend: "cpu" }',
    });
  });

  test("names every fault at once and changes nothing", async () => {
    const settings = settingsOf();
    const wrong: object = {
      floatx: "f32",
      epsilon: "1",
      imageDataFormat: 0,
      backend: "",
      notice: 1,
      fallback: "gpu",
      flotax: 1,
    };
    const error = await thrown(ConfigError, () => settings.configure({ ...wrong }));
    const shown = error.problems.map(
      ({ field, written, allowed }) => `${field} is ${written}; allowed: ${allowed}.`,
    );
    expect(shown).toEqual([
      'floatx is "f32"; allowed: "float16", "float32", "float64".',
      'epsilon is "1"; allowed: a number.',
      'imageDataFormat is 0; allowed: "channels_last", "channels_first".',
      'backend is ""; allowed: the name of a backend.',
      "notice is 1; allowed: true, false.",
      'fallback is "gpu"; allowed: "error", "host".',
      "flotax is 1; allowed: no option of this name; the options are backend, floatx, epsilon, imageDataFormat, notice, fallback.",
    ]);
    for (const line of shown) expect(error.message).toContain(`configure(): ${line}`);
    expect(settings.floatx.value).toBe("float32");
  });
});

test.each([
  ["1", false],
  ["true", false],
  ["0", true],
  ["false", true],
  ["", true],
])("POLYKERAS_SILENT=%s", (value, notice) => {
  expect(settingsOf({ env: { POLYKERAS_SILENT: value } }).notice.value).toBe(notice);
});
