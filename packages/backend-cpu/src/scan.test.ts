import { type Backend, K, type NDArray, type Tensor, setRandomSeed, useBackend } from "@polykeras/core";
import { afterEach, describe, expect, test } from "vitest";
import { choicesOf } from "./choices.ts";
import { create, createForced } from "./engine.ts";
import { watchModules } from "./fixtures/modules.ts";
import { recorded } from "./fixtures/recorded.ts";
import { plan } from "./plan/plan.ts";
import { printPlan } from "./plan/print.ts";

const engine = create();

/** The engine without `scan`, which core drives then. */
const driven: Backend = {
  ...engine,
  supports: (step) => (step.op === "scan" ? "left to core" : (engine.supports?.(step) ?? true)),
};

afterEach(async () => {
  K.clearSession();
  await useBackend("cpu");
});

interface Sizes {
  readonly samples: number;
  readonly time: number;
  readonly features: number;
  readonly units: number;
}

/** An LSTM with dropout, its loss and a step of gradient descent; `results` are all that it computes. */
function lstmOf({ samples, time, features, units }: Sizes): {
  step: () => Promise<readonly NDArray[]>;
  weights: Tensor[];
} {
  setRandomSeed(7);
  const x = K.randomUniformVariable([samples, time, features], -1, 1);
  const kernel = K.randomUniformVariable([features, 4 * units], -0.5, 0.5);
  const recurrent = K.randomUniformVariable([units, 4 * units], -0.5, 0.5);
  const zeros = K.zeros([samples, units]);
  const [last, outputs] = K.rnn(
    (input, [h, c]) => {
      const gates = K.dot(K.dropout(input, 0.2), kernel).add(K.dot(h!, recurrent));
      const gate = (i: number): Tensor => K.slice(gates, [0, i * units], [samples, units]);
      const forget = K.sigmoid(gate(0)).multiply(c!);
      const cell = forget.add(K.sigmoid(gate(1)).multiply(K.tanh(gate(2))));
      const hidden = K.sigmoid(gate(3)).multiply(K.tanh(cell));
      return [hidden, [hidden, cell]];
    },
    x,
    [zeros, zeros],
  );
  const loss = K.mean(K.square(last)).add(K.mean(K.abs(outputs)));
  const weights = [kernel, recurrent];
  const updates = K.gradients(loss, weights).map((gradient, i) =>
    K.updateSub(weights[i]!, gradient!.multiply(0.1)),
  );
  const run = K.function([], [loss, last, outputs], { updates });
  return { step: () => run([]), weights };
}

async function trained(backend: Backend, sizes: Sizes): Promise<NDArray[]> {
  await useBackend(backend);
  const { step, weights } = lstmOf(sizes);
  const results: NDArray[] = [];
  for (let i = 0; i < 3; i++) results.push(...(await step()));
  for (const weight of weights) results.push(await K.getValue(weight));
  return results;
}

describe("scan", () => {
  test("is part of the program, forward and backward", async () => {
    const { backend, programs } = recorded(engine);
    await trained(backend, { samples: 2, time: 5, features: 3, units: 4 });
    const training = programs.filter(({ updates }) => updates.length > 0);
    expect(training).toHaveLength(1);
    const [program] = training;
    const text = printPlan(program!, plan(program!, choicesOf(true)));
    expect(text.match(/^scan of 5 steps/gm)).toHaveLength(2);
    // The gates of a step are one loop behind their product.
    expect(text).toMatch(/^ {2}loop .*\n(?: {4}r\d+ = .*\n)* {4}r\d+ = tanh/m);
  });

  test.each([
    { samples: 2, time: 5, features: 3, units: 4 },
    { samples: 8, time: 7, features: 16, units: 32 },
    { samples: 1, time: 1, features: 1, units: 1 },
    { samples: 3, time: 2, features: 5, units: 11 },
  ])(
    "gives the bits that it gives step by step: $samples x $time x $features, $units units",
    async (sizes) => {
      const [whole, parts] = [await trained(engine, sizes), await trained(driven, sizes)];
      for (const [i, { data, shape }] of parts.entries()) {
        expect(whole[i]!.shape).toEqual(shape);
        expect(whole[i]!.data).toEqual(data);
      }
    },
  );

  test("gives the same bits with threads", async () => {
    const sizes = { samples: 16, time: 4, features: 32, units: 64 };
    const threaded = create({ threads: 2, sharedFrom: 0 });
    try {
      const [alone, shared] = [await trained(engine, sizes), await trained(threaded, sizes)];
      for (const [i, { data }] of alone.entries()) expect(shared[i]!.data).toEqual(data);
    } finally {
      await useBackend("cpu");
      threaded.dispose();
    }
  });

  test("a fault in a step stops the loop, and the next run starts anew", async () => {
    await useBackend(engine);
    const indices = K.placeholder({ shape: [null, 4, 1], dtype: "int32" });
    const table = K.variable({ data: Float32Array.of(1, 2, 4, 8), shape: [4, 1] });
    const counted = K.variable(0);
    const [last] = K.rnn(
      (at, [sum]) => {
        const next = sum!.add(K.squeeze(K.gather(table, at), 1));
        return [next, [next]];
      },
      indices,
      [K.zeros([2, 1])],
    );
    const run = K.function([indices], [last], { updates: [K.updateAdd(counted, 1)] });
    const feed = (...data: number[]): { data: Int32Array; shape: number[] } => ({
      data: Int32Array.from(data),
      shape: [2, 4, 1],
    });
    const [before] = await run([feed(0, 1, 2, 3, 3, 3, 3, 3)]);
    expect([...before.data]).toEqual([15, 32]);
    await expect(run([feed(0, 1, 2, 3, 0, 7, 0, 0)])).rejects.toThrow(/7/);
    expect((await K.getValue(counted)).data[0]).toBe(1);
    const [after] = await run([feed(0, 0, 0, 0, 1, 1, 1, 1)]);
    expect([...after.data]).toEqual([4, 8]);
    expect((await K.getValue(counted)).data[0]).toBe(2);
  });

  test("growing sequences compile nothing", async () => {
    const { backend, programs } = recorded(createForced({ threads: 1 }, { note: () => undefined }));
    await useBackend(backend);
    const x = K.placeholder({ shape: [2, null, 8] });
    const [last] = K.rnn((input, [h]) => [K.tanh(input.add(h!)), [K.tanh(input.add(h!))]], x, [
      K.zeros([2, 8]),
    ]);
    const run = K.function([x], [last]);
    const { sizes, stop } = watchModules();
    try {
      for (const time of [3, 4, 9, 5])
        await run([{ data: new Float32Array(16 * time).fill(0.5), shape: [2, time, 8] }]);
    } finally {
      stop();
    }
    expect(programs).toHaveLength(4);
    expect(sizes).toHaveLength(1);
  });
});
