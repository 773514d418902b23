/** The default engine of polykeras: compiles programs to WebAssembly SIMD at run time, without a native addon. */
export {};
