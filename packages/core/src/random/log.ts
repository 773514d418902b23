const view = new DataView(new ArrayBuffer(8));

/**
 * The natural logarithm of a positive, normal number by additions, multiplications and divisions alone (the
 * algorithm of FreeBSD's e_log.c), so that every JavaScript engine gives the same bits; Math.log may differ.
 */
export function log(x: number): number {
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  const mantissa = high & 0xfffff;
  const carry = (mantissa + 0x95f64) & 0x100000;
  exponent += carry >>> 20;
  view.setUint32(0, mantissa | (carry ^ 0x3ff00000));
  const f = view.getFloat64(0) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332));
  const odd =
    z *
    (0.666666666666673513 +
      w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591)));
  const half = 0.5 * f * f;
  return (
    exponent * 0.6931471803691238165 -
    (half - (s * (half + even + odd) + exponent * 1.9082149292705877e-10) - f)
  );
}
