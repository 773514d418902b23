import type { ConfigureOptions } from "./configure.ts";
import { checkSetting, epsilonRule, faultsOf, floatxRule, imageDataFormatRule } from "./configure.ts";
import { describe } from "./describe.ts";
import { ConfigError } from "./errors.ts";
import type { KerasFile } from "./keras-json.ts";
import type { Setting, Source } from "./source.ts";
import { codeSource } from "./source.ts";
import type { FallbackPolicy, Floatx, ImageDataFormat } from "./values.ts";

/** The settings that have a value and a source. */
export interface SettingValues {
  readonly backend: Setting<string>;
  readonly floatx: Setting<Floatx>;
  readonly epsilon: Setting<number>;
  readonly imageDataFormat: Setting<ImageDataFormat>;
  readonly notice: Setting<boolean>;
  readonly fallback: Setting<FallbackPolicy>;
}

/** Every setting with its source. Code changes them; nothing is ever written back to keras.json. */
export class Settings implements SettingValues {
  readonly file: KerasFile;
  #values: SettingValues;

  constructor(initial: SettingValues, file: KerasFile) {
    this.#values = initial;
    this.file = file;
  }

  get backend(): Setting<string> {
    return this.#values.backend;
  }
  get floatx(): Setting<Floatx> {
    return this.#values.floatx;
  }
  get epsilon(): Setting<number> {
    return this.#values.epsilon;
  }
  get imageDataFormat(): Setting<ImageDataFormat> {
    return this.#values.imageDataFormat;
  }
  get notice(): Setting<boolean> {
    return this.#values.notice;
  }
  get fallback(): Setting<FallbackPolicy> {
    return this.#values.fallback;
  }

  /** Records the backend that code chose, once it is in force. */
  setBackend(value: string, source: Source): void {
    this.#values = { ...this.#values, backend: { value, source } };
  }

  /** `at` is the user's file and line. Throws ConfigError beginning with Keras's message. */
  setFloatx(value: unknown, at?: string): void {
    const source = codeSource(`setFloatx(${describe(value)})`, at);
    this.#values = { ...this.#values, floatx: { value: checkSetting(floatxRule, value, source), source } };
  }

  /** Throws ConfigError for anything but a number. */
  setEpsilon(value: unknown, at?: string): void {
    const source = codeSource(`setEpsilon(${describe(value)})`, at);
    this.#values = { ...this.#values, epsilon: { value: checkSetting(epsilonRule, value, source), source } };
  }

  /** Throws ConfigError beginning with Keras's message. */
  setImageDataFormat(value: unknown, at?: string): void {
    const source = codeSource(`setImageDataFormat(${describe(value)})`, at);
    const imageDataFormat = { value: checkSetting(imageDataFormatRule, value, source), source };
    this.#values = { ...this.#values, imageDataFormat };
  }

  /** Checks all options before it sets any. Throws one ConfigError with every fault. */
  configure(options: ConfigureOptions, at?: string): void {
    const source = codeSource("configure()", at);
    const problems = faultsOf(options, source);
    if (problems.length > 0) {
      const remedy = "Correct the call; none of its options took effect.";
      throw new ConfigError("configure() was given what is not allowed:", problems, remedy);
    }
    const change = <T>(value: T | undefined, old: Setting<T>): Setting<T> =>
      value === undefined ? old : { value, source };
    const old = this.#values;
    this.#values = {
      backend: change(options.backend, old.backend),
      floatx: change(options.floatx, old.floatx),
      epsilon: change(options.epsilon, old.epsilon),
      imageDataFormat: change(options.imageDataFormat, old.imageDataFormat),
      notice: change(options.notice, old.notice),
      fallback: change(options.fallback, old.fallback),
    };
  }
}
