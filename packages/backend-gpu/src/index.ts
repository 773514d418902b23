/** gpu.js engines (WebGPU, WebGL2, WebAssembly) for polykeras. */
export {};
