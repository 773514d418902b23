import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => void vi.restoreAllMocks());

test("importing the engine takes no memory and compiles nothing; available() does", async () => {
  const memory = vi.spyOn(WebAssembly, "Memory");
  const compiled = vi.spyOn(WebAssembly, "Module");
  const probed = vi.spyOn(WebAssembly, "validate");
  vi.resetModules();
  const engine = await import("./index.ts");
  for (const spy of [memory, compiled, probed]) expect(spy).not.toHaveBeenCalled();
  expect(engine.available()).toBe(true);
  for (const spy of [memory, compiled, probed]) expect(spy).toHaveBeenCalled();
  memory.mockClear();
  await engine.variable({ shape: [], dtype: "float32" }, Float32Array.of(1));
  expect(memory).not.toHaveBeenCalled();
  expect(engine.memory().buffers).toBe(1);
}, 60_000);

test("a process that may not compile trains on the reference engine, says so once, and explains it", () => {
  const script = fileURLToPath(new URL("./fixtures/forbidden.ts", import.meta.url));
  const { NODE_OPTIONS: _options, KERAS_BACKEND: _backend, ...env } = process.env;
  const args = ["--conditions=@polykeras/source", script];
  const { losses, notices, name, why, direct } = JSON.parse(
    execFileSync(process.execPath, args, { env, encoding: "utf8" }),
  );
  expect(losses[1]).toBeLessThan(losses[0]);
  const reason =
    "engine cpu cannot run here: compiling WebAssembly is forbidden; in a page, add 'wasm-unsafe-eval' to the " +
    "directive script-src of its Content-Security-Policy (Wasm code generation disallowed by embedder)";
  expect(notices).toEqual([`Using CPU backend (engine: reference). Reason: ${reason}.`]);
  expect(name).toBe("cpu");
  expect(why).toBe(`${reason}; reference stands in`);
  expect(direct).toContain(`Backend 'cpu' cannot run here: compiling WebAssembly is forbidden`);
}, 60_000);
