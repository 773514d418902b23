import { RolldownMagicString } from "rolldown";
import { type ESTree, Visitor, parseSync } from "rolldown/utils";

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A class's methods and getters that become properties which a static block defines. */
interface Marked {
  readonly body: Span;
  readonly methods: readonly Method[];
  readonly getters: readonly Method[];
}

interface Method extends Span {
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isAsync: boolean;
  /** Where its parameters begin. */
  readonly from: number;
}

/**
 * Rewrites a module so that V8 compiles the functions that begin at `offsets` as it loads the module, in one pass over
 * the text, instead of each at its first call: it does so for a function expression in parentheses. A declaration of
 * the module becomes a constant before everything else, where its name is bound as early as it was. A method becomes
 * a property of the prototype, which a static block defines before everything else of the class. A private one gets a
 * name of its own for that: `#step` of the third class becomes `step$LABEL3`, where `label` tells modules apart.
 * Constructors, setters, generators and what has `super` in it stay.
 */
export function compileAtLoad(code: string, offsets: ReadonlySet<number>, label: string): string {
  const { program, errors } = parseSync("module.js", code);
  if (errors[0]) throw new Error(`the bundle does not parse: ${errors[0].message}`);
  const text = new RolldownMagicString(code);

  let top = 0;
  for (const node of program.body) {
    if (node.type === "ImportDeclaration") top = node.end;
    if (node.type !== "FunctionDeclaration" || node.generator || !node.id || !offsets.has(node.start))
      continue;
    text.appendRight(node.start, `\nconst ${node.id.name} = (`).appendLeft(node.end, ");");
    text.move(node.start, node.end, top);
  }
  const classes: ESTree.Class[] = [];
  const supers: Span[] = [];
  const privates: ESTree.PrivateIdentifier[] = [];
  const enter = (node: ESTree.Class): void => void classes.push(node);
  new Visitor({
    ArrowFunctionExpression({ start, end }) {
      if (offsets.has(start)) text.appendRight(start, "(").appendLeft(end, ")");
    },
    ClassDeclaration: enter,
    ClassExpression: enter,
    Super: (node) => void supers.push(node),
    PrivateIdentifier: (node) => void privates.push(node),
  }).visit(program);

  const marked = classes
    .map(({ body }) => markedOf(body, offsets, supers))
    .filter(({ methods, getters }) => methods.length + getters.length > 0);
  for (const [i, { body, methods, getters }] of marked.entries()) {
    const uses = privates.filter((use) => isWithin(use, body));
    const place = (list: readonly Method[], before: string, after: string): void => {
      // An empty list has no text that could take its braces along.
      if (list.length === 0) return;
      for (const [k, { start, end, from, name, isPrivate, isAsync }] of list.entries()) {
        const property = isPrivate ? `${name}$${label}${i}` : name;
        if (isPrivate)
          for (const use of uses)
            if (use.name === name && use.start !== start) text.overwrite(use.start, use.end, property);
        const kind = isAsync ? "async function" : "function";
        text.overwrite(start, from, `${k === 0 ? before : ""}\n${property}: (${kind} `);
        text.appendLeft(end, k === list.length - 1 ? `)${after}` : "),");
        text.move(start, end, body.start + 1);
      }
    };
    place(methods, "\nstatic { methods$(this.prototype, {", "\n}); }");
    place(getters, "\nstatic { getters$(this.prototype, {", "\n}); }");
  }
  if (marked.length > 0) text.appendLeft(top, definitions);
  return text.toString();
}

const isWithin = (inner: Span, outer: Span): boolean => inner.start >= outer.start && inner.end <= outer.end;

/** What of a class begins at `offsets` and may become a property. */
function markedOf(body: ESTree.ClassBody, offsets: ReadonlySet<number>, supers: readonly Span[]): Marked {
  const marked = { body, methods: [] as Method[], getters: [] as Method[] };
  for (const member of body.body) {
    if (member.type !== "MethodDefinition" || member.static || member.computed) continue;
    const { start, end, key, value, kind } = member;
    if (key.type !== "Identifier" && key.type !== "PrivateIdentifier") continue;
    // V8 counts a method from its name on, a getter from the word `get` on.
    if (!offsets.has(key.start) && !offsets.has(start)) continue;
    if (value.generator || supers.some((of) => isWithin(of, member))) continue;
    const isPrivate = key.type !== "Identifier";
    const method = { start, end, from: value.start, name: key.name, isPrivate, isAsync: value.async };
    if (kind === "method") marked.methods.push(method);
    else if (kind === "get" && !method.isPrivate && !hasSetter(body, key.name)) marked.getters.push(method);
  }
  return marked;
}

function hasSetter({ body }: ESTree.ClassBody, name: string): boolean {
  return body.some(
    (member) =>
      member.type === "MethodDefinition" &&
      member.kind === "set" &&
      member.key.type === "Identifier" &&
      member.key.name === name,
  );
}

/** Properties as those of a class: not enumerable. */
const definitions = `
const methods$ = (prototype, methods) => {
	for (const name of Object.keys(methods))
		Object.defineProperty(prototype, name, { value: methods[name], writable: true, configurable: true });
};
const getters$ = (prototype, getters) => {
	for (const name of Object.keys(getters))
		Object.defineProperty(prototype, name, { get: getters[name], configurable: true });
};`;
