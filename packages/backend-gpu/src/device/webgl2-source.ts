import { withBits } from "../emit/power2.ts";
import { GpuError } from "../variants.ts";

/** How gpu.js finds texels: by divisions, which are slow, of coordinates that are interpolated. */
const [position, place] = [
  "index = int(vTexCoord.s * float(uTexSize.x)) + int(vTexCoord.t * float(uTexSize.y)) * uTexSize.x;",
  "threadId = indexTo3D(index, uOutputDim);",
];
const single =
  /float getFloatFromSampler2D\(sampler2D tex, ivec2 texSize, ivec3 texDim, int z, int y, int x\) \{[^}]*\}/;
const packed =
  /float getMemoryOptimized32\(sampler2D tex, ivec2 texSize, ivec3 texDim, int z, int y, int x\) \{[^}]*\}/;
const sizes = /(ivec2 user_\w+Size) ?= ?ivec2\((\d+), ?\d+\);/g;

const heading = "(sampler2D tex, ivec2 texSize, ivec3 texDim, int z, int y, int x)";
const fetchSingle = `float getFloatFromSampler2D${heading} {
  return texelFetch(tex, ivec2(x & texSize.y, x >> texSize.x), 0).r;
}`;
const fetchPacked = `float getMemoryOptimized32${heading} {
  int at = x >> 2;
  return texelFetch(tex, ivec2(at & texSize.y, at >> texSize.x), 0)[x & 3];
}`;

/**
 * The GLSL of gpu.js with other ways to texels: widths of textures are powers of two, and arguments have one
 * dimension. Instead of the size of its texture an argument has the bits and the mask of the width.
 */
export function withFetches(
  given: string,
  source: string,
  output: readonly number[],
  width: number,
  argumentCount: number,
): string {
  const [x = 1, y = 1, z = 1] = output;
  const code = withBits(given, source, "glsl") ?? "";
  const isKnown =
    code.split(position).length === 2 &&
    code.split(place).length === 2 &&
    single.test(code) &&
    packed.test(code) &&
    (code.match(sizes)?.length ?? 0) === argumentCount &&
    z === 1;
  if (!isKnown) throw new GpuError(`This gpu.js writes kernels in another way; use gpu.js 2.24.1.\n${given}`);
  return code
    .replace(single, fetchSingle)
    .replace(packed, fetchPacked)
    .replaceAll(
      sizes,
      (_, name: string, of: string) => `${name} = ivec2(${Math.log2(Number(of))}, ${Number(of) - 1});`,
    )
    .replace(position, `index = int(gl_FragCoord.x) + int(gl_FragCoord.y) * ${width};`)
    .replace(place, y === 1 ? "threadId = ivec3(index, 0, 0);" : rows(x));
}

/** The quotient of a rounded product may be one off. */
function rows(x: number): string {
  return `int line = int((float(index) + 0.5) * ${literal(1 / x)});
  int rest = index - line * ${x};
  if (rest < 0) { line--; rest += ${x}; } else if (rest >= ${x}) { line++; rest -= ${x}; }
  threadId = ivec3(rest, line, 0);`;
}

function literal(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
