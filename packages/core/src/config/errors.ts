import { PolykerasError } from "../errors.ts";
import type { Source } from "./source.ts";

/** One setting that is not what it has to be. `written` is the value as it stands in the file or call. */
export interface ConfigProblem {
  readonly field: string;
  readonly value: unknown;
  readonly written: string;
  readonly allowed: string;
  readonly source: Source;
}

/**
 * A setting outside of what is allowed, in keras.json, the environment, the page or code. All problems of one
 * place come at once; `file`, `line`, `field`, `value` and `allowed` are those of the first.
 */
export class ConfigError extends PolykerasError {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly field: string | undefined;
  readonly value: unknown;
  readonly allowed: string | undefined;
  constructor(what: string, problems: readonly ConfigProblem[], remedy: string, options?: ErrorOptions) {
    const lines = problems.map(
      ({ source, field, written, allowed }) =>
        `  ${source.where}: ${field} is ${written}; allowed: ${allowed}.`,
    );
    super([what, ...lines, remedy].join("\n"), options);
    const first = problems[0];
    this.problems = problems;
    this.file = first?.source.file;
    this.line = first?.source.line;
    this.field = first?.field;
    this.value = first?.value;
    this.allowed = first?.allowed;
  }
}

/** A backend that was asked for and is not there. `install` is the command that adds it, if one does. */
export class BackendNotFoundError extends PolykerasError {
  override readonly name = "BackendNotFoundError";
  readonly backend: string;
  readonly source: Source;
  readonly install: string | undefined;
  constructor(backend: string, why: string, source: Source, remedy: string, install?: string) {
    super(`Backend '${backend}' is not available: ${why}.\nIt was asked for by ${source.where}.\n${remedy}`);
    this.backend = backend;
    this.source = source;
    this.install = install;
  }
}

/** A module that is no backend: every missing entry and every other fault at once. */
export class InvalidBackendError extends PolykerasError {
  override readonly name = "InvalidBackendError";
  readonly module: string;
  /** Required entries that the module lacks, in the order placeholder, variable, function. */
  readonly missing: readonly string[];
  /** Everything that is wrong, one phrase each, the missing entries included. */
  readonly problems: readonly string[];
  readonly source: Source;
  constructor(module: string, missing: readonly string[], faults: readonly string[], source: Source) {
    const entries = missing.length === 1 ? "entry" : "entries";
    const problems =
      missing.length === 0 ? faults : [`Missing required ${entries}: ${missing.join(", ")}`, ...faults];
    super(
      `Invalid backend '${module}'. ${problems.join(". ")}.\nIt was asked for by ${source.where}.\n` +
        "A backend exports the functions placeholder, variable and function, by name or as properties of its default export, " +
        "or create(options) that returns them, for contract 1. " +
        "`function` is a reserved word: write `export { compile as function }`.",
    );
    this.module = module;
    this.missing = missing;
    this.problems = problems;
    this.source = source;
  }
}

/** A backend module that threw while it was loaded or while its create(options) ran; `cause` is what it threw. */
export class BackendLoadError extends PolykerasError {
  override readonly name = "BackendLoadError";
  readonly module: string;
  readonly source: Source;
  constructor(module: string, stage: string, source: Source, cause: unknown) {
    const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(
      `Backend '${module}' failed ${stage}: ${thrown}\nIt was asked for by ${source.where}.\n` +
        "Repair or update that module, or choose another backend; the error it threw is this error's cause.",
      { cause },
    );
    this.module = module;
    this.source = source;
  }
}
