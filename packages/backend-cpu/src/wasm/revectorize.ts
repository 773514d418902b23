/** From this version on V8 has `--experimental-wasm-revectorize`. */
const v8Least = 13;

interface V8 {
  setFlagsFromString(flags: string): void;
}

/** Node's module, which TypeScript and other runtimes need not know. */
function v8(): V8 | null {
  const { process } = globalThis;
  if (typeof process !== "object" || typeof process.getBuiltinModule !== "function") return null;
  return process.getBuiltinModule("node:v8") ?? null;
}

/** Why V8 cannot be told here to join pairs of 128-bit instructions to 256-bit ones, or true. */
export function canRevectorize(): true | string {
  if (v8() === null) return "only Node lets a program set V8's flags";
  const { arch, versions } = process;
  if (arch !== "x64") return `V8 does it for x64 alone, and this is ${arch}`;
  const version = Number.parseInt(versions.v8 ?? "0", 10);
  return version >= v8Least
    ? true
    : `it needs V8 ${v8Least} (Node 24) or newer, and this is V8 ${versions.v8}`;
}

/**
 * Sets the flag for everything that this process compiles from now on, and runs `test` with code that the optimising
 * compiler alone has made, as it will be later.
 */
export function revectorize<T>(test: () => T): T {
  const flags = v8();
  flags?.setFlagsFromString("--experimental-wasm-revectorize");
  flags?.setFlagsFromString("--no-liftoff");
  try {
    return test();
  } finally {
    flags?.setFlagsFromString("--liftoff");
  }
}

/** Takes the flag back, for what is compiled later. */
export function endRevectorizing(): void {
  v8()?.setFlagsFromString("--no-experimental-wasm-revectorize");
}
