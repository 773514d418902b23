import { K, type Program, type Tensor, constantsKey, numberKey, structureKey } from "@polykeras/core";
import { expect, test } from "vitest";
import { restricted } from "../runtime/fixtures/restricted.ts";

async function programOf(name: string, make: (x: Tensor) => Tensor): Promise<Program> {
  const engine = restricted("plain", () => null);
  const x = K.placeholder({ shape: [2], name });
  await K.function([x], make(x), { backend: engine })([[1, 2]]);
  return engine.programs[0]!;
}

const values = (program: Program): string => constantsKey(program, (data) => numberKey(data[0]!));

test("programs that differ in names have one key, those that differ in a constant another text of constants", async () => {
  const plain = await programOf("a", (x) => x.add(2));
  expect(structureKey(await programOf("b", (x) => x.add(2)))).toBe(structureKey(plain));
  const other = await programOf("a", (x) => x.add(3));
  expect(structureKey(other)).toBe(structureKey(plain));
  expect(values(other)).not.toBe(values(plain));
  const [zero, negative] = await Promise.all(
    [0, -0].map((value) => programOf("a", (x) => x.subtract(x).multiply(value))),
  );
  expect(values(zero!)).not.toBe(values(negative!));
});

test("ops, operands, attributes, shapes and bodies count", async () => {
  const made = await Promise.all([
    programOf("a", (x) => x.add(2)),
    programOf("a", (x) => x.multiply(2)),
    programOf("a", (x) => K.constant(2).subtract(x)),
    programOf("a", (x) => x.subtract(2)),
    programOf("a", (x) => K.sum(x, { axis: 0 })),
    programOf("a", (x) => K.sum(K.reshape(x, [1, 2]), { axis: 1 })),
  ]);
  const around = (body: Program): Program => ({
    ...made[0],
    steps: made[0].steps.map((step) => ({ ...step, bodies: [body] })),
  });
  const programs = [...made, around(made[0]), around(made[1])];
  expect(new Set(programs.map(structureKey)).size).toBe(programs.length);
  const other = around(await programOf("b", (x) => x.add(3)));
  expect(structureKey(other)).toBe(structureKey(programs[6]!));
  expect(values(other)).not.toBe(values(programs[6]!));
});
