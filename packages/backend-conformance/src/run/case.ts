import { type Backend, K, type Tensor } from "@polykeras/core";
import { type Comparison, compare } from "../compare/compare.ts";
import type { Expected, VectorCase, VectorFile, VectorTensor } from "../vectors/format.ts";
import { type Built, build, buildGradients, describeCall, findFunction } from "./call.ts";
import { type Observation, type Observed, observe } from "./observe.ts";
import type { Result, Route } from "./result.ts";

/** The two watched forms of one engine. */
export interface Engines {
  readonly own: Observed;
  readonly decomposed: Observed;
}

export function enginesOf(backend: Backend): Engines {
  return { own: observe(backend, false), decomposed: observe(backend, true) };
}

/** What was found wrong, and how far the worst element lies off. */
interface Finding {
  readonly problems: string[];
  worstUlp: number;
}

/** Runs one case by every route. The list of expected failures is not applied yet. */
export async function runCase(file: VectorFile, of: VectorCase, engines: Engines): Promise<Result[]> {
  const call = findFunction(file.function);
  const result = (route: Route, finding: Finding, seen: Observation): Result => {
    const hosted = [...seen.hosted].map(([op, reason]) => ({ op, reason }));
    const where = hosted.length > 0 ? `\n  on a host engine: ${[...seen.hosted.keys()].join(", ")}` : "";
    const { problems, worstUlp } = finding;
    return {
      id: `${of.id}:${route}`,
      function: file.function,
      route,
      dtype: of.dtype,
      status: problems.length > 0 ? "fail" : hosted.length > 0 ? "host" : "pass",
      message:
        problems.length > 0 ? `${describeCall(file.function, of)}: ${problems.join("; ")}${where}` : "",
      worstUlp,
      ownKernels: [...seen.own],
      hosted,
    };
  };
  const none: Observation = { own: new Set(), hosted: new Map() };
  if (!call) return [result("own", failed(`core has no K.${file.function}`), none)];
  let built: Built;
  try {
    built = build(call, of);
  } catch (error) {
    return [result("own", failed(describe(error)), none)];
  }

  const results: Result[] = [];
  const forward = await runForward(file, of, built, engines.own.backend);
  const seen = engines.own.take();
  results.push(result("own", forward, seen));
  if (seen.own.size === 0) {
    results.push({ ...result("decomposed", { problems: [], worstUlp: 0 }, none), status: "same" });
  } else {
    const finding = await runForward(file, of, built, engines.decomposed.backend);
    results.push(result("decomposed", finding, engines.decomposed.take()));
  }
  if (of.gradient) {
    const finding = await runGradient(file, of, built, of.gradient, engines.own.backend);
    const backward = engines.own.take();
    if (backward.own.size > 0 && finding.problems.length === 0) {
      const plain = await runGradient(file, of, built, of.gradient, engines.decomposed.backend);
      finding.problems.push(...plain.problems.map((problem) => `decomposed: ${problem}`));
      finding.worstUlp = Math.max(finding.worstUlp, plain.worstUlp);
      engines.decomposed.take();
    }
    results.push(result("gradient", finding, backward));
  }
  return results;
}

function failed(problem: string): Finding {
  return { problems: [problem], worstUlp: 0 };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

async function evaluate(
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  feeds: readonly VectorTensor[],
  backend: Backend,
): Promise<readonly VectorTensor[]> {
  return K.function(inputs, outputs, { backend })([...feeds]);
}

async function runForward(
  file: VectorFile,
  of: VectorCase,
  built: Built,
  backend: Backend,
): Promise<Finding> {
  try {
    const [got] = await evaluate(built.placeholders, [built.output], built.feeds, backend);
    return judge([compared("output", file, of, got!, of.output, false)]);
  } catch (error) {
    return failed(describe(error));
  }
}

/** Gradients that must not exist are checked before anything runs. */
async function runGradient(
  file: VectorFile,
  of: VectorCase,
  built: Built,
  gradient: NonNullable<VectorCase["gradient"]>,
  backend: Backend,
): Promise<Finding> {
  try {
    const { seed, gradients } = buildGradients(built, gradient.cotangent);
    const problems: string[] = [];
    const wanted: { tensor: Tensor; expected: Expected; name: string }[] = [];
    for (const [i, tensor] of gradients.entries()) {
      const expected = gradient.inputs[i] ?? null;
      const name = `gradient of input ${i}`;
      if (tensor && expected) wanted.push({ tensor, expected, name });
      else if (tensor) problems.push(`${name} is a tensor, expected null`);
      else if (expected) problems.push(`${name} is null`);
    }
    if (problems.length > 0 || wanted.length === 0) return { problems, worstUlp: 0 };
    const got = await evaluate(
      [...built.placeholders, seed],
      wanted.map(({ tensor }) => tensor),
      [...built.feeds, gradient.cotangent],
      backend,
    );
    return judge(wanted.map(({ expected, name }, i) => compared(name, file, of, got[i]!, expected, true)));
  } catch (error) {
    return failed(describe(error));
  }
}

function compared(
  name: string,
  file: VectorFile,
  of: VectorCase,
  got: VectorTensor,
  expected: Expected,
  isGradient: boolean,
): { readonly name: string; readonly comparison: Comparison } {
  const rules = {
    tolerance: isGradient ? file.gradientTolerance : file.tolerance,
    length: of.length,
    signedZero: of.signedZero && !isGradient,
  };
  return { name, comparison: compare(got, expected, rules) };
}

function judge(all: readonly ReturnType<typeof compared>[]): Finding {
  const problems = all.flatMap(({ name, comparison: { difference } }) =>
    difference ? [`${name}: ${difference.message}`] : [],
  );
  return { problems, worstUlp: Math.max(0, ...all.map(({ comparison }) => comparison.worstUlp)) };
}
