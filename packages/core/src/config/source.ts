/** Where a setting came from, strongest first. In a page the address counts as the environment. */
type SourceKind = "code" | "environment" | "file" | "default";

/**
 * `where` completes "It was asked for by ..."; `file` and `line` (from 1) are there for files. An `untrusted`
 * source, which others than the user may have written, chooses among known backends and never names code.
 */
export interface Source {
  readonly kind: SourceKind;
  readonly where: string;
  readonly file?: string;
  readonly line?: number;
  readonly untrusted?: true;
}

/** A value and where it came from. */
export interface Setting<T> {
  readonly value: T;
  readonly source: Source;
}

export const defaultSource: Source = { kind: "default", where: "the default" };

export function environmentSource(variable: string): Source {
  return { kind: "environment", where: `the environment variable ${variable}` };
}

/** The `?backend=` of the page's address, which whoever made the link wrote. */
export function addressSource(value: string): Source {
  return { kind: "environment", where: `the page's address (?backend=${value})`, untrusted: true };
}

/** `untrusted`: the file lies where every user of the machine can write. */
export function fileSource(file: string, line: number, untrusted = false): Source {
  return { kind: "file", where: `${file}, line ${line}`, file, line, ...(untrusted && { untrusted }) };
}

/** A call in the user's code: `call` as the user wrote it, `at` its file and line where they are known. */
export function codeSource(call: string, at?: string): Source {
  return { kind: "code", where: at === undefined ? call : `${call} at ${at}` };
}
