import { ModuleBuilder } from "./module.ts";

/** Which optional instruction sets this engine accepts. */
export interface Features {
  /** Relaxed SIMD: fused multiply-add. V8 12+ (Node 22+, Chromium); without it a module that uses it is rejected whole. */
  readonly fma: boolean;
  readonly simd: boolean;
}

let probed: Features | null = null;

/** Validates two tiny modules, once. */
export function probe(): Features {
  probed ??= { simd: accepts("f32x4.add"), fma: accepts("f32x4.relaxed_madd") };
  return probed;
}

function accepts(name: "f32x4.add" | "f32x4.relaxed_madd"): boolean {
  const module = new ModuleBuilder();
  const code = module.function(["v128"], ["v128"], (body) => {
    body.get(0).get(0);
    if (name === "f32x4.relaxed_madd") body.get(0);
    body.op(name);
  });
  module.export("probe", code);
  return WebAssembly.validate(module.finish());
}

let fused: boolean | null = null;

/**
 * Whether a fused multiply-add rounds once here: what accepts the instruction may still round twice, on processors
 * without it. Runs a tiny module, once.
 */
export function roundsOnce(): boolean {
  fused ??= probe().fma && restOfSquare() !== 0;
  return fused;
}

/**
 * A module without a memory, whose function `r` gives (1 + 2^-12)^2 - (1 + 2^-11) in float32: 2^-24, or 0 if the
 * product was rounded. By section: types, functions, exports, code.
 */
const squareRest = [
  [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  [1, 5, 1, 0x60, 0, 1, 0x7d],
  [3, 2, 1, 0],
  [7, 5, 1, 1, 0x72, 0, 0],
  [10, 31, 1, 29, 0],
  // Twice f32.const 1 + 2^-12 and f32x4.splat, then -1 - 2^-11, f32x4.relaxed_madd and f32x4.extract_lane 0.
  [0x43, 0, 0x08, 0x80, 0x3f, 0xfd, 0x13, 0x43, 0, 0x08, 0x80, 0x3f, 0xfd, 0x13],
  [0x43, 0, 0x10, 0x80, 0xbf, 0xfd, 0x13, 0xfd, 0x85, 0x02, 0xfd, 0x1f, 0, 0x0b],
].flat();

function restOfSquare(): unknown {
  const { r } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(squareRest))).exports;
  return typeof r === "function" ? r() : 0;
}
