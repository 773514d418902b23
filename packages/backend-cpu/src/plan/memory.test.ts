import { K, type Tensor, byteLength, peakBytes, specOf, useBackend } from "@polykeras/core";
import { afterEach, expect, test } from "vitest";
import { choicesOf } from "../choices.ts";
import { emitModule } from "../emit/module.ts";
import { create } from "../engine.ts";
import { recorded } from "../fixtures/recorded.ts";
import { plan } from "./plan.ts";

const { backend, programs } = recorded(create());

afterEach(async () => {
  programs.length = 0;
  weights.length = 0;
  K.clearSession();
  await useBackend("cpu");
});

const weights: Tensor[] = [];
const input = (...shape: number[]): Tensor => K.randomNormalVariable(shape, 0, 1);
function weight(...shape: number[]): Tensor {
  const made = K.randomNormalVariable(shape, 0, 0.1);
  weights.push(made);
  return made;
}
const dense = (x: Tensor, units: number): Tensor =>
  K.biasAdd(K.dot(x, weight(x.shape.at(-1)!, units)), weight(units));
const conv = (x: Tensor, filters: number): Tensor =>
  K.biasAdd(K.conv2d(x, weight(3, 3, x.shape.at(-1)!, filters), { padding: "same" }), weight(filters));
const pool = (x: Tensor): Tensor => K.pool2d(x, [2, 2], { strides: [2, 2] });

const networks: Readonly<Record<string, () => Tensor>> = {
  "dense layers": () => {
    const hidden = K.relu(dense(input(256, 512), 1024));
    return dense(K.tanh(dense(hidden, 1024)), 10);
  },
  "a small convolutional network": () => {
    const first = pool(K.relu(conv(input(16, 28, 28, 1), 32)));
    const second = pool(K.relu(conv(first, 64)));
    return dense(K.relu(dense(K.batchFlatten(second), 128)), 10);
  },
  "twenty convolutions": () => {
    let x = input(4, 14, 14, 16);
    for (let i = 0; i < 20; i++) x = K.relu(conv(x, 16));
    return x;
  },
  "an attention block": () => {
    const x = input(4, 64, 64);
    const [query, key, value] = [dense(x, 64), dense(x, 64), dense(x, 64)];
    const scores = K.softmax(K.batchDot(query, key, { axes: [2, 2] }).multiply(0.125));
    return dense(K.relu(dense(x.add(K.batchDot(scores, value, { axes: [2, 1] })), 256)), 64);
  },
};

test.each(Object.entries(networks))(
  "a training step of %s takes at most 1.2 times the largest sum of what lives at once",
  async (_name, network) => {
    await useBackend(backend);
    const loss = K.mean(K.square(network()));
    const updates = K.gradients(loss, weights).map((gradient, i) =>
      K.updateSub(weights[i]!, gradient!.multiply(0.01)),
    );
    await K.function([], [loss], { updates })([]);
    const program = programs.find(({ updates: made }) => made.length > 0);
    const choices = choicesOf(true);
    const { arenaBytes } = emitModule(plan(program!, choices), { fma: true, choices });
    const live = peakBytes(program!, (id) =>
      program!.values[id]!.viewOf === undefined ? byteLength(specOf(program!, id)) : 0,
    );
    expect(live).toBeGreaterThan(100_000);
    expect(arenaBytes / live).toBeLessThanOrEqual(1.2);
  },
);
