import type { ConfigHost } from "./host.ts";
import { labelOf, splitVariant } from "./names.ts";
import type { BackendRequest } from "./request.ts";
import type { Setting } from "./source.ts";

/**
 * `Using CPU backend.`, `Using Theano backend (engine: cpu).`: the configured name, and the engine where that
 * says more. A fallback gives its reason on the same line.
 */
export function noticeOf(request: BackendRequest): string {
  const base = request.external ? request.engine : splitVariant(request.configuredName).base;
  const engine = engineLabel(request);
  const detail = engine === base ? "" : ` (engine: ${engine})`;
  const reason = request.reason === undefined ? "" : ` Reason: ${request.reason}.`;
  return `Using ${labelOf(base)} backend${detail}.${reason}`;
}

/** `tfjs`, `tfjs:wasm`. */
export function engineLabel({ engine, variant }: Pick<BackendRequest, "engine" | "variant">): string {
  return variant === null ? engine : `${engine}:${variant}`;
}

const key = Symbol.for("polykeras.notices");

/** Writes a line to stderr, each line once in a process, unless `settings.notice` is false. */
export function printNotice(
  line: string,
  settings: { readonly notice: Setting<boolean> },
  host: ConfigHost,
  printed: Set<string> = printedLines(),
): void {
  if (!settings.notice.value || printed.has(line)) return;
  printed.add(line);
  host.writeError(line);
}

/** The lines printed so far, by any copy of this package. */
function printedLines(): Set<string> {
  const found: unknown = Reflect.get(globalThis, key);
  if (found instanceof Set) return found;
  const made = new Set<string>();
  Reflect.set(globalThis, key, made);
  return made;
}
