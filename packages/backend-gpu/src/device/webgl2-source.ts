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
  vec4 texel = texelFetch(tex, ivec2(at & texSize.y, at >> texSize.x), 0);
  vec2 pair = (x & 2) == 0 ? texel.xy : texel.zw;
  return (x & 1) == 0 ? pair.x : pair.y;
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
  return withFours(withWholeTexels(code))
    .replace(single, fetchSingle)
    .replace(packed, `${fetchPacked}\n${fetchFour}`)
    .replaceAll(
      sizes,
      (_, name: string, of: string) => `${name} = ivec2(${Math.log2(Number(of))}, ${Number(of) - 1});`,
    )
    .replace(position, `index = int(gl_FragCoord.x) + int(gl_FragCoord.y) * ${width};`)
    .replace(place, y === 1 ? "threadId = ivec3(index, 0, 0);" : rows(x));
}

/** Four neighbours: of one texel, if they begin with one. */
const fetchFour = `vec4 getFour(sampler2D tex, ivec2 texSize, int x) {
  int at = x >> 2;
  vec4 first = texelFetch(tex, ivec2(at & texSize.y, at >> texSize.x), 0);
  int by = x & 3;
  if (by == 0) return first;
  at++;
  vec4 next = texelFetch(tex, ivec2(at & texSize.y, at >> texSize.x), 0);
  if (by == 1) return vec4(first.yzw, next.x);
  return by == 2 ? vec4(first.zw, next.xy) : vec4(first.w, next.xyz);
}`;

const reading =
  /^float (user_\w+)=getMemoryOptimized32\((user_\w+), \w+, \w+, 0, 0, int\(\(?(user_\w+)(?:\+(\d+)\.0\))?\)\);$/;

/** Reads four neighbours at once where they are read one after the other. */
function withFours(code: string): string {
  const lines = code.replaceAll(/;(?=\S)/g, ";\n").split("\n");
  for (let i = 0; i + 3 < lines.length; i++) {
    const four = lines.slice(i, i + 4).map((line) => reading.exec(line));
    const [, , argument, base, from = "0"] = four[0] ?? [];
    const isRow = four.every(
      (match, j) =>
        match?.[2] === argument && match?.[3] === base && Number(match?.[4] ?? 0) === Number(from) + j,
    );
    if (!argument || !isRow) continue;
    lines[i] =
      `vec4 four_${i} = getFour(${argument}, ${argument}Size, int(${base}) + ${from});\n${lines[i]!}`;
    for (const [j, match] of four.entries())
      lines[i + j] = lines[i + j]!.replace(
        /float user_\w+=getMemoryOptimized32.*$/,
        `float ${match![1]!}=four_${i}[${j}];`,
      );
    i += 3;
  }
  return lines.join("\n");
}

const origin = /float user_\w+=float\(threadId\.x\);\s*float (user_\w+)=\(user_\w+\*4\.0\);/;

/**
 * Reads a texel once where a thread makes four neighbours of the four that it holds: element 4 i + j of an argument is
 * component j of texel i, and i is the thread.
 */
function withWholeTexels(code: string): string {
  const [start, first] = origin.exec(code) ?? [];
  if (start === undefined || first === undefined) return code;
  const lanes = new Map<string, string>();
  for (const [, name, base, lane] of code.matchAll(/float (user_\w+)=\((\w+)\+([0-3])\.0\);/g))
    if (base === first) lanes.set(name!, lane!);
  const read = new Set<string>();
  const replaced = code.replaceAll(
    /getMemoryOptimized32\((user_\w+), user_\w+Size, user_\w+Dim, 0, 0, int\((user_\w+)\)\)/g,
    (call, argument: string, index: string) => {
      const lane = lanes.get(index);
      if (lane === undefined) return call;
      read.add(argument);
      return `texel_${argument}[${lane}]`;
    },
  );
  const texels = Array.from(
    read,
    (name) =>
      `vec4 texel_${name} = texelFetch(${name}, ivec2(threadId.x & ${name}Size.y, threadId.x >> ${name}Size.x), 0);`,
  );
  return replaced.replace(start, [start, ...texels].join("\n"));
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
