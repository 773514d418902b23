import { expect, test } from "vitest";
import { askFresh, machine } from "./engines.ts";

test("an engine on a device is there when it answers; when not, one line says why", async () => {
  const asked: string[] = [];
  const answers = await machine({}, async (engine) => {
    asked.push(engine);
    return { adapter: "a device", why: null };
  });
  expect(asked).toEqual(["gpu:webgpu"]);
  expect(answers.engines).toEqual(expect.arrayContaining(["cpu", "gpu:webasm", "gpu:webgpu"]));
  expect(answers.devices).toEqual(["gpu:webgpu runs on a device"]);

  const silent = await machine({}, async () => ({ adapter: null, why: "no driver\n  install one" }));
  expect(silent.engines).toEqual(answers.engines.filter((name) => name !== "gpu:webgpu"));
  expect(silent.devices).toEqual(["without gpu:webgpu: no driver install one"]);
});

test("nothing is asked where the environment names one engine", async () => {
  const { engines, devices } = await machine({ KERAS_BACKEND: "gpu" }, () =>
    Promise.reject(new Error("asked")),
  );
  expect([engines, devices]).toEqual([["gpu"], []]);
});

test("an engine says in a process of its own on what it runs, or why not", async () => {
  expect(await askFresh("gpu:webasm")).toEqual({ adapter: "WebAssembly SIMD", why: null });
  expect(await askFresh("gpu:vulkan")).toEqual({
    adapter: null,
    why: expect.stringContaining("no variant 'vulkan'"),
  });
}, 60_000);
