import { isNaN, largest, literal } from "./literal.ts";
import type { Writer } from "./writer.ts";

/** Exponentials and logarithms from sums and products alone: what GPUs have of them is many ulp off. */

/** A polynomial, highest power first. */
export function horner(coefficients: readonly number[], x: string): string {
  return coefficients.slice(1).reduce((sum, k) => `(${sum}*${x}+${literal(k)})`, literal(coefficients[0]!));
}

/** (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2, and (ln(1 + f) - f + f^2 / 2) / f^3 for f in [-0.3, 0.42] (Cephes). */
const expTail = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5];
const logTail = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
];

/** ln 2, of which the first part times a small whole number is exact. */
const [ln2High, ln2Low] = [0.693359375, -2.1219444e-4];

/** The name of `value` times 2^k, for a whole k from -128 to 128, by two factors that are normal numbers. */
export function scaled(writer: Writer, value: string, k: string): string {
  const half = writer.constant(`Math.floor(${k}*0.5)`);
  return writer.variable(`${value}*power2(${half})*power2(${k}-${half})`);
}

/** The names of m and e with x = m 2^e and 1 <= m < 2, for finite x above 0. */
export function parts(writer: Writer, x: string): readonly [m: string, e: string] {
  const [m, e] = [writer.variable(x), writer.variable("0")];
  for (const step of [126, 24])
    writer.line(
      `if (${m}<1) { ${m} = ${m}*${literal(2 ** (step / 2))}*${literal(2 ** (step / 2))}; ${e} = ${e}-${step}; }`,
    );
  for (const step of [64, 32, 16, 8, 4, 2, 1])
    writer.line(
      `if (${m}>=${literal(2 ** step)}) { ${m} = ${m}*${literal(2 ** -step)}; ${e} = ${e}+${step}; }`,
    );
  return [m, e];
}

function clamped(writer: Writer, x: string, low: number, high: number): string {
  const result = writer.variable(x);
  writer.replace(result, `${x}>${high}`, String(high));
  writer.replace(result, `${x}<(${low})`, `(${low})`);
  return result;
}

/** x = k ln 2 + r: the names of k and r. */
function reduced(writer: Writer, x: string): readonly [k: string, r: string] {
  const k = writer.constant(`Math.floor(${x}*1.44269504+0.5)`);
  return [k, writer.constant(`(${x}-${k}*${ln2High})-${k}*${literal(ln2Low)}`)];
}

/** The names of k and of e^r, with e^x = 2^k e^r. */
function split(writer: Writer, x: string): readonly [k: string, near: string] {
  const [k, r] = reduced(writer, x);
  return [k, writer.constant(`${horner(expTail, r)}*${r}*${r}+${r}+1`)];
}

/** e^x; 0 where it is below the smallest normal number. */
export function exp(writer: Writer, x: string): string {
  const [k, near] = split(writer, clamped(writer, x, -88, 89));
  const result = scaled(writer, near, k);
  writer.replace(result, `${x}<(-87.3365447)`, "0");
  return result;
}

/** e^x - 1, from the same of the reduced argument: 2^k (e^r - 1) + (2^k - 1), halved where 2^k may overflow. */
export function expm1(writer: Writer, x: string): string {
  const [k, r] = reduced(writer, clamped(writer, x, -20, 89));
  const near = writer.constant(`${horner(expTail, r)}*${r}*${r}+${r}`);
  const half = scaled(writer, "0.5", k);
  const result = writer.variable(`2*(${half}*${near}+(${half}-0.5))`);
  writer.replace(result, `${k}==0`, near);
  return result;
}

/** e ln 2 + ln(1 + f). */
function logOf(writer: Writer, f: string, e: string): string {
  const square = writer.constant(`${f}*${f}`);
  const tail = writer.constant(`${square}*${f}*${horner(logTail, f)}+${e}*${literal(ln2Low)}-0.5*${square}`);
  return writer.constant(`(${f}+${tail})+${e}*${ln2High}`);
}

/** The names of f and e with x = (1 + f) 2^e and f from -0.3 to 0.42. */
function around1(writer: Writer, x: string): readonly [f: string, e: string] {
  const [m, e] = parts(writer, x);
  writer.line(`if (${m}>1.41421356) { ${m} = ${m}*0.5; ${e} = ${e}+1; }`);
  return [writer.constant(`${m}-1`), e];
}

/** `result` with what holds of logarithms at 0, below and at infinity, where the argument is x + `shift`. */
function atEnds(writer: Writer, result: string, x: string, zero: number): string {
  const whole = writer.variable(result);
  writer.replace(whole, `${x}<(${zero})`, writer.literal(Number.NaN));
  writer.replace(whole, `${x}==(${zero})`, writer.literal(-Infinity));
  writer.replace(whole, `${x}>${largest}`, x);
  writer.replace(whole, isNaN(x), x);
  return whole;
}

export function log(writer: Writer, x: string): string {
  const [f, e] = around1(writer, x);
  return atEnds(writer, logOf(writer, f, e), x, 0);
}

/** ln(1 + x), of x itself where it is small; elsewhere of the rounded sum, corrected by what rounding took away. */
export function log1p(writer: Writer, x: string): string {
  const sum = writer.constant(`1+${x}`);
  const [far, e] = around1(writer, sum);
  const f = writer.variable(far);
  const lost = writer.variable("0");
  writer.line(`if (${x}<16777216) { ${lost} = (${x}-(${sum}-1))/${sum}; }`);
  writer.line(`if (${x}>(-0.29)&&${x}<0.41) { ${f} = ${x}; ${e} = 0; ${lost} = 0; }`);
  return atEnds(writer, writer.constant(`${logOf(writer, f, e)}+${lost}`), x, -1);
}

const tanhTail = [
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
];

export function tanh(writer: Writer, x: string): string {
  const size = writer.constant(`Math.abs(${x})`);
  const square = writer.constant(`${x}*${x}`);
  const near = writer.constant(`${x}+${x}*${square}*${horner(tanhTail, square)}`);
  const doubled = writer.variable(`2*${size}`);
  writer.replace(doubled, `${doubled}>20`, "20");
  const [k, growth] = split(writer, doubled);
  const far = writer.constant(`1-2/(${growth}*power2(${k})+1)`);
  const result = writer.variable(`(${x}<0)?(-${far}):${far}`);
  writer.replace(result, `${size}<0.625`, near);
  writer.replace(result, isNaN(x), x);
  return result;
}
