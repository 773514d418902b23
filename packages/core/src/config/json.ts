/**
 * A member of the root object: its text as written, the line (from 1) of its name, and its value. Arrays and
 * objects have the value undefined: no setting is one. `float` tells 1.0 and 1e0 from 1, as Python does.
 */
export interface JsonMember {
  readonly written: string;
  readonly line: number;
  readonly value: string | number | boolean | null | undefined;
  readonly float: boolean;
}

/** The root of a document: its members if it is an object, else undefined and what stands there instead. */
export interface JsonRoot {
  readonly members: ReadonlyMap<string, JsonMember> | undefined;
  readonly written: string;
  readonly line: number;
}

// oxlint-disable-next-line no-control-regex -- JSON strings exclude exactly the control characters
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const wordPattern = /true|false|null|NaN|-?Infinity/y;
const spacePattern = /[ \t\n\r]*/y;
const words: ReadonlyMap<string, number | boolean | null> = new Map<string, number | boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);
const deepest = 900;

/**
 * Reads JSON as Python's json module does: NaN and the infinities are numbers, a later member replaces an
 * earlier one of its name, a byte order mark or anything after the root is refused. Throws SyntaxError.
 */
export function readJson(text: string): JsonRoot {
  let at = 0;
  const fail = (expected: string): never => {
    throw new SyntaxError(`line ${lineOf(text, at)}: expected ${expected}`);
  };
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const skip = (): void => void match(spacePattern);
  const take = (character: string): boolean => {
    skip();
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };

  const string = (): string => {
    const found = match(stringPattern) ?? fail("a string");
    const value: unknown = JSON.parse(found[0]);
    return typeof value === "string" ? value : fail("a string");
  };
  const scalar = (): Pick<JsonMember, "value" | "float"> => {
    if (text[at] === '"') return { value: string(), float: false };
    const word = match(wordPattern)?.[0];
    if (word !== undefined) return { value: words.get(word), float: typeof words.get(word) === "number" };
    const number = match(numberPattern) ?? fail("a value");
    return { value: Number(number[0]), float: number[1] !== undefined || number[2] !== undefined };
  };
  const items = (close: string, item: () => void): void => {
    if (take(close)) return;
    do item();
    while (take(","));
    if (!take(close)) fail(`a comma or ${close}`);
  };
  const members = (depth: number): Map<string, JsonMember> => {
    const found = new Map<string, JsonMember>();
    items("}", () => {
      skip();
      const line = lineOf(text, at);
      const name = string();
      if (!take(":")) fail("a colon");
      found.set(name, { line, ...value(depth) });
    });
    return found;
  };
  const value = (depth: number): Omit<JsonMember, "line"> => {
    skip();
    const start = at;
    if (depth > deepest) fail("less nesting");
    let read: Pick<JsonMember, "value" | "float"> = { value: undefined, float: false };
    if (take("{")) members(depth + 1);
    else if (take("[")) items("]", () => void value(depth + 1));
    else read = scalar();
    return { written: text.slice(start, at), ...read };
  };

  skip();
  const start = at;
  const line = lineOf(text, start);
  const found = take("{") ? members(1) : void value(1);
  const written = text.slice(start, at);
  skip();
  if (at < text.length) fail("the end of the file");
  return { members: found, written, line };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
