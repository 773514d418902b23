import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { engine, engineNames } from "../fixtures/engines.ts";
import { hashed } from "../fixtures/hashed.ts";
import { Add, Dense, Flatten, Input, K, Lambda, Layer, Model, type Tensor, optimizers } from "../index.ts";
import type { LayerOptions } from "../layers/layer.ts";
import type { ModelLayer } from "../models/model.ts";
import type { Optimizer, OptimizerOptions } from "./index.ts";

interface Step {
  readonly loss: number;
  readonly table: readonly number[];
}
const file = new URL("../fixtures/embedding.json", import.meta.url);
const keras: { readonly results: Readonly<Record<string, readonly Step[]>> } = JSON.parse(
  readFileSync(file, "utf8"),
);

// What oracle/embedding.py trains.
const [rows, width, batch, length, steps] = [9, 2, 3, 2, 4];
const salts = { distinct: 20, repeated: 40 } as const;
const kinds = ["distinct", "repeated"] as const;
const forms = ["once", "twice", "regularized"] as const;
type Kind = (typeof kinds)[number];
type Form = (typeof forms)[number];

class Table extends Layer {
  readonly table: Tensor;

  constructor(options: LayerOptions & { readonly regularizer?: "l2" }) {
    super(options);
    this.table = this.addWeight("embeddings", [rows, width], options);
  }
  override call(at: Tensor): Tensor {
    return K.gather(this.table, at);
  }
}

/** All different, or drawn from half of the rows, so that some repeat. */
function indices(kind: Kind, step: number): { data: Int32Array; shape: number[] } {
  const drawn = hashed(rows, salts[kind] + step);
  const order = Int32Array.from(drawn.keys()).toSorted((a, b) => drawn[a]! - drawn[b]!);
  const data = kind === "distinct" ? order : Int32Array.from(drawn, (value) => Math.floor(value * 4));
  return { data: data.slice(0, batch * length), shape: [batch, length] };
}

function modelOf(form: Form): ModelLayer {
  const table = new Table(form === "regularized" ? { regularizer: "l2" } : {});
  const at = Input({ shape: [length], dtype: "int32" });
  let looked = Flatten()(table(at));
  if (form === "twice") {
    const next = Lambda((of: Tensor) => of.add(1).mod(rows))(at);
    looked = Add()([looked, Flatten()(table(next))]);
  }
  return Model(at, Dense(1)(looked));
}

async function train(form: Form, kind: Kind, optimizer: Optimizer, backend: object): Promise<Step[]> {
  const model = modelOf(form);
  await model.setWeights(
    model.weights.map(({ shape }, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return { data: hashed(size, 100 + i).map((value) => (value - 0.5) * (i === 0 ? 4 : 1)), shape };
    }),
  );
  model.compile({ optimizer, loss: "mse", backend });
  const taken: Step[] = [];
  for (let step = 0; step < steps; step++) {
    const target = { data: hashed(batch, 60 + step), shape: [batch, 1] };
    const loss = await model.trainOnBatch<number>(indices(kind, step), target);
    taken.push({ loss, table: [...(await model.getWeights())[0]!.data] });
  }
  model.dispose();
  return taken;
}

function near(taken: readonly Step[], name: string, tolerance: number): void {
  const want = keras.results[name]!;
  expect(want).toHaveLength(steps);
  for (const [step, { loss, table }] of taken.entries()) {
    const off = Math.max(...table.map((value, i) => Math.abs(value - want[step]!.table[i]!)));
    expect({ step, off }).toSatisfy((of: { off: number }) => of.off < tolerance);
    const distance = Math.abs(loss - want[step]!.loss);
    expect({ step, distance }).toSatisfy((of: { distance: number }) => of.distance < tolerance);
  }
}

const { SGD, Adam, RMSprop } = optimizers;
const made: Readonly<Record<string, (clip: OptimizerOptions) => Optimizer>> = {
  sgd: (clip) => SGD({ learningRate: 0.2, ...clip }),
  sgd_momentum: (clip) => SGD({ learningRate: 0.2, momentum: 0.9, ...clip }),
  adam: (clip) => Adam({ learningRate: 0.05, ...clip }),
  rmsprop: (clip) => RMSprop({ learningRate: 0.05, ...clip }),
};
const clips: Readonly<Record<string, OptimizerOptions>> = {
  "": {},
  _clipnorm: { clipnorm: 0.7 },
  _clipvalue: { clipvalue: 0.1 },
  _global_clipnorm: { globalClipnorm: 0.7 },
};

describe.each(engineNames)("the table of an embedding, step by step as in Keras 2.15, on %s", (name) => {
  for (const [suffix, clip] of Object.entries(clips)) {
    for (const [optimizer, make] of Object.entries(made))
      test.each(kinds)(`${optimizer}${suffix}, indices %s`, async (kind) => {
        const taken = await train("once", kind, make(clip), await engine(name));
        near(taken, `${optimizer}${suffix}_${kind}`, 1e-5);
      });
    test.each(["twice", "regularized"] as const)(`%s, sgd${suffix}`, async (form) => {
      const taken = await train(form, "repeated", made["sgd"]!(clip), await engine(name));
      near(taken, `${form}${suffix}`, 1e-5);
    });
  }
});
