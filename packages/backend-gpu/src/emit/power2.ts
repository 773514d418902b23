/** A function in the language of kernels, as gpu.js takes it. */
export interface KernelFunction {
  readonly name: string;
  readonly source: string;
  readonly argumentTypes: readonly string[];
  readonly returnType: string;
}

/** 2^k, for a whole k from -126 to 127, of products that are exact; powers themselves are not on GPUs. */
const power2: KernelFunction = {
  name: "power2",
  source: `function power2(k) {
  let r = 1;
  let a = Math.abs(k);
${[64, 32, 16, 8, 4, 2, 1]
  .map((of) => `  if (a>=${of}) { r = r*((k<0)?${2 ** -of}:${2 ** of}); a = a-${of}; }`)
  .join("\n")}
  return r;
}`,
  argumentTypes: ["Number"],
  returnType: "Number",
};

/** What gpu.js makes of it, up to its result, and the bits of a float, for which gpu.js has no word. */
const written = {
  wgsl: /fn fn_power2\(user_k : f32\) -> f32 \{[^]*?return user_r;\s*\}/,
  glsl: /float power2\(float user_k\) \{[^]*?return user_r;\s*\}/,
};
const bits = {
  wgsl: "fn fn_power2(k : f32) -> f32 { return bitcast<f32>((i32(k) + 127) << 23u); }",
  glsl: "float power2(float k) { return intBitsToFloat((int(k) + 127) << 23); }",
};

/** The functions that a kernel's source calls and gpu.js has to know. */
export function functionsOf(source: string): readonly KernelFunction[] {
  return source.includes("power2(") ? [power2] : [];
}

/** The code of a kernel with powers of two from their bits; null if gpu.js has written it in another way. */
export function withBits(code: string, source: string, language: "wgsl" | "glsl"): string | null {
  if (functionsOf(source).length === 0) return code;
  return written[language].test(code) ? code.replace(written[language], bits[language]) : null;
}
