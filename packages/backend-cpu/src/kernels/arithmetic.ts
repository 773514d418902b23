import { power } from "./power.ts";
import { floorDivideInt, modFloat, modInt } from "./division.ts";
import { type Elementwise, elementwise } from "./rule.ts";

const opposite = { nonNegative: "nonPositive", nonPositive: "nonNegative", any: "any" } as const;

export const negative: Elementwise = elementwise({
  cost: 1,
  float: (e, x) => e.negate(x),
  sign: ({ sign }) => opposite[sign(0)],
  int: (e, x) => e.op("i32x4.neg", x),
});
export const add: Elementwise = elementwise({
  cost: 1,
  float: (e, x, y) => e.add(x, y),
  int: (e, x, y) => e.int("add", x, y),
});
export const subtract: Elementwise = elementwise({
  cost: 1,
  float: (e, x, y) => e.sub(x, y),
  sign: ({ isAtMost }) => (isAtMost(0, 1) ? "nonPositive" : "any"),
  int: (e, x, y) => e.int("sub", x, y),
});
export const multiply: Elementwise = elementwise({
  cost: 1,
  float: (e, x, y) => e.mul(x, y),
  int: (e, x, y) => e.int("mul", x, y),
});
export const divide: Elementwise = elementwise({ cost: 2, float: (e, x, y) => e.div(x, y) });
export const floorDivide: Elementwise = elementwise({
  cost: 3,
  float: (e, x, y) => e.unary("floor", e.div(x, y)),
  int: floorDivideInt,
});
export const mod: Elementwise = elementwise({
  cost: 40,
  float: modFloat,
  int: modInt,
});
/** f32x4.max and min give NaN where one is NaN, unlike pmax and pmin. */
export const maximum: Elementwise = elementwise({
  cost: 2,
  exact: true,
  float: (e, x, y) => e.float("max", x, y),
  sign: ({ sign }) => ([sign(0), sign(1)].includes("nonNegative") ? "nonNegative" : "any"),
  int: (e, x, y) => e.int("max_s", x, y),
});
export const minimum: Elementwise = elementwise({
  cost: 2,
  exact: true,
  float: (e, x, y) => e.float("min", x, y),
  sign: ({ sign }) => ([sign(0), sign(1)].includes("nonPositive") ? "nonPositive" : "any"),
  int: (e, x, y) => e.int("min_s", x, y),
});
export const abs: Elementwise = elementwise({
  cost: 1,
  exact: true,
  float: (e, x) => e.unary("abs", x),
  sign: () => "nonNegative",
  int: (e, x) => e.op("i32x4.abs", x),
});
export const sign: Elementwise = elementwise({
  cost: 5,
  exact: true,
  float: (e, x) => {
    const positive = e.and(e.compare("gt", x, e.number(0)), e.number(1));
    const negatives = e.and(e.compare("lt", x, e.number(0)), e.number(-1));
    return e.select(e.compare("ne", x, x), x, e.or(positive, negatives));
  },
  int: (e, x) => e.int("min_s", e.int("max_s", x, e.integer(-1)), e.integer(1)),
});
export const floor: Elementwise = elementwise({ cost: 1, exact: true, float: (e, x) => e.unary("floor", x) });
export const round: Elementwise = elementwise({
  cost: 1,
  exact: true,
  float: (e, x) => e.unary("nearest", x),
  int: (_e, x) => x,
});
export const sqrt: Elementwise = elementwise({ cost: 2, float: (e, x) => e.unary("sqrt", x) });

/** x < 0 ? 0 : x, so that NaN stays. */
export const relu: Elementwise = elementwise({
  cost: 1,
  exact: true,
  float: (e, x) => e.float("pmax", x, e.number(0)),
  sign: () => "nonNegative",
  int: (e, x) => e.int("max_s", x, e.integer(0)),
});

export { power };
