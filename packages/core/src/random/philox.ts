/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): counter-based, so that any
 * engine can make any word alone. One seed gives one stream everywhere.
 */
const rounds = 10;
const [multiplierA, multiplierB] = [0xd2511f53 | 0, 0xcd9e8d57 | 0];
const [weylA, weylB] = [0x9e3779b9 | 0, 0xbb67ae85 | 0];

/** The upper 32 bits of the unsigned product of two 32-bit integers, by integer arithmetic alone. */
function multiplyHigh(a: number, b: number): number {
  const ah = a >>> 16;
  const al = a & 0xffff;
  const bh = b >>> 16;
  const bl = b & 0xffff;
  const middle = (Math.imul(ah, bl) + (Math.imul(al, bl) >>> 16)) | 0;
  const cross = (Math.imul(al, bh) + (middle & 0xffff)) | 0;
  return (Math.imul(ah, bh) + (middle >>> 16) + (cross >>> 16)) | 0;
}

/**
 * `count` words of the stream that `state` selects: key (two words), then the call counter (two words).
 * Word 16g + 4w + l is word w of block 4g + l, whose counter is (4g + l, 0, call low, call high): four blocks
 * side by side fill four SIMD lanes without a transpose.
 */
export function philox(state: ArrayLike<number>, count: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(count / 16) * 16);
  const blocks = words.length >>> 2;
  for (let block = 0; block < blocks; block++) {
    const base = ((block >>> 2) << 4) + (block & 3);
    if (base >= count) continue;
    let c0 = block | 0;
    let c1 = 0;
    let c2 = state[2]! | 0;
    let c3 = state[3]! | 0;
    let k0 = state[0]! | 0;
    let k1 = state[1]! | 0;
    for (let round = 0; round < rounds; round++) {
      const high0 = multiplyHigh(multiplierA, c0);
      const high1 = multiplyHigh(multiplierB, c2);
      const low0 = Math.imul(multiplierA, c0);
      c0 = high1 ^ c1 ^ k0;
      c1 = Math.imul(multiplierB, c2);
      c2 = high0 ^ c3 ^ k1;
      c3 = low0;
      k0 = (k0 + weylA) | 0;
      k1 = (k1 + weylB) | 0;
    }
    words[base] = c0;
    words[base + 4] = c1;
    words[base + 8] = c2;
    words[base + 12] = c3;
  }
  return words.length === count ? words : words.slice(0, count);
}
