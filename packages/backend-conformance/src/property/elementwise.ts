import { type DType, dtypes, isFloat } from "@polykeras/core";
import * as fc from "fast-check";
import { type Rule, type Rules, elementwise, exact, ulps } from "./rule.ts";
import { type Draw, anyDTypes, broadcasting, floatDTypes, numberDTypes, shapes, tensors } from "./tensors.ts";

const float = (count: number, draw: "wild" | "calm" | "positive" = "wild"): Rule =>
  elementwise(1, ulps(count), floatDTypes, draw);

const logical = (count: number): Rule => elementwise(count, exact, fc.constant("bool"));

/** Into integers but int32, what does not fit has no meaning that engines share; whole small numbers fit all. */
function drawFor(from: DType, to: DType): Draw {
  const fitsAll = isFloat(from) && !isFloat(to) && to !== "bool" && to !== "int32";
  return fitsAll ? "whole" : "wild";
}

/** Exact where the operands are small whole numbers, or special ones. */
const quotients: Rule = {
  tolerance: exact,
  given: fc.oneof(
    elementwise(2, exact, fc.constantFrom<DType>("float32", "int32", "uint8"), "whole").given,
    elementwise(2, exact, floatDTypes, "few").given,
  ),
};

const integers = elementwise(2, exact, fc.constant("int32"));
/** Floats by positive floats, integers by whatever, pairs of special values. */
const powers: Rule = {
  tolerance: ulps(4),
  given: fc.oneof(
    elementwise(2, exact, floatDTypes, "positive").given,
    elementwise(2, exact, floatDTypes, "few").given,
    integers.given,
  ),
};

/** Moving means: exact on small whole numbers and special values, where no difference cancels what was rounded. */
const moving = (count: number): Rule => ({
  tolerance: exact,
  given: fc.oneof(
    elementwise(count, exact, floatDTypes, "whole").given,
    elementwise(count, exact, floatDTypes, "few").given,
  ),
});

export const elementwiseRules: Rules = {
  negative: elementwise(1, exact),
  abs: elementwise(1, exact),
  sign: elementwise(1, exact),
  floor: elementwise(1, exact, floatDTypes),
  round: elementwise(1, exact),
  exp: float(4),
  expm1: float(4),
  log: float(4),
  log1p: float(4),
  sqrt: float(1),
  // Beyond 1e5 engines reduce the argument differently: see docs/differences.md.
  sin: float(4, "calm"),
  cos: float(4, "calm"),
  tanh: float(4),
  erf: float(4),

  add: elementwise(2, ulps(1)),
  subtract: elementwise(2, ulps(1)),
  multiply: elementwise(2, ulps(1)),
  divide: elementwise(2, ulps(2), floatDTypes),
  floorDivide: quotients,
  mod: quotients,
  power: powers,
  maximum: elementwise(2, exact),
  minimum: elementwise(2, exact),
  equal: elementwise(2, exact, anyDTypes, "few"),
  less: elementwise(2, exact, numberDTypes, "few"),
  lessEqual: elementwise(2, exact, numberDTypes, "few"),
  where: {
    tolerance: exact,
    given: fc
      .tuple(broadcasting(3), anyDTypes)
      .chain(([[c, x, y], dtype]) =>
        fc
          .tuple(tensors(c!, "bool"), tensors(x!, dtype), tensors(y!, dtype))
          .map((inputs) => ({ inputs, attributes: {} })),
      ),
  },
  cast: {
    tolerance: exact,
    given: fc
      .tuple(fc.constantFrom(...dtypes), fc.constantFrom(...dtypes), shapes(0, 3))
      .chain(([from, dtype, shape]) =>
        tensors(shape, from, drawFor(from, dtype)).map((x) => ({ inputs: [x], attributes: { dtype } })),
      ),
  },
  copy: elementwise(1, exact, anyDTypes),

  notEqual: elementwise(2, exact, anyDTypes, "few"),
  logicalNot: logical(1),
  logicalAnd: logical(2),
  logicalOr: logical(2),
  meanSquare: moving(4),
  firstMoment: moving(3),
  secondMoment: moving(3),
  rmspropStep: elementwise(5, ulps(4), floatDTypes, "few"),
  adamStep: elementwise(5, ulps(4), floatDTypes, "few"),
};
