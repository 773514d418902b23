import { type Elementwise, elementwise } from "./rule.ts";

// Each rounding as in the op's decomposition, without fused multiply-add: weights have the same bits either way. What is
// kept lets the copies of an unrolled body take turns.
const notFloat16 = "backend-cpu rounds after each op of float16";

export const meanSquare: Elementwise = elementwise({
  cost: 4,
  size: 4,
  notFloat16,
  float: (e, mean, x, decay, weight) => {
    const decayed = e.keep(e.mul(mean, decay));
    const square = e.keep(e.mul(x, x));
    return e.add(decayed, e.keep(e.mul(square, weight)));
  },
});
export const firstMoment: Elementwise = elementwise({
  cost: 3,
  size: 3,
  notFloat16,
  float: (e, mean, x, weight) => e.add(mean, e.mul(e.sub(x, mean), weight)),
});
export const secondMoment: Elementwise = elementwise({
  cost: 4,
  size: 4,
  notFloat16,
  float: (e, mean, x, weight) => e.add(mean, e.mul(e.sub(e.mul(x, x), mean), weight)),
});
export const rmspropStep: Elementwise = elementwise({
  cost: 7,
  size: 5,
  notFloat16,
  float: (e, w, g, rate, v, epsilon) => {
    const up = e.keep(e.mul(g, rate));
    const above = e.keep(e.add(v, epsilon));
    const root = e.keep(e.unary("sqrt", above));
    return e.sub(w, e.keep(e.div(up, root)));
  },
});
export const adamStep: Elementwise = elementwise({
  cost: 7,
  size: 5,
  notFloat16,
  float: (e, w, m, rate, v, epsilon) => e.sub(w, e.div(e.mul(m, rate), e.add(e.unary("sqrt", v), epsilon))),
});
