/** A module without anything in it: the magic number and the version. */
const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/**
 * True, or why `compile`, as `new WebAssembly.Module` by default, does not compile WebAssembly here and what would
 * allow it.
 */
export function canCompile(
  compile: (bytes: Uint8Array<ArrayBuffer>) => unknown = (bytes) => new WebAssembly.Module(bytes),
): true | string {
  try {
    compile(empty);
    return true;
  } catch (error) {
    return (
      "compiling WebAssembly is forbidden; in a page, add 'wasm-unsafe-eval' to the directive script-src of its " +
      `Content-Security-Policy (${error instanceof Error ? error.message : String(error)})`
    );
  }
}
