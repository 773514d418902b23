import { expect, test } from "vitest";
import { ConfigError } from "./errors.ts";
import { thrown } from "./fixtures/memory-host.ts";
import { registerBackend, sharedRegistry } from "./registry.ts";
import type { BackendLoader } from "./registry.ts";

test("the last registration of a name counts", () => {
  const registry = new Map<string, BackendLoader>();
  const [first, second] = [() => 1, () => 2];
  registerBackend("acme", first, registry);
  registerBackend("acme", second, registry);
  expect([...registry]).toEqual([["acme", second]]);
});

test("all copies of the package share one registry", () => {
  expect(sharedRegistry()).toBe(sharedRegistry());
  expect(Reflect.get(globalThis, Symbol.for("polykeras.backends"))).toBe(sharedRegistry());
});

test.each(["", "tfjs:wasm"])("the name %j is refused", async (name) => {
  const registry = new Map<string, BackendLoader>();
  const error = await thrown(ConfigError, () => registerBackend(name, () => 0, registry));
  expect(error).toMatchObject({ field: "name", value: name, allowed: "a non-empty string without a colon" });
  expect(error.message).toContain(`registerBackend(${JSON.stringify(name)}, ...)`);
  expect(registry.size).toBe(0);
});

test("a module in place of its loader is refused", async () => {
  const wrong: unknown[] = ["acme", {}];
  const error = await thrown(ConfigError, () => Reflect.apply(registerBackend, undefined, wrong));
  expect(error).toMatchObject({
    field: "loader",
    allowed: 'a function that gives the module, such as () => import("my-backend")',
  });
});
