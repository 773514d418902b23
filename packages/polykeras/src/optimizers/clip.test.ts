import { describe, expect, test } from "vitest";
import { engine, engineNames } from "../fixtures/engines.ts";
import { K } from "../index.ts";
import { clipGradients } from "./clip.ts";

/** What Keras 2.15 makes of a gradient under each limit of 1. */
const table: readonly (readonly [of: number[], norm: number[], global: number[], value: number[]])[] = [
  [
    [3, 4],
    [0.6, 0.8],
    [0.6, 0.8],
    [1, 1],
  ],
  [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ],
  [
    [1e30, 1],
    [0, 0],
    [NaN, NaN],
    [1, 1],
  ],
  [
    [Infinity, 1],
    [NaN, 0],
    [NaN, NaN],
    [1, 1],
  ],
  [
    [NaN, 1],
    [NaN, NaN],
    [NaN, NaN],
    [NaN, 1],
  ],
];

describe.each(engineNames)("clipped gradients on %s", (name) => {
  test.each(table)("%j", async (of, norm, globalNorm, value) => {
    const gradient = K.placeholder({ shape: [2] });
    const limits = [{ clipnorm: 1 }, { globalClipnorm: 1 }, { clipvalue: 1 }];
    const outputs = limits.flatMap((limit) => clipGradients([gradient], limit));
    const run = K.function([gradient], outputs, { backend: await engine(name) });
    const got = (await run([of])).map(({ data }) => Array.from(data, (number) => Number(number.toFixed(6))));
    expect(got).toEqual([norm, globalNorm, value]);
  });
});
