import { K, type Shape, Tensor, findOp, formatSpec, isTensor as isCoreTensor } from "@polykeras/core";
import { type Node, build as buildNode, topological } from "@polykeras/core/internal";
import {
  type Argument,
  type VectorCase,
  type VectorTensor,
  isCall,
  isList,
  isObject,
  isTensor,
} from "../vectors/format.ts";
import { findStep } from "./steps.ts";

/** The graph of one case: a placeholder per tensor argument, in order, and the K function's result. */
export interface Built {
  readonly placeholders: readonly Tensor[];
  readonly feeds: readonly VectorTensor[];
  readonly output: Tensor;
}

type AnyFunction = (...parameters: readonly unknown[]) => unknown;

/** The K function of that name, else the op (of tensors alone), if core has it. */
export function findFunction(name: string): AnyFunction | undefined {
  const value: unknown = Reflect.get(K, name);
  if (typeof value === "function") return (...parameters) => Reflect.apply(value, K, parameters);
  const op = findOp(name);
  return op && ((...parameters) => new Tensor(buildNode(op, parameters.map(nodeOf), {})));
}

function nodeOf(parameter: unknown): Node {
  if (isCoreTensor(parameter)) return parameter.node;
  throw new TypeError(`an op takes tensors, not ${String(parameter)}`);
}

/**
 * Calls the K function on placeholders, of the shapes that `shapeFor` gives the tensors, their own by default. What
 * it throws says why the case cannot be built.
 */
export function build(
  call: AnyFunction,
  of: VectorCase,
  shapeFor: (tensor: VectorTensor, index: number) => Shape = ({ shape }) => shape,
): Built {
  const placeholders: Tensor[] = [];
  const feeds: VectorTensor[] = [];
  const symbolic = (argument: Argument): unknown => {
    if (isList(argument)) return argument.map(symbolic);
    if (isCall(argument)) return callNamed(argument.call, argument.args.map(symbolic));
    if (isObject(argument))
      return Object.fromEntries(
        Object.entries(argument.fields).map(([name, value]) => [name, symbolic(value)]),
      );
    if (!isTensor(argument)) return argument;
    const shape = shapeFor(argument, placeholders.length);
    const made = K.placeholder({ shape, dtype: argument.dtype });
    placeholders.push(made);
    feeds.push(argument);
    return made;
  };
  const parameters = of.args.map(symbolic);
  const options = Object.keys(of.options).length > 0 ? [of.options] : [];
  return { placeholders, feeds, output: compared(call(...parameters, ...options), of.pick) };
}

function callNamed(name: string, parameters: readonly unknown[]): unknown {
  const call = findStep(name) ?? findFunction(name);
  if (!call) throw new TypeError(`core has no K.${name}`);
  return call(...parameters);
}

/**
 * The tensor at `pick` in a result of lists and objects, whose entries count in order; the new value that an update
 * stands for; a sparse tensor's dense one.
 */
function compared(result: unknown, pick: readonly number[]): Tensor {
  let found = result;
  for (const index of pick) {
    if (typeof found !== "object" || found === null || isCoreTensor(found))
      throw new TypeError(`the call returned ${String(found)}, not a list`);
    found = Object.values(found)[index];
  }
  if (isCoreTensor(found)) return found;
  if (K.isSparse(found)) return K.toDense(found);
  const value: unknown =
    typeof found === "object" && found !== null ? Reflect.get(found, "value") : undefined;
  if (isCoreTensor(value)) return value;
  throw new TypeError(`the call returned ${String(found)}, not a tensor`);
}

/** Gradients of sum(output * cotangent) with respect to every placeholder; the cotangent is one more input. */
export function buildGradients(
  built: Built,
  cotangent: VectorTensor,
): { readonly seed: Tensor; readonly gradients: readonly (Tensor | null)[] } {
  const seed = K.placeholder({ shape: cotangent.shape, dtype: cotangent.dtype });
  const loss = K.sum(K.multiply(built.output, seed));
  return { seed, gradients: K.gradients(loss, built.placeholders) };
}

/** True if the graph of a tensor is made of primitives and views, so that no decomposition is needed. */
export function needsPrimitivesOnly({ node }: Tensor): boolean {
  return topological([node]).every(
    (of) => of.kind !== "op" || of.op.category === "primitive" || of.op.category === "view",
  );
}

/** `K.sum(float32 (3, 5), {"axis":1})`: the call as a reader would write it; an op's without the `K.`. */
export function describeCall(name: string, of: VectorCase): string {
  const describe = (argument: Argument): string => {
    if (isTensor(argument)) return formatSpec(argument);
    if (isList(argument)) return `[${argument.map(describe).join(", ")}]`;
    if (isCall(argument)) {
      const owner = findStep(argument.call) ? "" : "K.";
      return `${owner}${argument.call}(${argument.args.map(describe).join(", ")})`;
    }
    if (isObject(argument)) {
      const fields = Object.entries(argument.fields).map(([key, value]) => `${key}: ${describe(value)}`);
      return `{ ${fields.join(", ")} }`;
    }
    return JSON.stringify(argument);
  };
  const parts = of.args.map(describe);
  const options = Object.entries(of.options).map(([key, value]) => `${key}: ${describe(value)}`);
  if (options.length > 0) parts.push(`{ ${options.join(", ")} }`);
  const owner = Reflect.has(K, name) ? "K." : "";
  return `${owner}${name}(${parts.join(", ")})${of.pick.map((index) => `[${index}]`).join("")}`;
}
