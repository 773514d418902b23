import { describe, expect, test } from "vitest";
import { fault as replace } from "../fixtures/faults/fault.ts";
import { engineWith, faults, unreachedFaults } from "../fixtures/faults/index.ts";
import { enginesOf } from "../run/part.ts";
import { isFailure } from "../run/result.ts";
import { propertyParts } from "./index.ts";

const parts = new Map(propertyParts({ runs: 400, seed: 7 }).map((part) => [part.name, part]));

/** Random tensors are too short to show it. */
const needsLength = new Set(["long sums run in float32, one by one"]);

describe("random calls catch an engine in whose", () => {
  const shown = [...faults, ...unreachedFaults].filter(({ name }) => !needsLength.has(name));
  test.each(shown.map((fault) => [fault.op, fault.name, fault] as const))(
    "%s %s",
    { timeout: 120_000 },
    async (op, _name, fault) => {
      const engines = enginesOf(engineWith(fault.kernels));
      const catches = async (name: string): Promise<boolean> =>
        (await parts.get(`property/${name}`)!.run(engines, 4)).some(isFailure);
      expect((await catches(op)) || (await catches("graphs")) || (await catches("gradients"))).toBe(true);
    },
  );
});

test("a device that takes subnormal numbers for 0 passes where none are drawn, and only there", async () => {
  const isSubnormal = (x: number): boolean => x !== 0 && Math.abs(x) < 2 ** -126;
  const { kernels } = replace("log", "subnormal numbers are 0", (right) => (inputs, attributes, output) => {
    const flushed = inputs.map((x) =>
      x.spec.dtype === "float32" ? { ...x, handle: x.handle.map((v) => (isSubnormal(v) ? 0 : v)) } : x,
    );
    return right(flushed, attributes, output);
  });
  const flushing = enginesOf(engineWith(kernels));
  const failures = async (subnormals: boolean): Promise<number> => {
    const all = propertyParts({ runs: 400, seed: 7, subnormals });
    const results = await all.find(({ name }) => name === "property/log")!.run(flushing, 4);
    return results.filter(isFailure).length;
  };
  expect(await failures(true)).toBe(1);
  expect(await failures(false)).toBe(0);
});
