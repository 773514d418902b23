import { quoteAll, shorten } from "./describe.ts";
import { kerasDirectory, sharedDirectory } from "./directory.ts";
import type { ConfigProblem } from "./errors.ts";
import { ConfigError } from "./errors.ts";
import type { ConfigHost } from "./host.ts";
import type { JsonMember, JsonRoot } from "./json.ts";
import { readJson } from "./json.ts";
import { joinPath } from "./paths.ts";
import type { Setting } from "./source.ts";
import { fileSource } from "./source.ts";
import type { Floatx, ImageDataFormat } from "./values.ts";
import { floatxValues, imageDataFormatValues, isFloatx, isImageDataFormat, isJsonFloat } from "./values.ts";

/**
 * "read"; "written", because there was none; "invalid" JSON, which counts as an empty object; "absent" and not
 * writable; or "none", because this environment has no place for one.
 */
export type FileState = "read" | "written" | "invalid" | "absent" | "none";

/** keras.json as found. `backend` is as written in the file, which Keras does not check either. */
export interface KerasFile {
  readonly path: string | null;
  readonly state: FileState;
  /** Why the state is "invalid" or "absent". */
  readonly note?: string;
  /** The file lies where every user of the machine can write. */
  readonly shared?: true;
  readonly floatx?: Setting<Floatx>;
  readonly epsilon?: Setting<number>;
  readonly imageDataFormat?: Setting<ImageDataFormat>;
  readonly backend?: JsonMember;
}

/** What Keras writes: this order, four spaces, no final newline, and only names that a Python Keras knows. */
const initialText = `{
    "floatx": "float32",
    "epsilon": 1e-07,
    "backend": "tensorflow",
    "image_data_format": "channels_last"
}`;

/**
 * Reads keras.json, or writes it where there is none; an existing file is never changed, and failing to write
 * is no error. Throws ConfigError with all bad values of the file.
 */
export function loadKerasFile(host: ConfigHost): KerasFile {
  if (host.platform === "browser") return readPage(host);
  const directory = kerasDirectory(host);
  const path = joinPath(host.platform, directory, "keras.json");
  try {
    const text = host.readFile(path);
    if (text === null) return write(host, directory, path);
    const settings = readSettings(path, text);
    return directory === sharedDirectory ? { ...settings, shared: true } : settings;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof SyntaxError) return { path, state: "invalid", note: error.message };
    throw unreadable(path, error);
  }
}

const pageName = '<script id="keras.json">';

function readPage(host: ConfigHost): KerasFile {
  const text = host.pageConfig();
  return text === null ? { path: null, state: "none" } : readSettings(pageName, text);
}

function write(host: ConfigHost, directory: string, path: string): KerasFile {
  try {
    if (!host.exists(directory)) host.makeDirectory(directory);
    host.createFile(path, initialText);
    return { path, state: "written" };
  } catch (error) {
    return { path, state: "absent", note: error instanceof Error ? error.message : String(error) };
  }
}

function unreadable(path: string, error: unknown): ConfigError {
  const reason = error instanceof Error ? error.message : String(error);
  const source = { kind: "file", where: path, file: path } as const;
  const problem = { field: "the file", value: reason, written: `unreadable (${reason})`, source };
  return new ConfigError(
    "keras.json exists and cannot be read:",
    [{ ...problem, allowed: "a file that this user can read" }],
    "Correct its permissions, or set KERAS_HOME to another directory.",
    { cause: error },
  );
}

/** The settings of a document. Unknown members are ignored; invalid JSON gives none. */
function readSettings(path: string, text: string): KerasFile {
  let root: JsonRoot;
  try {
    root = readJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { path, state: "invalid", note: error.message };
  }
  const problems: ConfigProblem[] = [];
  const fault = (field: string, line: number, written: string, value: unknown, allowed: string): void => {
    problems.push({ field, value, written: shorten(written), allowed, source: fileSource(path, line) });
  };
  const check = <T>(field: string, allowed: string, read: (member: JsonMember) => T | undefined) => {
    const member = root.members?.get(field);
    if (member === undefined) return undefined;
    const value = read(member);
    if (value !== undefined) return { value, source: fileSource(path, member.line) };
    fault(`"${field}"`, member.line, member.written, member.value, allowed);
    return undefined;
  };

  if (root.members === undefined) {
    const allowed = 'an object, such as {"floatx": "float32"}';
    fault("the root", root.line, root.written, root.written, allowed);
  }
  const floatx = check("floatx", quoteAll(floatxValues), ({ value }) =>
    isFloatx(value) ? value : undefined,
  );
  const epsilon = check("epsilon", "a float, written with a point or an exponent: 1e-07, 1.0", (member) =>
    isJsonFloat(member) && typeof member.value === "number" ? member.value : undefined,
  );
  const imageDataFormat = check("image_data_format", quoteAll(imageDataFormatValues), ({ value }) =>
    isImageDataFormat(value) ? value : undefined,
  );
  if (problems.length > 0) throw invalid(problems);
  const backend = root.members?.get("backend");
  return {
    path,
    state: "read",
    ...(floatx && { floatx }),
    ...(epsilon && { epsilon }),
    ...(imageDataFormat && { imageDataFormat }),
    ...(backend && { backend }),
  };
}

/** The backend that the file names. Throws ConfigError when it is no name; only called if it is to be used. */
export function fileBackend(file: KerasFile): Setting<string> | undefined {
  if (file.backend === undefined || file.path === null) return undefined;
  const { value, written, line } = file.backend;
  const source = fileSource(file.path, line, file.shared);
  if (typeof value === "string" && value !== "") return { value, source };
  const allowed = 'the name of a backend, such as "tensorflow"';
  throw invalid([{ field: '"backend"', value, written: shorten(written), allowed, source }]);
}

function invalid(problems: readonly ConfigProblem[]): ConfigError {
  const remedy =
    "Correct the file or delete it: a missing file is written anew, an existing one never changed.";
  return new ConfigError("keras.json has a value that is not allowed:", problems, remedy);
}
