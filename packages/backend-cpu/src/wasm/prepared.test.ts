import { expect, test } from "vitest";
import { createForced } from "../engine.ts";
import { ProgramBuilder, runOnce, sample } from "../fixtures/program.ts";
import { BodyCache } from "./module.ts";
import { findPrepared, preparedText } from "./prepared.ts";

const builder = new ProgramBuilder();
const [x, b] = [builder.input([8, 12]), builder.input([12])];
const program = builder.program([builder.op("tanh", [builder.op("add", [x, b])])]);
const data = [sample("float32", 96, 1), sample("float32", 12, 2)];

test("code that is prepared is not emitted, and computes the same", async () => {
  const cache = new BodyCache();
  const wanted = await runOnce(createForced({ threads: 1 }, { cache }), program, data);
  expect(cache.emitted.size).toBeGreaterThan(0);

  const again = new BodyCache({ choices: "", bodies: preparedText(cache.emitted) });
  const got = await runOnce(createForced({ threads: 1 }, { cache: again }), program, data);
  expect(again.emitted.size).toBe(0);
  expect(got).toEqual(wanted);
});

test("what is not prepared is emitted", async () => {
  const cache = new BodyCache({ choices: "", bodies: "" });
  await runOnce(createForced({ threads: 1 }, { cache }), program, data);
  expect(cache.emitted.size).toBeGreaterThan(0);
});

test("bodies are found by their whole keys, and have their bytes", () => {
  const bodies = new Map([
    ["a", Uint8Array.of(0, 255, 128)],
    ["ab", Uint8Array.of()],
    ["b", Uint8Array.of(7)],
  ]);
  const prepared = { choices: "", bodies: preparedText(bodies) };
  for (const [key, body] of bodies) expect(findPrepared(prepared, key)).toEqual(body);
  for (const key of ["", "aba", "A"]) expect(findPrepared(prepared, key)).toBeUndefined();
});
