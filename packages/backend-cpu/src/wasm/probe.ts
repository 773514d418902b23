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
