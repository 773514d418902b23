const scratch = new DataView(new ArrayBuffer(8));

/**
 * Encodings of the WebAssembly binary format, appended to plain arrays of bytes: what one function needs is
 * small, and `push` is the fastest way there is in code that has not been optimised yet.
 */
export function unsigned(out: number[], value: number): void {
  let rest = value >>> 0;
  while (rest > 127) {
    out.push((rest & 127) | 128);
    rest >>>= 7;
  }
  out.push(rest);
}

/** Signed LEB128 of 32 bits. */
export function signed(out: number[], value: number): void {
  let rest = value | 0;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) {
      out.push(low);
      return;
    }
    out.push(low | 128);
  }
}

/** Signed LEB128 of 64 bits. */
export function signed64(out: number[], value: bigint): void {
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && (low & 64) === 0) || (rest === -1n && (low & 64) !== 0)) {
      out.push(low);
      return;
    }
    out.push(low | 128);
  }
}

export function int32(out: number[], value: number): void {
  out.push(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255);
}

export function float32(out: number[], value: number): void {
  scratch.setFloat32(0, value, true);
  int32(out, scratch.getInt32(0, true));
}

export function float64(out: number[], value: number): void {
  scratch.setFloat64(0, value, true);
  int32(out, scratch.getInt32(0, true));
  int32(out, scratch.getInt32(4, true));
}

/** An ASCII name with its length. */
export function name(out: number[], text: string): void {
  unsigned(out, text.length);
  for (let i = 0; i < text.length; i++) out.push(text.charCodeAt(i));
}

export type Shape = "f32x4" | "i32x4" | "f64x2";

/** v128.const with one value in every lane. */
export function splat(out: number[], shape: Shape, value: number): void {
  out.push(0xfd, 0x0c);
  if (shape === "f64x2") for (let i = 0; i < 2; i++) float64(out, value);
  else if (shape === "f32x4") for (let i = 0; i < 4; i++) float32(out, value);
  else for (let i = 0; i < 4; i++) int32(out, value);
}
