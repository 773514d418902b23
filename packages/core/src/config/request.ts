import { describe } from "./describe.ts";
import { BackendNotFoundError } from "./errors.ts";
import type { FoundBackend } from "./find.ts";
import { findBackend, findEngine } from "./find.ts";
import type { ConfigHost } from "./host.ts";
import type { EngineName } from "./names.ts";
import type { Setting, Source } from "./source.ts";

/** A backend ready to be loaded: what was configured and what that came to. */
export interface BackendRequest extends FoundBackend {
  /** As the user or the file wrote it, a variant included: what `K.backend()` returns. */
  readonly configuredName: string;
  readonly source: Source;
  /** Why the engine is not the one that was configured; absent when it is. */
  readonly reason?: string;
}

/**
 * Finds the configured backend without loading it. One that is missing is a BackendNotFoundError when code or
 * the environment asked for it. keras.json, which a Python Keras may have written, and the default fall back to
 * cpu, or to reference where cpu is missing, and the request gives the reason.
 */
export function resolveBackendName(
  settings: { readonly backend: Setting<string> },
  host: ConfigHost,
): BackendRequest {
  const { value: configuredName, source } = settings.backend;
  const result = findBackend(configuredName, source, host);
  if ("found" in result) return { ...result.found, configuredName, source };
  const { why, remedy, install } = result.missing;
  if (source.kind === "code" || source.kind === "environment") {
    throw new BackendNotFoundError(configuredName, why, source, remedy, install);
  }
  const command = install === undefined ? "" : ` (${install})`;
  const reason = `${describe(configuredName)} is asked for by ${source.where}, but ${why}${command}`;
  return fallbackRequest(settings.backend, reason, host);
}

/**
 * The engine that stands in when the configured one cannot serve: the first of `candidates` that is installed.
 * `reason` is a phrase for the notice. Throws BackendNotFoundError when none is.
 */
export function fallbackRequest(
  backend: Setting<string>,
  reason: string,
  host: ConfigHost,
  candidates: readonly EngineName[] = ["cpu", "reference"],
): BackendRequest {
  for (const engine of candidates) {
    const result = findEngine(engine, null, host);
    if ("found" in result) {
      return { ...result.found, configuredName: backend.value, source: backend.source, reason };
    }
  }
  const result = findEngine(candidates[0] ?? "cpu", null, host);
  const { remedy, install } = "missing" in result ? result.missing : { remedy: "", install: undefined };
  const why = `${reason}; nor is ${candidates.join(" or ")} installed`;
  throw new BackendNotFoundError(backend.value, why, backend.source, remedy, install);
}
