import { readFileSync } from "node:fs";
import { K, printProgram } from "@polykeras/core";
import { expect, test } from "vitest";
import { restricted } from "./runtime/fixtures/restricted.ts";

test("docs/tour.md shows the program that its example becomes", async () => {
  const engine = restricted("tour", ({ op }) => (op === "elu" ? "no kernel" : null));
  const x = K.placeholder({ shape: [null, 2], name: "x" });
  const f = K.function([x], K.elu(x, { alpha: 0.5 }), { backend: engine });
  const y = (await f([[[-1, 2]]])).data;
  expect(y[0]).toBeCloseTo(0.5 * Math.expm1(-1), 6);
  expect(y[1]).toBe(2);
  const tour = readFileSync(new URL("../../../docs/tour.md", import.meta.url), "utf8");
  const shown = /```text\n([\s\S]*?)\n\s*```/.exec(tour)?.[1]?.replaceAll(/^ {3}/gm, "");
  expect(printProgram(engine.programs[0]!)).toBe(shown);
});
