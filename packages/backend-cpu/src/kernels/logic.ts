import { type Elementwise, elementwise } from "./rule.ts";

export const equal: Elementwise = elementwise({
  cost: 1,
  exact: true,
  float: (e, x, y) => e.compare("eq", x, y),
  int: (e, x, y) => e.op("i32x4.eq", x, y),
  bool: (e, x, y) => e.op("v128.not", e.xor(x, y)),
});
export const notEqual: Elementwise = elementwise({
  cost: 1,
  exact: true,
  float: (e, x, y) => e.compare("ne", x, y),
  int: (e, x, y) => e.op("i32x4.ne", x, y),
  bool: (e, x, y) => e.xor(x, y),
});
export const less: Elementwise = elementwise({
  cost: 1,
  exact: true,
  float: (e, x, y) => e.compare("lt", x, y),
  int: (e, x, y) => e.op("i32x4.lt_s", x, y),
});
export const lessEqual: Elementwise = elementwise({
  cost: 1,
  exact: true,
  float: (e, x, y) => e.compare("le", x, y),
  int: (e, x, y) => e.op("i32x4.le_s", x, y),
});
export const logicalAnd: Elementwise = elementwise({ cost: 1, exact: true, bool: (e, x, y) => e.and(x, y) });
export const logicalOr: Elementwise = elementwise({ cost: 1, exact: true, bool: (e, x, y) => e.or(x, y) });
export const logicalNot: Elementwise = elementwise({
  cost: 1,
  exact: true,
  bool: (e, x) => e.op("v128.not", x),
});

/** Selects bits, so that nothing of the branch not taken can leak. */
export const where: Elementwise = elementwise({
  cost: 1,
  exact: true,
  float: (e, mask, x, y) => e.select(mask, x, y),
  int: (e, mask, x, y) => e.select(mask, x, y),
  bool: (e, mask, x, y) => e.select(mask, x, y),
});

export const copy: Elementwise = elementwise({
  cost: 0,
  exact: true,
  float: (_e, x) => x,
  int: (_e, x) => x,
  bool: (_e, x) => x,
});
