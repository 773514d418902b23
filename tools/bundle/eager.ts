import { Visitor, parseSync } from "rolldown/utils";

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Declaration extends Span {
  readonly name: string;
}

/**
 * Rewrites a module so that V8 compiles the functions that begin at `offsets` as it loads the module, in one pass over
 * the text, instead of each at its first call: it does so for a function expression in parentheses. A declaration of
 * the module becomes a constant before everything else, where its name is bound as early as it was; methods stay.
 */
export function compileAtLoad(code: string, offsets: ReadonlySet<number>): string {
  const { program, errors } = parseSync("module.js", code);
  if (errors[0]) throw new Error(`the bundle does not parse: ${errors[0].message}`);

  const declarations: Declaration[] = [];
  let top = 0;
  for (const node of program.body) {
    if (node.type === "ImportDeclaration") top = node.end;
    if (node.type !== "FunctionDeclaration" || node.generator || !node.id) continue;
    if (offsets.has(node.start)) declarations.push({ name: node.id.name, start: node.start, end: node.end });
  }
  const marks: [number, string][] = [];
  const wrap = ({ start, end }: Span): void => {
    if (offsets.has(start)) marks.push([start, "("], [end, ")"]);
  };
  new Visitor({ ArrowFunctionExpression: wrap }).visit(program);
  marks.sort(([a], [b]) => a - b);

  const text = (from: number, to: number): string => {
    let written = "";
    let at = from;
    for (const [offset, mark] of marks) {
      if (offset < from || offset > to) continue;
      written += code.slice(at, offset) + mark;
      at = offset;
    }
    return written + code.slice(at, to);
  };
  const moved = declarations.map(({ name, start, end }) => `const ${name} = (${text(start, end)});\n`);
  let rest = "";
  let at = top;
  for (const { start, end } of declarations) {
    rest += text(at, start);
    at = end;
  }
  return `${code.slice(0, top)}\n${moved.join("")}${rest}${text(at, code.length)}`;
}
