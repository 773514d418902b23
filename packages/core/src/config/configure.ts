import { describe, quoteAll } from "./describe.ts";
import type { ConfigProblem } from "./errors.ts";
import { ConfigError } from "./errors.ts";
import type { Source } from "./source.ts";
import type { FallbackPolicy, Floatx, ImageDataFormat } from "./values.ts";
import * as values from "./values.ts";

/** What `configure` takes; what is left out stays as it is. */
export interface ConfigureOptions {
  /** A name, as in KERAS_BACKEND. */
  readonly backend?: string;
  readonly floatx?: Floatx;
  readonly epsilon?: number;
  readonly imageDataFormat?: ImageDataFormat;
  /** False silences the line on stderr that names the backend. */
  readonly notice?: boolean;
  readonly fallback?: FallbackPolicy;
}

type OptionName = keyof ConfigureOptions;
type OptionValue<Name extends OptionName> = NonNullable<ConfigureOptions[Name]>;

interface Rule<T> {
  readonly allowed: string;
  readonly is: (value: unknown) => value is T;
}

const rules: { readonly [Name in OptionName]-?: Rule<OptionValue<Name>> } = {
  backend: { allowed: "the name of a backend", is: isNonEmpty },
  floatx: { allowed: quoteAll(values.floatxValues), is: values.isFloatx },
  epsilon: { allowed: "a number", is: isNumber },
  imageDataFormat: { allowed: quoteAll(values.imageDataFormatValues), is: values.isImageDataFormat },
  notice: { allowed: "true, false", is: isBoolean },
  fallback: { allowed: quoteAll(values.fallbackValues), is: values.isFallbackPolicy },
};

/** Everything that is wrong with options for `configure`, unknown names included. */
export function faultsOf(options: unknown, source: Source): readonly ConfigProblem[] {
  if (typeof options !== "object" || options === null) {
    const allowed = 'an object, such as { backend: "cpu" }';
    return [{ field: "the argument", value: options, written: describe(options), allowed, source }];
  }
  return Object.entries(options).flatMap(([field, value]: [string, unknown]) => {
    const allowed = allowedFor(field, value);
    return allowed === undefined ? [] : [{ field, value, written: describe(value), allowed, source }];
  });
}

/** What the option takes if `value` does not fit it; undefined if it fits. */
function allowedFor(field: string, value: unknown): string | undefined {
  if (!isOptionName(field)) return `no option of this name; the options are ${Object.keys(rules).join(", ")}`;
  return value === undefined || rules[field].is(value) ? undefined : rules[field].allowed;
}

function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(rules, name);
}

/** A rule for one of K's setters, with the beginning of Keras 2.15's message. */
export interface SetterRule<T> extends Rule<T> {
  readonly field: string;
  readonly message: (value: string) => string;
}

export const floatxRule: SetterRule<Floatx> = {
  ...rules.floatx,
  field: "floatx",
  message: (value) => `Unknown \`floatx\` value: ${value}. Expected one of ${pythonSet(values.floatxValues)}`,
};

export const epsilonRule: SetterRule<number> = {
  ...rules.epsilon,
  field: "epsilon",
  message: (value) => `Unknown \`epsilon\` value: ${value}. Expected a number`,
};

export const imageDataFormatRule: SetterRule<ImageDataFormat> = {
  ...rules.imageDataFormat,
  field: "imageDataFormat",
  message: (value) => `Unknown data_format: ${value}`,
};

/** The value, if the rule takes it. Throws ConfigError. */
export function checkSetting<T>(rule: SetterRule<T>, value: unknown, source: Source): T {
  if (rule.is(value)) return value;
  const { field, allowed } = rule;
  const message = rule.message(typeof value === "string" ? value : describe(value));
  const problem = { field, value, written: describe(value), allowed, source };
  throw new ConfigError(message, [problem], "Correct the call; the setting is unchanged.");
}

function pythonSet(names: readonly string[]): string {
  return `{${names.map((name) => `'${name}'`).join(", ")}}`;
}

function isNonEmpty(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}
