import type { Case, Workload } from "./case.ts";
import { GraphBuilder, type Value, take } from "./graph.ts";

const count = 10_000_000;

/** Arrays that are read, and one that is written, each once: what a chain costs at least. */
function chain(
  name: string,
  arrays: number,
  body: (build: GraphBuilder, inputs: readonly Value[]) => Value,
): Case {
  const build = new GraphBuilder();
  body(
    build,
    Array.from({ length: arrays }, () => build.input([count])),
  );
  const work = { of: "copy", amount: 4 * count * (arrays + 1) } as const;
  return { name, graph: build.graph(), task: { kind: "value" }, work };
}

export const elementwise: Workload = {
  name: "elementwise",
  title: "Element-wise chains",
  description:
    "10,000,000 elements. The limit is copying as many bytes as the chain has to read and write, each array once, with " +
    "as many threads.",
  cases: [
    chain("relu(2 x + 1)", 1, (build, inputs) => {
      const scaled = build.op("multiplyNumber", inputs, { value: 2 });
      return build.op("relu", [build.op("addNumber", [scaled], { value: 1 })], {});
    }),
    chain("x y + x", 2, (build, inputs) =>
      build.op("add", [build.op("multiply", inputs, {}), take(inputs, 0)], {}),
    ),
    chain("eight ops", 1, (build, inputs) => {
      const x = take(inputs, 0);
      return [0.25, 0.5, 0.75, 1].reduce(
        (value, add) => build.op("addNumber", [build.op("multiply", [value, x], {})], { value: add }),
        x,
      );
    }),
  ],
};
