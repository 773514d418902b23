import { type Backend, type DType, findOp } from "@polykeras/core";
import { create } from "@polykeras/backend-reference";
import * as fc from "fast-check";
import { compare } from "../compare/compare.ts";
import { describeError, failed, judge, makeResult, nothingSeen, type Finding } from "../run/case.ts";
import { type Part, singlePart } from "../run/part.ts";
import type { Expected, VectorTensor } from "../vectors/format.ts";
import { type RandomCall, canRun, describeRandomCall, outputsOf, runCall, trueResult } from "./call.ts";
import type { Rule } from "./rule.ts";

export interface PropertyOptions {
  /** Random calls per op; none with 0. */
  readonly runs: number;
  /** Where they start; equal seeds give equal calls. */
  readonly seed: number;
  /** False draws no subnormal numbers of float32, for devices whose arithmetic takes them for 0. True by default. */
  readonly subnormals?: boolean;
}

/** No op takes longer; what was tried until then counts. */
const milliseconds = 60_000;

const truth: Backend = create();

/** Random calls of one op, compared with the reference engine; a failure is shown in its smallest form. */
export function propertyPart(op: string, rule: Rule, { runs, seed, subnormals }: PropertyOptions): Part {
  const name = `property/${op}`;
  return singlePart(name, 1, async ({ raw }) => {
    const refused = new Set<string>();
    let ran = 0;
    const dtypes = new Set<DType>();
    const attempt = async (drawn: Omit<RandomCall, "op">): Promise<Finding> => {
      const given = subnormals === false ? { ...drawn, inputs: drawn.inputs.map(normal) } : drawn;
      const whole = rule.complete ? await rule.complete(given, (call) => trueResult(truth, call)) : given;
      const call = { ...whole, op };
      const answer = canRun(raw, call);
      if (answer !== true) {
        refused.add(answer);
        return { problems: [], worstUlp: 0 };
      }
      ran++;
      dtypes.add(call.inputs[0]?.dtype ?? "float32");
      return judgeCall(raw, call, rule, await expectedOf(call, rule));
    };
    const found = await search(rule.given, attempt, { runs, seed });
    const about = {
      id: `${name}:own`,
      level: 1,
      function: "property",
      route: "own",
      dtype: dtypes.size === 1 ? [...dtypes][0]! : "float32",
      call: found.given ? describeRandomCall({ ...found.given, op }) : `${ran} random calls of ${op}`,
    } as const;
    const idle = ran === 0 && refused.size > 0;
    // A composite without a kernel of the engine's own is tested through its decomposition: there is nothing else.
    if (idle && findOp(op)?.category !== "primitive")
      return [{ ...makeResult(about, found.finding, nothingSeen), status: "same" }];
    // An engine that ran none of the calls itself has shown nothing.
    const elsewhere = new Map([...refused].map((reason) => [op, reason]));
    return [makeResult(about, found.finding, idle ? { own: new Set(), hosted: elsewhere } : nothingSeen)];
  });
}

/** Looks for a value with problems, and gives the smallest one with what is wrong about it. */
export async function search<T>(
  values: fc.Arbitrary<T>,
  attempt: (value: T) => Promise<Finding>,
  { runs, seed }: PropertyOptions,
): Promise<{ readonly given: T | null; readonly finding: Finding }> {
  let worstUlp = 0;
  let last: { value: T; finding: Finding } | null = null;
  const holds = fc.asyncProperty(values, async (value) => {
    const finding = await attempt(value).catch((error: unknown) => failed(describeError(error)));
    if (finding.problems.length === 0) worstUlp = Math.max(worstUlp, finding.worstUlp);
    else last = { value, finding };
    return finding.problems.length === 0;
  });
  const details = await fc.check(holds, { numRuns: runs, seed, interruptAfterTimeLimit: milliseconds });
  if (!details.failed || last === null) return { given: null, finding: { problems: [], worstUlp } };
  const smallest: { value: T; finding: Finding } = last;
  return { given: smallest.value, finding: smallest.finding };
}

/** What the reference engine gives, and for sums the same of all magnitudes as the scale. */
async function expectedOf(call: RandomCall, rule: Rule): Promise<readonly Expected[]> {
  const wanted = await trueResult(truth, call);
  if (!rule.terms) return wanted.map((tensor) => ({ tensor, scale: 0 }));
  const magnitudes = call.inputs.map(magnitude);
  const scales = await trueResult(truth, { ...call, inputs: magnitudes });
  return wanted.map((tensor, i) => ({ tensor, scale: Array.from(scales[i]!.data) }));
}

/** The tensor with zeros for its subnormal numbers. */
function normal(tensor: VectorTensor): VectorTensor {
  if (tensor.dtype !== "float32") return tensor;
  const isSubnormal = (value: number): boolean => value !== 0 && Math.abs(value) < 2 ** -126;
  return { ...tensor, data: tensor.data.map((value) => (isSubnormal(value) ? 0 : value)) };
}

function magnitude(tensor: VectorTensor): VectorTensor {
  return { ...tensor, data: tensor.data.map((value) => Math.abs(value)) };
}

async function judgeCall(
  backend: Backend,
  call: RandomCall,
  rule: Rule,
  expected: readonly Expected[],
): Promise<Finding> {
  const got = await runCall(backend, call);
  const rules = { tolerance: rule.tolerance, length: rule.terms?.(call) ?? 0, signedZero: false };
  const names = outputsOf(call).map((_, i) => (expected.length > 1 ? `output ${i}` : "output"));
  return judge(expected.map((one, i) => ({ name: names[i]!, comparison: compare(got[i]!, one, rules) })));
}
