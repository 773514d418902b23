/** TensorFlow.js engines (wasm, cpu, webgl, webgpu, node) for polykeras. */
export {};
