const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

/** Rounds to the nearest IEEE half-precision value, ties to even; overflow gives an infinity. */
export function roundToHalf(value: number): number {
  f32[0] = value;
  const single = f32[0];
  const magnitude = Math.abs(single);
  if (!(magnitude < 65520)) return Number.isNaN(single) ? Number.NaN : Math.sign(single) * Infinity;
  // Rounding through float32 first would round twice: keep the error of that step as a sticky bit.
  if (magnitude !== Math.abs(value)) {
    const low = u32[0]! & 1;
    if (low === 0) u32[0] = Math.abs(value) > magnitude ? u32[0]! + 1 : u32[0]! - 1;
  }
  const sticky = f32[0];
  // Adding and taking away 2^k with k = exponent + 13 leaves 11 significant bits; below 2^-14 the step is 2^-24.
  const exponent = magnitude < 2 ** -14 ? -14 : ((u32[0]! >>> 23) & 255) - 127;
  const step = 2 ** (exponent - 10);
  const scaled = sticky / step;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  const result = rounded * step;
  return result === 0 && (value < 0 || Object.is(value, -0)) ? -0 : result;
}
