import type { Step } from "@polykeras/core";
import { exp, expm1, horner, log, log1p, tanh } from "./exponential.ts";
import { isNaN, literal, truth } from "./literal.ts";
import { power } from "./power.ts";
import { cos, sin } from "./trigonometry.ts";
import type { Inline, Writer } from "./writer.ts";

/** Writes one element of the result from those of the operands, which are names or literals. */
type Rule = (writer: Writer, operands: readonly string[], step: Step) => string;

/** A single expression. */
const expression =
  (f: (x: string, y: string, z: string) => string): Rule =>
  (writer, [x, y, z]) =>
    writer.constant(f(x!, y ?? "", z ?? ""));

/** A function of the language where that is exact, else one made here. */
const precise =
  (name: string, made: (writer: Writer, x: string) => string): Rule =>
  (writer, [x]) =>
    writer.isExact ? writer.constant(`Math.${name}(${x})`) : made(writer, x!);

/** `first`, replaced in turn where the conditions hold. */
function choose(
  writer: Writer,
  first: string,
  ...cases: readonly (readonly [condition: string, value: string])[]
): string {
  const result = writer.variable(first);
  for (const [condition, value] of cases) writer.replace(result, condition, value);
  return result;
}

const extremum =
  (beats: ">" | "<"): Rule =>
  (writer, [x, y]) =>
    choose(writer, x!, [`${y}${beats}${x}`, y!], ...(isNumber(y!) ? [] : [[isNaN(y!), y!] as const]));

/** True for a literal, which is no NaN. */
function isNumber(operand: string): boolean {
  return /^-?[\d.e+-]+$/.test(operand);
}

/**
 * The remainder, without rounding: by y times 2^192, then by y times 2^96, then by y, as no quotient fits into a float.
 * Each turn takes away the leading bits of the quotient times the modulus, whose product is made exact by splitting both
 * (Dekker, 1971), of numbers scaled down where splitting would overflow.
 */
const mod: Rule = (writer, [x, y]) => {
  const halves = (of: string): [string, string] => {
    const wide = writer.constant(`4097*${of}`);
    const high = writer.constant(`${wide}-(${wide}-${of})`);
    return [high, writer.constant(`${of}-${high}`)];
  };
  const raise = literal(2 ** 96);
  const rest = writer.variable(x!);
  const factor = writer.variable(raise);
  writer.loop(3, (stage) => {
    writer.line(`if (${stage}==2) { ${factor} = 1; }`);
    const down = writer.constant(`(Math.abs(${rest})>${literal(2 ** 100)})?${literal(2 ** -40)}:1`);
    const raised = writer.constant(`${y}*${factor}`);
    const modulus = writer.constant(`((${stage}==0)?${raised}*${raise}:${raised})*${down}`);
    const [modulusHigh, modulusLow] = halves(modulus);
    const part = writer.variable(`${rest}*${down}`);
    writer.loop(5, () => {
      const inside = `Math.abs(${part})>=Math.abs(${modulus})&&Math.abs(${modulus})<${writer.literal(Infinity)}`;
      const ratio = writer.constant(`${part}/${modulus}`);
      const quotient = writer.constant(`(${ratio}<0)?Math.ceil(${ratio}):Math.floor(${ratio})`);
      const [high, low] = halves(quotient);
      const product = writer.constant(`${quotient}*${modulus}`);
      const cross = `((${high}*${modulusHigh}-${product})+${high}*${modulusLow}+${low}*${modulusHigh})+${low}*${modulusLow}`;
      const error = writer.constant(cross);
      writer.line(`if (${inside}) { ${part} = (${part}-${product})-${error}; }`);
    });
    writer.line(`${rest} = ${part}/${down};`);
  });
  const differ = `(${rest}<0&&${y}>0)||(${rest}>0&&${y}<0)`;
  const whole = choose(writer, rest, [differ, `${rest}+${y}`]);
  // Nothing is left of an infinity, and nothing but NaN divides by NaN or 0.
  const none = `Math.abs(${x})==${writer.literal(Infinity)}||${isNaN(y!)}||${y}==0`;
  return choose(writer, whole, [none, writer.literal(Number.NaN)]);
};

const int32Limit = 2 ** 31;

const rules: Readonly<Record<string, Rule>> = {
  copy: (_writer, [x]) => x!,
  negative: expression((x) => `-${x}`),
  abs: expression((x) => `Math.abs(${x})`),
  // -0 + 0 is 0.
  sign: (writer, [x]) => choose(writer, `${x}+0`, [`${x}>0`, "1"], [`${x}<0`, "-1"]),
  floor: expression((x) => `Math.floor(${x})`),
  round: (writer, [x]) => {
    const below = writer.constant(`Math.floor(${x})`);
    const rest = writer.constant(`${x}-${below}`);
    const half = writer.constant(`${below}*0.5`);
    const odd = `${rest}==0.5&&Math.floor(${half})!=${half}`;
    return choose(writer, below, [`${rest}>0.5`, `${below}+1`], [odd, `${below}+1`]);
  },
  exp: precise("exp", exp),
  expm1: precise("expm1", expm1),
  log: precise("log", log),
  log1p: precise("log1p", log1p),
  sqrt: expression((x) => `Math.sqrt(${x})`),
  sin: precise("sin", sin),
  cos: precise("cos", cos),
  tanh: precise("tanh", tanh),
  erf: (writer, [x]) => {
    const square = writer.constant(`${x}*${x}`);
    const near = writer.constant(`${x}*${horner(erfNear, square)}`);
    const t = writer.constant(`1/(1+0.3275911*Math.abs(${x}))`);
    const tail = writer.isExact ? `Math.exp(-${square})` : exp(writer, writer.constant(`-${square}`));
    const far = writer.constant(`1-${t}*${horner(erfFar, t)}*${tail}`);
    return choose(writer, far, [`${x}<0`, `-${far}`], [`Math.abs(${x})<1`, near], [isNaN(x!), x!]);
  },

  add: expression((x, y) => `${x}+${y}`),
  subtract: expression((x, y) => `${x}-${y}`),
  multiply: expression((x, y) => `${x}*${y}`),
  divide: expression((x, y) => `${x}/${y}`),
  floorDivide: (writer, [x, y]) => {
    const below = writer.constant(`Math.floor(${x}/${y})`);
    // A division that rounds the wrong way must not lose a whole quotient.
    return writer.isExact ? below : choose(writer, below, [`(${below}+1)*${y}==${x}`, `${below}+1`]);
  },
  mod,
  // In JavaScript 1 to the power NaN and -1 to an infinite one are NaN.
  power: (writer, [x, y]) =>
    writer.isExact
      ? choose(
          writer,
          `Math.pow(${x},${y})`,
          [`${x}==1`, "1"],
          [`${x}==(-1)&&Math.abs(${y})==${literal(Infinity)}`, "1"],
        )
      : power(writer, x!, y!),
  maximum: extremum(">"),
  minimum: extremum("<"),
  equal: expression((x, y) => truth(`${x}==${y}`)),
  less: expression((x, y) => truth(`${x}<${y}`)),
  lessEqual: expression((x, y) => truth(`${x}<=${y}`)),
  where: (writer, [condition, x, y]) => choose(writer, y!, [`${condition}>0`, x!]),
  cast: (writer, [x], { attributes }) => {
    const { dtype } = attributes;
    if (dtype === "bool") return writer.constant(`((${x}==0)?0:1)`);
    if (dtype !== "int32") return x!;
    const inside = `(${x}>=${-int32Limit}&&${x}<${int32Limit})`;
    const whole = `((${x}<0)?Math.ceil(${x}):Math.floor(${x}))`;
    return choose(writer, `(${-int32Limit})`, [inside, whole]);
  },
};

/** Polynomials, highest power first: erf x / x in x^2 below 1 (fitted), and Abramowitz and Stegun 7.1.26. */
const erfNear = [
  7.853861353153693e-5, -8.010193625184903e-4, 5.188327685732524e-3, -2.685381193529856e-2,
  1.12835851486141848e-1, -3.7612625824233e-1, 1.12837916672671,
];
const erfFar = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];

/** Ops that compute element `i` from elements `i` of operands that broadcast. */
export const elementwise: ReadonlyMap<string, Inline> = new Map(
  Object.entries(rules).map(([op, rule]): [string, Inline] => [
    op,
    (writer, step, flat) => {
      const { shape } = writer.spec(step.outputs[0]!);
      return rule(
        writer,
        step.inputs.map((id) => writer.operand(id, shape, flat)),
        step,
      );
    },
  ]),
);
