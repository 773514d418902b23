import { exponential } from "./exponential.ts";
import { type Elementwise, elementwise } from "./rule.ts";

/** Near 0 an odd polynomial, far 1 - e^P(|x|); the coefficients are N. Juffa's for float32 (below 1 ulp with FMA). */
export const erf: Elementwise = elementwise({
  cost: 45,
  notFloat64: "erf runs in float32 and float16 here",
  float: (e, x) => {
    const t = e.keep(e.unary("abs", x));
    const square = e.keep(e.mul(x, x));
    const far = e.keep(
      e.polynomial(
        t,
        [
          -1.7285347e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1, -6.34846687e-1,
          -1.28717512e-1,
        ],
      ),
    );
    const exponent = e.keep(e.sub(e.mul(far, t), t));
    const outer = e.keep(e.sub(e.number(1), exponential(e, exponent)));
    const near = e.mad(
      e.polynomial(
        square,
        [-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1],
      ),
      x,
      x,
    );
    const inner = e.compare("le", t, e.number(0.927734375));
    const value = e.keep(e.select(inner, near, outer));
    const limited = e.keep(e.select(e.compare("gt", t, e.number(4)), e.number(1), value));
    return e.copysign(limited, x);
  },
});
