/** The engines that this project publishes, strongest claim to being the default first. */
export type EngineName = "cpu" | "reference" | "gpu" | "tfjs" | "onnx";

interface EngineInfo {
  /** npm name. */
  readonly package: string;
  /** As the notice writes it. */
  readonly label: string;
}

export const engines: Readonly<Record<EngineName, EngineInfo>> = {
  cpu: { package: "@polykeras/backend-cpu", label: "CPU" },
  reference: { package: "@polykeras/backend-reference", label: "Reference" },
  gpu: { package: "@polykeras/backend-gpu", label: "GPU" },
  tfjs: { package: "@polykeras/backend-tfjs", label: "TensorFlow.js" },
  onnx: { package: "@polykeras/backend-onnx", label: "ONNX" },
};

export const engineNames: readonly EngineName[] = ["cpu", "reference", "gpu", "tfjs", "onnx"];

interface KerasName {
  readonly label: string;
  /** The engine that takes its role; null where none does. */
  readonly engine: EngineName | null;
}

/** The backends of Keras 2 and 3. Theano's job was compiling a symbolic graph to fast code: that is cpu's. */
const kerasNames: ReadonlyMap<string, KerasName> = new Map<string, KerasName>([
  ["tensorflow", { label: "TensorFlow", engine: "tfjs" }],
  ["theano", { label: "Theano", engine: "cpu" }],
  ["cntk", { label: "CNTK", engine: "onnx" }],
  ["numpy", { label: "NumPy", engine: "reference" }],
  ["jax", { label: "JAX", engine: null }],
  ["torch", { label: "PyTorch", engine: null }],
  ["openvino", { label: "OpenVINO", engine: null }],
]);

export function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(engines, name);
}

/** The engine behind a name; null for a Keras backend without one, undefined for a name that is not built in. */
export function engineOf(name: string): EngineName | null | undefined {
  return isEngineName(name) ? name : kerasNames.get(name)?.engine;
}

/** `TensorFlow` for tensorflow; a name that is not built in stays as it is. */
export function labelOf(name: string): string {
  return isEngineName(name) ? engines[name].label : (kerasNames.get(name)?.label ?? name);
}

/** Every built-in name that leads to an engine. */
export const builtInNames: readonly string[] = [
  ...engineNames,
  ...[...kerasNames].filter(([, { engine }]) => engine !== null).map(([name]) => name),
];

/** `tfjs:wasm` is name `tfjs`, variant `wasm`. A drive letter and a URL scheme are no names. */
export function splitVariant(name: string): { readonly base: string; readonly variant: string | null } {
  const found = /^(.{2,}):([A-Za-z0-9][\w.-]*)$/s.exec(name);
  const [, base, variant] = found ?? [];
  if (base === undefined || variant === undefined || base === "file") return { base: name, variant: null };
  return { base, variant };
}

/** True for what can only be a file: absolute, begun with a dot or `~`, a `file:` URL, or with a backslash. */
export function isFileName(name: string): boolean {
  return (
    /^(?:\/|\.{1,2}(?:[\\/]|$)|~[\\/]|file:)/i.test(name) || name.includes("\\") || /^[a-z]:[\\/]/i.test(name)
  );
}

export function isWebUrl(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/** The npm package of a specifier: `@scope/name` of `@scope/name/sub`; null for what npm would not accept. */
export function packageOf(specifier: string): string | null {
  return /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*(?=\/|$)/i.exec(specifier)?.[0] ?? null;
}

/**
 * The import specifiers a name may stand for, in the order to try: itself, then the Keras documentation's
 * `my_package.my_module` as `my-package/my-module` and as `my_package/my_module`.
 */
export function specifiersOf(name: string): readonly string[] {
  if (packageOf(name) === null) return [];
  const dotted = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(name);
  if (!dotted) return [name];
  const slashed = name.replaceAll(".", "/");
  return [...new Set([name, slashed.replaceAll("_", "-"), slashed])];
}

/** A built-in name that differs from `name` by case or by at most two letters. */
export function similarName(name: string): string | undefined {
  const wanted = name.toLowerCase();
  return builtInNames.find((known) => distance(known, wanted) <= Math.min(2, known.length - 2));
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
