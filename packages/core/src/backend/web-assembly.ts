/** A module without anything in it: the magic number and the version. */
const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

let known: true | string | undefined;

/**
 * True, or why WebAssembly cannot be compiled here and what would allow it: what engines that compile to it answer
 * to `available`. A policy holds for as long as the page lives, so it is asked once.
 */
export function canCompileWebAssembly(): true | string {
  const isThere = Reflect.has(globalThis, "WebAssembly");
  known ??= tryCompiling(isThere ? (bytes) => new WebAssembly.Module(bytes) : undefined);
  return known;
}

/** Compiles the empty module; undefined stands for a place without WebAssembly. */
export function tryCompiling(
  compile: ((bytes: Uint8Array<ArrayBuffer>) => unknown) | undefined,
): true | string {
  if (compile === undefined) return "there is no WebAssembly, which it compiles programs to";
  try {
    compile(empty);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return (
      "compiling WebAssembly is forbidden; in a page, add 'wasm-unsafe-eval' to the directive script-src of its " +
      `Content-Security-Policy (${message})`
    );
  }
}
